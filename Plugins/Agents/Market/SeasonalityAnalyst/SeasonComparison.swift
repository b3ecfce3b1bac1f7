// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Tests each season against the rest of its family, then corrects all tests together: they were all asked of one
/// history, so they count as one question.
struct SeasonComparison {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    private let parameters: SeasonalityParameters
    private var families: [SeasonalityReport.Family] = []
    private(set) var absences: [String] = []

    init(_ parameters: SeasonalityParameters) { self.parameters = parameters }

    mutating func months(_ calendar: CalendarReturns, interval: String) {
        guard !["quarterly", "yearly"].contains(interval) else {
            absences.append("months: \(interval) bars have none")
            return
        }
        let seasons = Self.months.enumerated().map { index, name in
            (name, { (place: Int) in calendar.months[place].month == index + 1 })
        }
        compare("month", unit: "month", calendar.months.map(\.value), seasons)
    }

    mutating func days(_ calendar: CalendarReturns, interval: String) {
        guard !calendar.days.isEmpty else {
            absences.append("weekdays, turn of month: they take daily bars, these are \(interval)")
            return
        }
        let values = calendar.days.map(\.value)
        let weekdays = Self.weekdays.enumerated().map { index, name in
            (name, { (place: Int) in calendar.days[place].date.weekday == index })
        }.filter { season in calendar.days.indices.contains { season.1($0) } }
        compare("weekday", unit: "day", values, weekdays)
        turnOfMonth(calendar)
    }

    /// R. Ariel, "A monthly effect in stock returns", Journal of Financial Economics, 1987; J. Lakonishok and S. Smidt,
    /// "Are Seasonal Anomalies Real? A Ninety-Year Perspective", Review of Financial Studies, 1988. Days whose place in
    /// their month is not known are left out.
    private mutating func turnOfMonth(_ calendar: CalendarReturns) {
        let (before, after) = (parameters.turnBefore, parameters.turnAfter)
        let known = calendar.days.filter { day in
            (day.fromStart != nil || after == 0 || (day.fromEnd ?? .max) <= before)
                && (day.fromEnd != nil || before == 0 || (day.fromStart ?? .max) <= after)
        }
        let name = "turn of the month (last \(before) and first \(after) trading days)"
        compare(
            "turn_of_month", unit: "day", known.map(\.value),
            [(name, { (known[$0].fromEnd ?? .max) <= before || (known[$0].fromStart ?? .max) <= after })])
    }

    private mutating func compare(
        _ family: String, unit: String, _ values: [Double], _ seasons: [(name: String, contains: (Int) -> Bool)]
    ) {
        var effects: [SeasonalityReport.Effect] = []
        var few: [String] = []
        var still: [String] = []
        for season in seasons {
            let own = values.indices.filter { season.contains($0) }.map { values[$0] }
            let rest = values.indices.filter { !season.contains($0) }.map { values[$0] }
            guard own.count >= parameters.observationsMin, rest.count >= parameters.observationsMin else {
                few.append("\(season.name) (\(Figures.count(min(own.count, rest.count), "return")))")
                continue
            }
            guard let test = WelchTest(own, rest, level: parameters.level) else {
                still.append(season.name)
                continue
            }
            effects.append(
                SeasonalityReport.Effect(
                    name: season.name, count: own.count, mean: Moments.mean(own), restMean: Moments.mean(rest),
                    difference: test.difference, low: test.low, high: test.high, t: test.t, degrees: test.degrees,
                    p: test.p, holm: 1, benjaminiHochberg: 1, isSignificant: false))
        }
        if !few.isEmpty {
            let which =
                few.count == seasons.count ? "all seasons of the \(Self.words(family))" : few.joined(separator: ", ")
            absences.append("\(which): fewer than \(parameters.observationsMin) returns")
        }
        if !still.isEmpty { absences.append("\(Self.words(family)): prices never moved differently") }
        if !effects.isEmpty {
            families.append(SeasonalityReport.Family(name: family, unit: unit, effects: effects))
        }
    }

    private static func words(_ family: String) -> String {
        switch family {
        case "turn_of_month": "turn of the month"
        case "weekday": "week"
        default: "year"
        }
    }

    func corrected() -> [SeasonalityReport.Family] {
        let p = families.flatMap(\.effects).map(\.p)
        let holm = MultipleTesting.holm(p)
        let discovery = MultipleTesting.benjaminiHochberg(p)
        var place = 0
        return families.map { family in
            var family = family
            for index in family.effects.indices {
                family.effects[index].holm = holm[place]
                family.effects[index].benjaminiHochberg = discovery[place]
                family.effects[index].isSignificant = holm[place] < 1 - parameters.level
                place += 1
            }
            return family
        }
    }
}
