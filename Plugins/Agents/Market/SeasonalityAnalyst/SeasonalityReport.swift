// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// How returns differ between seasons, and whether that is more than chance. Ratios, not per cent.
package struct SeasonalityReport: Codable, Sendable, Equatable {
    /// One season against all others of its family.
    package struct Effect: Codable, Sendable, Equatable {
        package var name: String
        package var count: Int
        package var mean: Double
        /// Of the returns outside the season.
        package var restMean: Double
        package var difference: Double
        /// Confidence interval of the difference, before any correction.
        package var low: Double
        package var high: Double
        package var t: Double
        package var degrees: Double
        package var p: Double
        /// p after correction for all tests of this report.
        package var holm: Double
        package var benjaminiHochberg: Double
        /// By Holm.
        package var isSignificant: Bool

        enum CodingKeys: String, CodingKey {
            case name, count, mean, difference, low, high, t, degrees, p, holm
            case restMean = "rest_mean"
            case benjaminiHochberg = "benjamini_hochberg"
            case isSignificant = "is_significant"
        }
    }

    package struct Family: Codable, Sendable, Equatable {
        /// `month`, `weekday` or `turn_of_month`.
        package var name: String
        /// What one return is: `month` or `day`.
        package var unit: String
        package var effects: [Effect]
    }

    package var symbol: String
    package var asOf: String
    package var interval: String
    package var basis: Returns.Basis
    package var parameters: SeasonalityParameters
    package var families: [Family]
    /// How many hypotheses were tested together.
    package var tests: Int
    /// Names of the effects that hold after Holm's correction.
    package var significant: [String]
    /// Names of those that hold only by the weaker false discovery rate.
    package var suspected: [String]
    /// The month that the next bar falls into, and its effect.
    package var nextMonth: String?
    package var absences: [String]
    /// 0 to 1: how much history the tests rest on.
    package var confidence: Double
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case symbol, interval, basis, parameters, families, tests, significant, suspected, absences, confidence, summary
        case asOf = "as_of"
        case nextMonth = "next_month"
    }
}

extension SeasonalityReport {
    /// - Throws: `DataFault` when the bars or the parameters cannot be used. Too few bars are no fault.
    package static func compare(_ bars: Bars, parameters: SeasonalityParameters) throws -> SeasonalityReport {
        if let flaw = bars.flaw { throw SeasonalityAnalystErrors.bars(flaw) }
        try parameters.check()
        let returns = Returns(bars)
        let calendar = CalendarReturns(returns, interval: bars.interval)
        var comparison = SeasonComparison(parameters)
        comparison.months(calendar, interval: bars.interval)
        comparison.days(calendar, interval: bars.interval)
        let families = comparison.corrected()
        let effects = families.flatMap(\.effects)
        let alpha = 1 - parameters.level
        var report = SeasonalityReport(
            symbol: bars.symbol, asOf: bars.date.last ?? "", interval: bars.interval, basis: returns.basis,
            parameters: parameters, families: families, tests: effects.count,
            significant: effects.filter(\.isSignificant).map(\.name),
            suspected: effects.filter { !$0.isSignificant && $0.benjaminiHochberg < alpha }.map(\.name),
            nextMonth: nextMonth(calendar.last, bars.interval), absences: comparison.absences,
            confidence: sureness(calendar), summary: "")
        report.summary = report.sentences()
        return report
    }

    /// Ten years are a full 1: ten returns a month. Less counts in proportion.
    private static func sureness(_ calendar: CalendarReturns) -> Double {
        (min(1, Double(calendar.months.count) / 120) * 100).rounded() / 100
    }

    /// The month of the next weekday; after a monthly bar, the next month.
    private static func nextMonth(_ last: CivilDate?, _ interval: String) -> String? {
        guard let last else { return nil }
        if interval == "monthly" { return SeasonComparison.months[last.month % 12] }
        let next = (1...3).compactMap { CivilDate(ordinal: last.ordinal + $0) }.first { !$0.isWeekend }
        return next.map { SeasonComparison.months[$0.month - 1] }
    }

    private func sentences() -> String {
        guard tests > 0 else { return "Not enough data to compare seasons: \(absences.joined(separator: "; "))." }
        let asked = "\(Figures.count(tests, "comparison"))"
        var text: String
        if significant.isEmpty {
            text =
                "No season of \(symbol) differs significantly from the rest: of \(asked), none holds at "
                + "\(Figures.percent(parameters.level, 0)) once all are counted (Holm)."
            let raw = families.flatMap(\.effects).count { $0.p < 1 - parameters.level }
            if raw > 0 {
                text +=
                    " Taken alone, \(Figures.grouped(raw)) would have looked significant; about "
                    + "\(Figures.fixed(Double(tests) * (1 - parameters.level), 1)) do so by chance."
            }
        } else {
            text = "Of \(asked), \(significant.joined(separator: ", ")) hold\(significant.count == 1 ? "s" : "") at "
            text += "\(Figures.percent(parameters.level, 0)) once all are counted (Holm): "
            text +=
                families.flatMap { family in family.effects.map { (family, $0) } }.filter { $0.1.isSignificant }
                .map { family, effect in
                    "\(effect.name) \(Figures.percent(effect.difference, 2, signed: true)) a \(family.unit) against the rest"
                }.joined(separator: "; ") + "."
        }
        if !suspected.isEmpty {
            text += " By the weaker false discovery rate: \(suspected.joined(separator: ", "))."
        }
        if !absences.isEmpty { text += " Not compared: \(absences.joined(separator: "; "))." }
        return text
    }
}
