// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Periods in bars and thresholds. The periods follow the interval of the bars; every one may be set.
package struct RegimeParameters: Codable, Sendable, Equatable {
    /// Ten years of days.
    static let periodMax = 2_520

    /// The average that a trend is measured against, and how many bars ago it is compared with itself.
    package var average: Int
    package var slope: Int
    /// Returns whose deviation is the volatility of a bar.
    package var volatility: Int
    /// How many past volatilities a bar's own is compared with, and how many it takes at least.
    package var history: Int
    package var historyMin: Int
    /// Shares of that history: below the first is calm, above the second turbulent.
    package var calmBelow = 0.25
    package var turbulentAbove = 0.75
    /// Depths below the highest close, as positive ratios.
    package var pullback = 0.05
    package var correction = 0.10
    package var bear = 0.20
    /// Bars in a row that must agree before a regime counts as changed.
    package var confirm: Int

    enum CodingKeys: String, CodingKey {
        case average, slope, volatility, history, pullback, correction, bear, confirm
        case historyMin = "history_min"
        case calmBelow = "calm_below"
        case turbulentAbove = "turbulent_above"
    }

    /// What a user sets; the rest stays.
    package struct Changes: Codable, Sendable, Equatable {
        package var average: Int?
        package var slope: Int?
        package var volatility: Int?
        package var history: Int?
        package var historyMin: Int?
        package var calmBelow: Double?
        package var turbulentAbove: Double?
        package var pullback: Double?
        package var correction: Double?
        package var bear: Double?
        package var confirm: Int?

        enum CodingKeys: String, CodingKey {
            case average, slope, volatility, history, pullback, correction, bear, confirm
            case historyMin = "history_min"
            case calmBelow = "calm_below"
            case turbulentAbove = "turbulent_above"
        }

        package init() {}
    }

    /// About ten months for the trend (Faber 2007), a month for volatility and five years to compare it with; for bars
    /// of other lengths the same numbers in those bars.
    package init(interval: String) {
        let periods: (average: Int, slope: Int, volatility: Int, history: Int, historyMin: Int, confirm: Int) =
            switch interval {
            case "weekly": (40, 4, 13, 260, 52, 2)
            case "monthly": (10, 1, 6, 60, 24, 1)
            case "quarterly", "yearly": (4, 1, 4, 40, 12, 1)
            default: (200, 20, 21, 1_260, 252, 5)
            }
        (average, slope, volatility) = (periods.average, periods.slope, periods.volatility)
        (history, historyMin, confirm) = (periods.history, periods.historyMin, periods.confirm)
    }

    package init(interval: String, changes: Changes?) {
        self.init(interval: interval)
        guard let changes else { return }
        average = changes.average ?? average
        slope = changes.slope ?? slope
        volatility = changes.volatility ?? volatility
        history = changes.history ?? history
        historyMin = changes.historyMin ?? min(historyMin, history)
        calmBelow = changes.calmBelow ?? calmBelow
        turbulentAbove = changes.turbulentAbove ?? turbulentAbove
        pullback = changes.pullback ?? pullback
        correction = changes.correction ?? correction
        bear = changes.bear ?? bear
        confirm = changes.confirm ?? confirm
    }

    /// - Throws: `DataFault` naming the first parameter that makes no sense.
    func check() throws {
        let periods = [
            ("average", average), ("slope", slope), ("volatility", volatility), ("history", history),
            ("history_min", historyMin), ("confirm", confirm),
        ]
        for (name, value) in periods where !(1...Self.periodMax).contains(value) {
            throw RegimeAnalystErrors.period(name, value)
        }
        // A deviation takes two returns.
        guard volatility > 1 else { throw RegimeAnalystErrors.period("volatility", volatility) }
        guard historyMin >= 4, historyMin <= history else {
            throw RegimeAnalystErrors.history(history, min: historyMin)
        }
        guard calmBelow > 0, calmBelow < turbulentAbove, turbulentAbove < 1 else {
            throw RegimeAnalystErrors.shares(calmBelow, turbulentAbove)
        }
        guard pullback > 0, pullback < correction, correction < bear, bear < 1 else {
            throw RegimeAnalystErrors.depths(pullback, correction, bear)
        }
    }
}
