// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// A point in time as a file states it.
struct Moment: Equatable {
    var date: CivilDate
    /// Seconds after midnight; nil for a plain date.
    var seconds: Int?
    /// Seconds east of UTC; nil when the file names no zone.
    var offset: Int?

    /// Orders moments; exact when all or none have a zone.
    var instant: Int { date.ordinal * 86_400 + (seconds ?? 0) - (offset ?? 0) }

    var iso: String {
        guard let seconds else { return date.iso }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        guard let offset else { return "\(date.iso)T\(time)" }
        guard offset != 0 else { return "\(date.iso)T\(time)Z" }
        let minutes = abs(offset) / 60
        return "\(date.iso)T\(time)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }
}

/// Reads one date cell; what only the whole file can decide stays undecided.
enum DateText {
    enum Reading: Equatable {
        case exact(Moment)
        /// Two numbers that are day and month in one order or the other.
        case numeric(first: Int, second: Int, year: Int, isDotted: Bool, seconds: Int?, offset: Int?)
    }

    static func read(_ cell: String) -> Reading? {
        guard var tokens = DateTokens(cell) else { return nil }
        tokens.skipWeekday()
        guard let day = readDay(&tokens), let time = readTime(&tokens), tokens.isAtEnd else { return nil }
        switch day {
        case .exact(var moment):
            (moment.seconds, moment.offset) = (time.seconds, time.offset)
            return .exact(moment)
        case .numeric(let first, let second, let year, let isDotted, _, _):
            return .numeric(
                first: first, second: second, year: year, isDotted: isDotted, seconds: time.seconds, offset: time.offset
            )
        }
    }

    /// Unix seconds (10 digits) or milliseconds (13), for columns that are known to hold times.
    static func readEpoch(_ cell: String) -> Moment? {
        guard cell.utf8.count == 10 || cell.utf8.count == 13, let number = Int(cell), number > 0 else { return nil }
        let seconds = cell.utf8.count == 13 ? number / 1000 : number
        return CivilDate(ordinal: seconds / 86_400).map { Moment(date: $0, seconds: seconds % 86_400, offset: 0) }
    }

    /// A cell of its own column: `09:30`, `9:30 PM`, or digits such as `93000` that lost their leading zero.
    static func readTimeOfDay(_ cell: String) -> Int? {
        guard var tokens = DateTokens(cell) else { return nil }
        if case .number(let value, let digits) = tokens.peek(), tokens.count == 1 {
            return compactTime(value, digits: digits <= 4 ? 4 : 6)
        }
        guard let time = readTime(&tokens), tokens.isAtEnd else { return nil }
        return time.seconds
    }

    // MARK: Days

    private static func readDay(_ tokens: inout DateTokens) -> Reading? {
        if let month = tokens.takeMonth() { return readMonthFirst(month, &tokens) }
        guard let (value, digits) = tokens.takeNumber() else { return nil }
        switch digits {
        case 8: return exact(value / 10_000, value / 100 % 100, value % 100)
        case 4: return readYearFirst(value, &tokens)
        case 1, 2: return readDayOrMonthFirst(value, &tokens)
        default: return nil
        }
    }

    /// `Jan 3 2000`, `January 3, 2000`, `Jan 2000`.
    private static func readMonthFirst(_ month: Int, _ tokens: inout DateTokens) -> Reading? {
        tokens.skipSeparators()
        guard let (value, digits) = tokens.takeNumber() else { return nil }
        if digits == 4 { return exact(value, month, 1) }
        tokens.skipSeparators()
        guard let (year, yearDigits) = tokens.takeNumber(), yearDigits == 4 else { return nil }
        return exact(year, month, value)
    }

    /// `2000-01-03`, `2000/1/3`, `2000-Jan-03`, `2000-01`.
    private static func readYearFirst(_ year: Int, _ tokens: inout DateTokens) -> Reading? {
        guard tokens.skipSeparators() else { return nil }
        if let month = tokens.takeMonth() {
            tokens.skipSeparators()
            return tokens.takeNumber().flatMap { exact(year, month, $0.value) }
        }
        guard let (month, digits) = tokens.takeNumber(), digits <= 2 else { return nil }
        guard !tokens.isAtEnd else { return exact(year, month, 1) }
        guard tokens.skipSeparators(), let (day, dayDigits) = tokens.takeNumber(), dayDigits <= 2 else { return nil }
        return exact(year, month, day)
    }

    /// `1/3/2000` in either order, `3 Jan 2000`, `03-Jan-00`, `3.1.2000`.
    private static func readDayOrMonthFirst(_ first: Int, _ tokens: inout DateTokens) -> Reading? {
        let isDotted = tokens.peek() == .mark(46)
        tokens.skipSeparators()
        if let month = tokens.takeMonth() {
            tokens.skipSeparators()
            return tokens.takeNumber().flatMap { year($0) }.flatMap { exact($0, month, first) }
        }
        guard let (second, digits) = tokens.takeNumber(), digits <= 2 else { return nil }
        guard tokens.skipSeparators(), let year = tokens.takeNumber().flatMap({ year($0) }) else { return nil }
        guard (1...31).contains(first), (1...31).contains(second) else { return nil }
        return .numeric(first: first, second: second, year: year, isDotted: isDotted, seconds: nil, offset: nil)
    }

    private static func exact(_ year: Int, _ month: Int, _ day: Int) -> Reading? {
        CivilDate(year: year, month: month, day: day).map { .exact(Moment(date: $0)) }
    }

    /// Two digits as POSIX strptime reads them: 69 to 99 are 19xx.
    private static func year(_ number: (value: Int, digits: Int)) -> Int? {
        switch number.digits {
        case 4: number.value
        case 2: number.value + (number.value >= 69 ? 1900 : 2000)
        default: nil
        }
    }

    // MARK: Times

    /// Nil means malformed; no time at all is a reading without seconds.
    private static func readTime(_ tokens: inout DateTokens) -> (seconds: Int?, offset: Int?)? {
        tokens.skipTimeMarker()
        guard !tokens.isAtEnd else { return (nil, nil) }
        guard let (hour, digits) = tokens.takeNumber() else { return nil }
        guard tokens.take(mark: 58) else {
            guard digits == 6 || digits == 4, let seconds = compactTime(hour, digits: digits) else { return nil }
            return (seconds, nil)
        }
        guard let (minute, _) = tokens.takeNumber() else { return nil }
        var second = 0
        if tokens.take(mark: 58) {
            guard let (value, _) = tokens.takeNumber() else { return nil }
            second = value
            if tokens.take(mark: 46) || tokens.take(mark: 44) { guard tokens.takeNumber() != nil else { return nil } }
        }
        guard let hour24 = tokens.takeHalfOfDay(hour), let seconds = clock(hour24, minute, second) else { return nil }
        guard let offset = tokens.takeZone() else { return nil }
        return (seconds, offset.seconds)
    }

    private static func compactTime(_ value: Int, digits: Int) -> Int? {
        digits == 4 ? clock(value / 100, value % 100, 0) : clock(value / 10_000, value / 100 % 100, value % 100)
    }

    /// A leap second counts as the last second of its minute.
    private static func clock(_ hour: Int, _ minute: Int, _ second: Int) -> Int? {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second) else { return nil }
        return hour * 3600 + minute * 60 + min(second, 59)
    }
}
