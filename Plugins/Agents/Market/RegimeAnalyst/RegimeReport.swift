// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The regimes that one price history went through, and the one it is in. Ratios, not per cent.
package struct RegimeReport: Codable, Sendable, Equatable {
    /// An unbroken stretch of one state. A bar belongs to the regime that was known at its close.
    package struct Spell: Codable, Sendable, Equatable {
        package var state: String
        /// Dates of its first and last bar.
        package var from: String
        package var to: String
        package var bars: Int
        /// From the close of its first to that of its last bar.
        package var change: Double
        /// It lasts still.
        package var isOpen: Bool

        enum CodingKeys: String, CodingKey {
            case state, from, to, bars, change
            case isOpen = "is_open"
        }
    }

    /// What one state was like, over all its spells.
    package struct State: Codable, Sendable, Equatable {
        package var state: String
        package var bars: Int
        /// Of the bars that have a state.
        package var share: Double
        package var spells: Int
        /// Of the spells that ended; absent when none did.
        package var medianBars: Double?
        package var longestBars: Int?
        /// How often the next bar had the same state; absent when there was no next bar.
        package var stays: Double?
        /// Of the bars *after* a bar in this state, a year: mean and deviation. Absent when a year has no known number
        /// of bars, or too few followed.
        package var annualReturn: Double?
        package var annualVolatility: Double?

        enum CodingKeys: String, CodingKey {
            case state, bars, share, spells, stays
            case medianBars = "median_bars"
            case longestBars = "longest_bars"
            case annualReturn = "annual_return"
            case annualVolatility = "annual_volatility"
        }
    }

    /// From one spell to the next.
    package struct Transition: Codable, Sendable, Equatable {
        package var from: String
        package var to: String
        package var count: Int
        /// Of all spells of `from` that ended.
        package var share: Double
    }

    /// One way to look at the history.
    package struct Dimension: Codable, Sendable, Equatable {
        /// The rule with its numbers, as a sentence.
        package var rule: String
        package var current: String
        /// The first bar of the current spell, and its length so far.
        package var since: String
        package var bars: Int
        /// What the state was read from: distance from the average, volatility, or depth.
        package var measure: Double
        package var states: [State]
        package var transitions: [Transition]
        package var spellsTotal: Int
        /// The newest, oldest first.
        package var spells: [Spell]

        enum CodingKeys: String, CodingKey {
            case rule, current, since, bars, measure, states, transitions, spells
            case spellsTotal = "spells_total"
        }

        package var currentState: State? { states.first { $0.state == current } }
    }

    package var symbol: String
    package var asOf: String
    package var interval: String
    package var bars: Int
    package var basis: Returns.Basis
    package var periodsPerYear: PeriodsPerYear?
    package var parameters: RegimeParameters
    /// Absent when there are too few bars; `absences` says how many it takes.
    package var trend: Dimension?
    package var volatility: Dimension?
    package var drawdown: Dimension?
    package var absences: [String]
    /// 0 to 1: how many of the three could be told, and on how much history.
    package var confidence: Double
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case symbol, interval, bars, basis, parameters, trend, volatility, drawdown, absences, confidence, summary
        case asOf = "as_of"
        case periodsPerYear = "periods_per_year"
    }

    /// More would swell the journal; the statistics are over all.
    static let spellsListedMax = 120
}

extension RegimeReport {
    /// - Throws: `DataFault` when the bars or the parameters cannot be used. Too few bars are no fault: what cannot be
    ///   told is absent.
    package static func find(in bars: Bars, changes: RegimeParameters.Changes? = nil) throws -> RegimeReport {
        if let flaw = bars.flaw { throw RegimeAnalystErrors.bars(flaw) }
        let parameters = RegimeParameters(interval: bars.interval, changes: changes)
        try parameters.check()
        let returns = Returns(bars)
        let perYear = PeriodsPerYear(bars)
        let history = SpellHistory(returns, perYear: perYear?.value, confirm: parameters.confirm)
        let rules = RuleText(parameters)
        var report = RegimeReport(
            symbol: bars.symbol, asOf: bars.date.last ?? "", interval: bars.interval, bars: bars.count,
            basis: returns.basis, periodsPerYear: perYear, parameters: parameters,
            trend: history.dimension(
                RegimeRules.trend(returns.prices, parameters), RegimeRules.Trend.allCases.map(\.rawValue), rules.trend),
            volatility: history.dimension(
                RegimeRules.volatility(returns.values, perYear: perYear?.value, parameters),
                RegimeRules.Turbulence.allCases.map(\.rawValue), rules.volatility),
            // One bar is its own high; it says nothing about falls.
            drawdown: bars.count < 2
                ? nil
                : history.dimension(
                    RegimeRules.drawdown(returns.prices, parameters), RegimeRules.Depth.allCases.map(\.rawValue),
                    rules.drawdown),
            absences: [], confidence: 0, summary: "")
        report.absences = report.missing()
        report.confidence = report.sureness()
        report.summary = RegimeReading(report).text
        return report
    }

    private func missing() -> [String] {
        let have = "there \(bars == 1 ? "is" : "are") \(Figures.grouped(bars))"
        return [
            trend == nil
                ? "trend: takes \(Figures.count(parameters.average + parameters.slope, "bar")), \(have)" : nil,
            volatility == nil
                ? "volatility: takes \(Figures.count(parameters.volatility + parameters.historyMin, "bar")), \(have)"
                : nil,
            drawdown == nil ? "drawdown: takes 2 bars, \(have)" : nil,
        ].compactMap(\.self)
    }

    /// A third for each regime that could be told; less than three years of bars (750 without a known year) count in
    /// proportion.
    private func sureness() -> Double {
        let told = [trend, volatility, drawdown].compactMap(\.self).count
        let length = min(1, Double(bars) / (3 * (periodsPerYear?.value ?? 250)))
        return (Double(told) / 3 * length * 100).rounded() / 100
    }
}
