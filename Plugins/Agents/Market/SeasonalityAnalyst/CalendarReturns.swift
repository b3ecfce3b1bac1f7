// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// One price history as returns of days and of months, each with its place in the calendar.
struct CalendarReturns {
    struct Day {
        let date: CivilDate
        let value: Double
        /// Trading days since the month began, from 1; absent in a first month that may have begun before the file.
        let fromStart: Int?
        /// Trading days until the month ends, 1 for its last; absent where the end is not known.
        let fromEnd: Int?
    }

    struct Month {
        /// 1 is January.
        let month: Int
        let value: Double
    }

    /// Empty unless bars are daily or shorter.
    let days: [Day]
    let months: [Month]
    let last: CivilDate?

    /// The last price of each day of the calendar: bars within a day become one.
    init(_ returns: Returns, interval: String) {
        var closes: [(date: CivilDate, price: Double)] = []
        for (text, price) in zip(returns.date, returns.prices) {
            guard let date = CivilDate(iso: text) else { continue }
            if closes.last?.date == date { closes.removeLast() }
            closes.append((date, price))
        }
        last = closes.last?.date
        let longerThanDays = ["weekly", "monthly", "quarterly", "yearly", "irregular", "single"].contains(interval)
        days = longerThanDays ? [] : Self.days(closes)
        months = ["quarterly", "yearly"].contains(interval) ? [] : Self.months(closes, interval)
    }

    private static func number(_ date: CivilDate) -> Int { date.year * 12 + date.month - 1 }

    private static func days(_ closes: [(date: CivilDate, price: Double)]) -> [Day] {
        guard let first = closes.first?.date, let last = closes.last?.date else { return [] }
        var fromStart: [Int?] = []
        for (index, close) in closes.enumerated() {
            guard number(close.date) != number(first) else {
                fromStart.append(nil)
                continue
            }
            let isFirst = number(close.date) != number(closes[index - 1].date)
            fromStart.append(isFirst ? 1 : fromStart[index - 1].map { $0 + 1 })
        }
        var fromEnd = [Int?](repeating: nil, count: closes.count)
        for index in closes.indices.reversed() {
            guard number(closes[index].date) != number(last) || isOver(last) else { continue }
            let isLast = index + 1 == closes.count || number(closes[index + 1].date) != number(closes[index].date)
            fromEnd[index] = isLast ? 1 : fromEnd[index + 1].map { $0 + 1 }
        }
        return closes.indices.dropFirst().map { index in
            Day(
                date: closes[index].date, value: closes[index].price / closes[index - 1].price - 1,
                fromStart: fromStart[index], fromEnd: fromEnd[index])
        }
    }

    /// From the last price of one month to the last of the next; a month after a missing one has no return. The newest
    /// month counts when no weekday is left in it.
    private static func months(_ closes: [(date: CivilDate, price: Double)], _ interval: String) -> [Month] {
        var ends: [(date: CivilDate, price: Double)] = []
        for close in closes {
            if let last = ends.last, number(last.date) == number(close.date) { ends.removeLast() }
            ends.append(close)
        }
        // A monthly bar is its month, whatever day it is dated.
        if interval != "monthly", let last = ends.last, !isOver(last.date) { ends.removeLast() }
        return zip(ends, ends.dropFirst()).compactMap { before, after in
            guard number(after.date) == number(before.date) + 1 else { return nil }
            return Month(month: after.date.month, value: after.price / before.price - 1)
        }
    }

    /// Whether no weekday follows in the same month.
    private static func isOver(_ date: CivilDate) -> Bool {
        for days in 1...3 {
            guard let next = CivilDate(ordinal: date.ordinal + days), number(next) == number(date) else { return true }
            if !next.isWeekend { return false }
        }
        return false
    }
}
