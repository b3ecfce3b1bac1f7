// SPDX-License-Identifier: Apache-2.0
// CELTime: timestamps and durations without a clock or a time-zone database: RFC 3339 texts, Go-like durations and the
// proleptic Gregorian calendar (days from civil date after Howard Hinnant's "chrono-compatible low-level date algorithms").

import CorralBase

/// A point in time from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
package struct CELTimestamp: Sendable, Hashable, Comparable {
    package let seconds: Int64
    package let nanoseconds: Int64

    static let secondsRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    init?(seconds: Int64, nanoseconds: Int64 = 0) {
        guard Self.secondsRange.contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else { return nil }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static func < (a: CELTimestamp, b: CELTimestamp) -> Bool {
        (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
    }

    func adding(_ duration: CELDuration) -> CELTimestamp? {
        var (whole, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        rest += nanoseconds
        if rest < 0 { (whole, rest) = (whole - 1, rest + 1_000_000_000) }
        if rest >= 1_000_000_000 { (whole, rest) = (whole + 1, rest - 1_000_000_000) }
        return CELTimestamp(seconds: seconds + whole, nanoseconds: rest)
    }

    func since(_ other: CELTimestamp) -> CELDuration? {
        let (scaled, overflow) = (seconds - other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = scaled.addingReportingOverflow(nanoseconds - other.nanoseconds)
        return overflow || carry ? nil : CELDuration(nanoseconds: sum)
    }

    /// The fields of the date and time at an offset from UTC, in seconds.
    func civil(offset: Int64) -> CivilTime { CivilTime(seconds: seconds + offset, nanoseconds: nanoseconds) }

    package var text: String {
        let time = civil(offset: 0)
        return padded(time.year, 4) + "-" + padded(time.month, 2) + "-" + padded(time.day, 2) + "T"
            + padded(time.hour, 2) + ":" + padded(time.minute, 2) + ":" + padded(time.second, 2)
            + fractionText(nanoseconds) + "Z"
    }
}

/// A length of time, signed, up to about 292 years.
package struct CELDuration: Sendable, Hashable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (a: CELDuration, b: CELDuration) -> Bool { a.nanoseconds < b.nanoseconds }

    /// A number of units in a row: `1h30m`, `500ms`, `-1.5s`. Units: h, m, s, ms, us, µs, ns. `0` needs none.
    package init?(_ text: String) {
        var rest = Substring(text).unicodeScalars
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        if rest.elementsEqual("0".unicodeScalars) {
            self.init(nanoseconds: 0)
            return
        }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = takeUnit(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        }
        self.init(nanoseconds: isNegative ? -total : total)
    }

    /// Seconds with up to nine decimals and an `s`, the JSON form of a protobuf Duration.
    package var text: String {
        let (whole, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        return (nanoseconds < 0 ? "-" : "") + String(whole) + fractionText(Int64(rest)) + "s"
    }
}

struct CivilTime {
    let year, month, day, dayOfYear, dayOfWeek, hour, minute, second, millisecond: Int64

    init(seconds: Int64, nanoseconds: Int64) {
        let days = floorDivide(seconds, 86_400)
        let inDay = seconds - days * 86_400
        (year, month, day) = civilDate(daysSince1970: days)
        dayOfYear = days - daysSince1970(year, 1, 1)
        dayOfWeek = (days % 7 + 11) % 7
        (hour, minute, second) = (inDay / 3600, inDay / 60 % 60, inDay % 60)
        millisecond = nanoseconds / 1_000_000
    }
}

extension CELTimestamp {
    /// RFC 3339: `2026-11-24T05:30:00Z`, `…00.25+02:00`.
    package init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T") || scanner.take("t"), let hour = scanner.number(2),
            scanner.take(":"), let minute = scanner.number(2), scanner.take(":"), let second = scanner.number(2),
            let fraction = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd,
            year >= 1, hour < 24, minute < 60, second < 60, (1...12).contains(month),
            (1...daysInMonth(year, month)).contains(day)
        else { return nil }
        let days = daysSince1970(year, month, day)
        self.init(seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanoseconds: fraction)
    }
}

/// `UTC`, `Z` or `+hh:mm`: seconds east of UTC. Names such as Europe/Vienna need a database that the host does not read.
func fixedOffset(_ zone: String) -> Int64? {
    if zone == "UTC" || zone == "Z" { return 0 }
    var scanner = DigitScanner(zone)
    guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
    return offset
}

private struct DigitScanner {
    var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ letter: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, UInt32(byte) == letter.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ digits: Int) -> Int64? {
        let part = rest.prefix(digits)
        guard part.count == digits, part.allSatisfy(isDigit) else { return nil }
        rest = rest.dropFirst(digits)
        return part.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    /// Nanoseconds after a point, at most nine digits; zero without a point.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        let part = rest.prefix(while: isDigit)
        guard (1...9).contains(part.count) else { return nil }
        rest = rest.dropFirst(part.count)
        let value = part.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
        return (part.count..<9).reduce(value) { value, _ in value * 10 }
    }

    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60 else { return nil }
        return sign * (hour * 3600 + minute * 60)
    }
}

private func takeUnit(_ rest: inout Substring.UnicodeScalarView) -> Int64? {
    let whole = rest.prefix(while: isDigit)
    rest = rest[whole.endIndex...]
    var fraction = rest[rest.startIndex..<rest.startIndex]
    if rest.first == "." {
        rest.removeFirst()
        fraction = rest.prefix(while: isDigit)
        rest = rest[fraction.endIndex...]
    }
    guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
    let unit = rest.prefix { !isDigit($0) && $0 != "." }
    rest = rest[unit.endIndex...]
    guard let size = unitNanoseconds[String(unit)], let count = whole.isEmpty ? 0 : Int64(String(whole)) else {
        return nil
    }
    let (scaled, overflow) = count.multipliedReportingOverflow(by: size)
    // At most 18 digits matter; the product stays in range because the fraction is below one unit.
    let part = fraction.isEmpty ? 0 : Int64((Double("0." + String(fraction)) ?? 0) * Double(size))
    let (sum, carry) = scaled.addingReportingOverflow(part)
    return overflow || carry ? nil : sum
}

private let unitNanoseconds: [String: Int64] = [
    "h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "us": 1000, "µs": 1000,
    "μs": 1000, "ns": 1,
]

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

/// Nothing, or a point and three, six or nine digits.
private func fractionText(_ nanoseconds: Int64) -> String {
    guard nanoseconds != 0 else { return "" }
    if nanoseconds % 1_000_000 == 0 { return "." + padded(nanoseconds / 1_000_000, 3) }
    if nanoseconds % 1000 == 0 { return "." + padded(nanoseconds / 1000, 6) }
    return "." + padded(nanoseconds, 9)
}

private func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : -((-a + b - 1) / b) }

private func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
}

private func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
}

private func civilDate(daysSince1970 days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}
