// SPDX-License-Identifier: Apache-2.0

/// What the report reads of regimes, seasons and tried rules.
package struct RegimeFindings: Codable, Sendable {
    package struct State: Codable, Sendable {
        package var state: String
        package var share: Double
        package var spells: Int
        package var medianBars: Double?
        package var stays: Double?
        package var annualReturn: Double?
        package var annualVolatility: Double?

        enum CodingKeys: String, CodingKey {
            case state, share, spells, stays
            case medianBars = "median_bars"
            case annualReturn = "annual_return"
            case annualVolatility = "annual_volatility"
        }
    }

    package struct Spell: Codable, Sendable {
        package var state: String
        package var from: String
        package var to: String
    }

    package struct Transition: Codable, Sendable {
        package var from: String
        package var to: String
        package var count: Int
        package var share: Double
    }

    package struct Dimension: Codable, Sendable {
        package var rule: String
        package var current: String
        package var since: String
        package var bars: Int
        package var states: [State]
        package var transitions: [Transition]?
        package var spells: [Spell]?

        func next() -> [Transition] { (transitions ?? []).filter { $0.from == current } }
    }

    package var trend: Dimension?
    package var volatility: Dimension?
    package var drawdown: Dimension?
    package var absences: [String]?
    package var summary: String
}

package struct SeasonalityFindings: Codable, Sendable {
    package struct Effect: Codable, Sendable {
        package var name: String
        package var count: Int
        package var mean: Double
        package var difference: Double
        package var low: Double
        package var high: Double
        package var p: Double
        package var holm: Double
        package var benjaminiHochberg: Double
        package var isSignificant: Bool

        enum CodingKeys: String, CodingKey {
            case name, count, mean, difference, low, high, p, holm
            case benjaminiHochberg = "benjamini_hochberg"
            case isSignificant = "is_significant"
        }
    }

    package struct Family: Codable, Sendable {
        package var name: String
        package var unit: String
        package var effects: [Effect]
    }

    package var families: [Family]
    package var summary: String
}

package struct BacktestFindings: Codable, Sendable {
    package struct Strategy: Codable, Sendable {
        package var name: String
        package var fast: Int?
        package var slow: Int?
        package var entry: Int?
        package var exit: Int?
        package var period: Int?

        var words: String {
            switch (name, fast, slow, entry, exit, period) {
            case ("sma_cross", let fast?, let slow?, _, _, _): "averages of \(fast) and \(slow) bars"
            case ("breakout", _, _, let entry?, let exit?, _): "breakout of \(entry), out at \(exit) bars"
            case ("rsi_reversion", _, _, _, _, let period?): "RSI reversion over \(period) bars"
            case ("buy_and_hold", _, _, _, _, _): "buy and hold"
            default: name
            }
        }
    }

    package struct Result: Codable, Sendable {
        package var annualReturn: Double
        package var annualVolatility: Double
        package var maxDrawdown: Double
        package var sharpe: Double?

        enum CodingKeys: String, CodingKey {
            case sharpe
            case annualReturn = "annual_return"
            case annualVolatility = "annual_volatility"
            case maxDrawdown = "max_drawdown"
        }
    }

    package struct Curve: Codable, Sendable {
        package var date: [String]
        package var worth: [Double]
        package var buyAndHold: [Double]

        enum CodingKeys: String, CodingKey {
            case date, worth
            case buyAndHold = "buy_and_hold"
        }
    }

    package struct Terms: Codable, Sendable {
        package var commission: Double?
        package var direction: String?
    }

    package var strategy: Strategy
    package var terms: Terms?
    package var fills: String?
    package var result: Result
    package var buyAndHold: Result
    package var exposure: Double
    package var tradesClosed: Int
    package var winRate: Double?
    package var profitFactor: Double?
    package var side: Int
    package var curve: Curve?
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case strategy, terms, fills, result, exposure, side, curve, summary
        case buyAndHold = "buy_and_hold"
        case tradesClosed = "trades_closed"
        case winRate = "win_rate"
        case profitFactor = "profit_factor"
    }
}
