// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Whether 3/4/2024 is March 4 or April 3: decided once per file, from all of its dates, and said in the report.
package struct DateOrder: Sendable, Equatable {
    package enum Choice: String, Codable, CaseIterable, Sendable {
        case monthFirst = "month_first"
        case dayFirst = "day_first"
    }

    let choice: Choice
    let reason: String

    /// Evidence in order of weight: the caller's word; a number above 12; which reading puts the rows in order; custom.
    static func decide(_ readings: [DateText.Reading], asked: Choice?) -> DateOrder {
        let pairs = readings.compactMap { reading -> (Int, Int, Bool)? in
            guard case .numeric(let first, let second, _, let isDotted, _, _) = reading else { return nil }
            return (first, second, isDotted)
        }
        if let asked { return DateOrder(choice: asked, reason: "Dates were read \(asked.words), as asked.") }
        guard let sample = pairs.first else { return DateOrder(choice: .monthFirst, reason: "Dates are unambiguous.") }
        let dayFirst = pairs.count { $0.0 > 12 }
        let monthFirst = pairs.count { $0.1 > 12 }
        if dayFirst != monthFirst {
            let choice: Choice = dayFirst > monthFirst ? .dayFirst : .monthFirst
            let proof = Figures.count(max(dayFirst, monthFirst), "date")
            let verb = max(dayFirst, monthFirst) == 1 ? "proves" : "prove"
            let against =
                min(dayFirst, monthFirst) > 0 ? ", \(Figures.grouped(min(dayFirst, monthFirst))) contradict" : ""
            return DateOrder(choice: choice, reason: "Dates were read \(choice.words): \(proof) \(verb) it\(against).")
        }
        return byOrder(readings) ?? byCustom(isDotted: sample.2)
    }

    /// Rows are nearly always sorted; the wrong reading of a sorted file jumps back and forth.
    private static func byOrder(_ readings: [DateText.Reading]) -> DateOrder? {
        let turns = [Choice.monthFirst, .dayFirst].map { choice in
            var rising = 0
            var falling = 0
            var previous: Int?
            for reading in readings {
                guard let instant = DateOrder(choice: choice, reason: "").resolve(reading)?.instant else { continue }
                if let previous, instant < previous { falling += 1 }
                if let previous, instant > previous { rising += 1 }
                previous = instant
            }
            return min(rising, falling)
        }
        guard turns[0] != turns[1] else { return nil }
        let choice: Choice = turns[0] < turns[1] ? .monthFirst : .dayFirst
        return DateOrder(
            choice: choice, reason: "Dates were read \(choice.words): no date proves it, but so the rows are in order.")
    }

    private static func byCustom(isDotted: Bool) -> DateOrder {
        let choice: Choice = isDotted ? .dayFirst : .monthFirst
        return DateOrder(
            choice: choice,
            reason:
                "Dates were read \(choice.words) by custom; nothing in the file proves it. Set date_order to be sure.")
    }

    func resolve(_ reading: DateText.Reading) -> Moment? {
        switch reading {
        case .exact(let moment): return moment
        case .numeric(let first, let second, let year, _, let seconds, let offset):
            let (month, day) = choice == .monthFirst ? (first, second) : (second, first)
            return CivilDate(year: year, month: month, day: day).map {
                Moment(date: $0, seconds: seconds, offset: offset)
            }
        }
    }
}

extension DateOrder.Choice {
    var words: String { self == .monthFirst ? "month first" : "day first" }
}
