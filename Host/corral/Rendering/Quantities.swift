// SPDX-License-Identifier: Apache-2.0
// Quantities: durations, times and sizes as people read them, in as few characters as say it.

enum Quantity {
    /// `0`, `850 µs`, `12.3 ms`, `1.24 s`, `2m 05s`, `1h 02m`.
    static func duration(_ nanoseconds: Int64) -> String {
        let value = Double(max(0, nanoseconds))
        switch value {
        case 0: return "0 ms"
        case ..<999_500: return "\(Int((value / 1e3).rounded())) µs"
        case ..<99_950_000: return "\(fixed(value / 1e6, 1)) ms"
        case ..<999_500_000: return "\(Int((value / 1e6).rounded())) ms"
        case ..<59_995_000_000: return "\(fixed(value / 1e9, 2)) s"
        default: return long(Int64((value / 1e9).rounded()))
        }
    }

    static func duration(_ duration: Duration) -> String {
        let parts = duration.components
        return self.duration(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }

    static func duration(since start: ContinuousClock.Instant) -> String { duration(start.duration(to: .now)) }

    private static func long(_ seconds: Int64) -> String {
        if seconds < 3600 { return "\(seconds / 60)m \(twoDigits(seconds % 60))s" }
        if seconds < 86_400 { return "\(seconds / 3600)h \(twoDigits(seconds % 3600 / 60))m" }
        return "\(seconds / 86_400)d \(twoDigits(seconds % 86_400 / 3600))h"
    }

    /// `512 B`, `4.2 KiB`, `1.0 GiB`.
    static func bytes(_ count: Int64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB"]
        guard count >= 1024 else { return "\(max(0, count)) B" }
        var value = Double(count) / 1024
        var unit = 0
        while value >= 1023.95, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(fixed(value, 1)) \(units[unit])"
    }

    /// `2026-11-24 03:10:11` in a zone that is so many seconds east of UTC.
    static func time(_ nanoseconds: Int64, zoneSeconds: Int) -> String {
        let seconds = floorDivide(nanoseconds, 1_000_000_000) + Int64(zoneSeconds)
        let days = floorDivide(seconds, 86_400)
        let second = seconds - days * 86_400
        let date = civil(days)
        return "\(fourDigits(date.year))-\(twoDigits(date.month))-\(twoDigits(date.day)) "
            + "\(twoDigits(second / 3600)):\(twoDigits(second % 3600 / 60)):\(twoDigits(second % 60))"
    }

    /// Days since 1970-01-01 → date in the Gregorian calendar, by eras of 400 years that start on 1 March.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a / b - (a % b < 0 ? 1 : 0) }

    static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = digits == 1 ? 10.0 : 100.0
        let scaled = Int64((value * scale).rounded())
        let whole = scaled / Int64(scale)
        let rest = scaled % Int64(scale)
        return "\(whole)." + (digits == 1 ? "\(rest)" : twoDigits(rest))
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    private static func fourDigits(_ number: Int64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }
}
