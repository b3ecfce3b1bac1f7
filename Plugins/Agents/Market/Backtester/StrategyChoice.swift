// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Which rule trades, and its numbers. Every field may be left out; a rule reads only its own.
package struct StrategyChoice: Codable, Sendable, Equatable {
    package enum Name: String, Codable, CaseIterable, Sendable {
        /// In while the fast average is above the slow one.
        case smaCross = "sma_cross"
        /// In when the RSI comes back up through `oversold`, out when it reaches `overbought`.
        case rsiReversion = "rsi_reversion"
        /// In above the highest close of `entry` bars, out below the lowest of `exit` bars.
        case breakout
        case buyAndHold = "buy_and_hold"
    }

    /// Ten years of days.
    static let periodMax = 2_520

    package var name = Name.smaCross
    package var fast = 50
    package var slow = 200
    package var period = 14
    package var oversold = 30.0
    package var overbought = 70.0
    package var entry = 55
    package var exit = 20

    package init() {}

    package init(_ name: Name) { self.name = name }

    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
            value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        try read(.name, &name)
        try read(.fast, &fast)
        try read(.slow, &slow)
        try read(.period, &period)
        try read(.oversold, &oversold)
        try read(.overbought, &overbought)
        try read(.entry, &entry)
        try read(.exit, &exit)
    }

    /// - Throws: `DataFault` naming the first number that makes no sense.
    func check() throws {
        let periods = [("fast", fast), ("slow", slow), ("period", period), ("entry", entry), ("exit", exit)]
        for (name, value) in periods where !(1...Self.periodMax).contains(value) {
            throw BacktesterErrors.period(name, value)
        }
        guard fast < slow else { throw BacktesterErrors.averagesOutOfOrder(fast: fast, slow: slow) }
        guard oversold > 0, oversold < overbought, overbought < 100 else {
            throw BacktesterErrors.thresholds(oversold, overbought)
        }
    }

    /// How many bars pass before the rule can have an opinion.
    var warmUp: Int {
        switch name {
        case .smaCross: slow
        case .rsiReversion: period + 2
        case .breakout: max(entry, exit) + 1
        case .buyAndHold: 1
        }
    }
}

/// The conditions under which the rule trades.
package struct TradingTerms: Codable, Sendable, Equatable {
    package enum Units: String, Codable, CaseIterable, Sendable { case fractional, whole }
    package enum Direction: String, Codable, CaseIterable, Sendable {
        case longOnly = "long_only"
        case longShort = "long_short"
    }

    /// Share of the traded amount, paid at each side.
    package var commission = 0.0
    package var capital = 100_000.0
    package var units = Units.fractional
    package var direction = Direction.longOnly
    /// The yearly rate that money earns without risk, for the ratios; idle cash earns nothing here.
    package var riskFree = 0.0

    enum CodingKeys: String, CodingKey {
        case commission, capital, units, direction
        case riskFree = "risk_free"
    }

    package init() {}

    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        commission = try values.decodeIfPresent(Double.self, forKey: .commission) ?? commission
        capital = try values.decodeIfPresent(Double.self, forKey: .capital) ?? capital
        units = try values.decodeIfPresent(Units.self, forKey: .units) ?? units
        direction = try values.decodeIfPresent(Direction.self, forKey: .direction) ?? direction
        riskFree = try values.decodeIfPresent(Double.self, forKey: .riskFree) ?? riskFree
    }

    /// - Throws: `DataFault` naming the first number that makes no sense.
    func check() throws {
        guard commission >= 0, commission <= 0.2 else { throw BacktesterErrors.commission(commission) }
        guard capital > 0, capital < Bars.priceMax else { throw BacktesterErrors.capital(capital) }
        guard riskFree > -0.5, riskFree < 1 else { throw BacktesterErrors.riskFree(riskFree) }
    }
}
