// SPDX-License-Identifier: Apache-2.0

/// A moment in UTC as the texts of HTTP, mail and JSON have it. The calendar is Howard Hinnant's "chrono-compatible
/// low-level date algorithms"; there is no time zone and no library in it.
package struct UTCTime: Hashable, Sendable {
    package let secondsSince1970: Int64
    package let milliseconds: Int64

    package init(millisecondsSince1970 time: Int64) {
        let seconds = time >= 0 ? time / 1000 : -((-time + 999) / 1000)
        secondsSince1970 = seconds
        milliseconds = time - seconds * 1000
    }

    package var millisecondsSince1970: Int64 { secondsSince1970 * 1000 + milliseconds }

    /// RFC 3339 with milliseconds: `2026-11-26T01:02:03.456Z`.
    package var rfc3339: String {
        let (year, month, dayOfMonth) = date
        let day = "\(Self.padded(year, 4))-\(Self.padded(month))-\(Self.padded(dayOfMonth))"
        return "\(day)T\(clock).\(Self.padded(milliseconds, 3))Z"
    }

    /// RFC 5322, section 3.3: `Thu, 26 Nov 2026 01:02:03 +0000`.
    package var rfc5322: String { "\(dayAndDate) \(clock) +0000" }

    private var dayAndDate: String {
        let (year, month, day) = date
        let name = Self.days[Int((days % 7 + 11) % 7)]
        return "\(name), \(Self.padded(day)) \(Self.months[Int(month) - 1]) \(Self.padded(year, 4))"
    }

    private var days: Int64 {
        secondsSince1970 >= 0 ? secondsSince1970 / 86_400 : -((-secondsSince1970 + 86_399) / 86_400)
    }

    private var clock: String {
        let rest = secondsSince1970 - days * 86_400
        return "\(Self.padded(rest / 3600)):\(Self.padded(rest / 60 % 60)):\(Self.padded(rest % 60))"
    }

    private var date: (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    // MARK: Reading

    /// What HTTP servers send (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. Nil for anything else, also for the
    /// two forms that are obsolete.
    package init?(httpDate text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, words[5] == "GMT", words[0].count == 4, words[0].hasSuffix(","),
            let day = Self.number(words[1], 2), let month = Self.months.firstIndex(of: String(words[2])),
            let year = Self.number(words[3], 4)
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = Self.number(clock[0], 2), let minute = Self.number(clock[1], 2),
            let second = Self.number(clock[2], 2), hour < 24, minute < 60, second <= 60, (1...31).contains(day)
        else { return nil }
        let days = Self.daysSince1970(year, Int64(month) + 1, day)
        self.init(millisecondsSince1970: ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000)
    }

    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func number(_ text: Substring, _ digits: Int) -> Int64? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    private static func padded(_ number: Int64, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
