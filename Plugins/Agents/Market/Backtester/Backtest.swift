// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What a rule would have brought. Ratios, not per cent; money in the currency of the prices.
package struct Backtest: Codable, Sendable, Equatable {
    package struct Trade: Codable, Sendable, Equatable {
        /// `long` or `short`.
        package var side: String
        package var units: Double
        package var entered: String
        package var entryPrice: Double
        /// For an open trade the last bar, at its close.
        package var left: String
        package var exitPrice: Double
        package var bars: Int
        /// After commission.
        package var profit: Double
        /// Of the amount at entry.
        package var profitShare: Double
        package var isOpen: Bool

        enum CodingKeys: String, CodingKey {
            case side, units, entered, left, bars, profit
            case entryPrice = "entry_price"
            case exitPrice = "exit_price"
            case profitShare = "profit_share"
            case isOpen = "is_open"
        }
    }

    /// Of an account's worth at each close.
    package struct Result: Codable, Sendable, Equatable {
        package var finalWorth: Double
        package var totalReturn: Double
        package var annualReturn: Double
        package var annualVolatility: Double
        /// Ratio below zero; 0 when it never fell.
        package var maxDrawdown: Double
        package var sharpe: Double?
        package var sortino: Double?
        package var calmar: Double?

        enum CodingKeys: String, CodingKey {
            case sharpe, sortino, calmar
            case finalWorth = "final_worth"
            case totalReturn = "total_return"
            case annualReturn = "annual_return"
            case annualVolatility = "annual_volatility"
            case maxDrawdown = "max_drawdown"
        }
    }

    package struct Curve: Codable, Sendable, Equatable {
        package var date: [String]
        package var worth: [Double]
        /// The same capital in buy_and_hold on the same terms.
        package var buyAndHold: [Double]

        enum CodingKeys: String, CodingKey {
            case date, worth
            case buyAndHold = "buy_and_hold"
        }
    }

    package var symbol: String
    package var asOf: String
    package var bars: Int
    package var strategy: StrategyChoice
    package var terms: TradingTerms
    package var periodsPerYear: PeriodsPerYear
    /// `next_open`, or `next_close` when the bars have no open.
    package var fills: String
    package var result: Result
    package var buyAndHold: Result
    /// Share of bars that ended with a position.
    package var exposure: Double
    /// Closed trades; `tradesListed` holds the newest of them and an open one.
    package var tradesClosed: Int
    /// Of closed trades; absent when there are none.
    package var winRate: Double?
    /// What winners brought over what losers cost; absent when no trade lost.
    package var profitFactor: Double?
    package var commissionPaid: Double
    package var tradesListed: [Trade]
    package var curve: Curve
    /// Where the rule stands after the last bar: 1 long, 0 out, −1 short.
    package var side: Int
    package var confidence: Double
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case symbol, bars, strategy, terms, fills, result, exposure, curve, side, confidence, summary
        case asOf = "as_of"
        case periodsPerYear = "periods_per_year"
        case buyAndHold = "buy_and_hold"
        case tradesClosed = "trades_closed"
        case winRate = "win_rate"
        case profitFactor = "profit_factor"
        case commissionPaid = "commission_paid"
        case tradesListed = "trades_listed"
    }

    /// More would swell the journal; the counts above are over all.
    static let tradesListedMax = 200
}

extension Backtest {
    /// - Throws: `DataFault` when the bars, the rule or the terms cannot be used.
    package static func run(_ bars: Bars, strategy: StrategyChoice, terms: TradingTerms) throws -> Backtest {
        if let flaw = bars.flaw { throw BacktesterErrors.bars(flaw) }
        try strategy.check()
        try terms.check()
        // One bar to decide, one to be filled, one more so that a return has a deviation.
        let needed = max(strategy.warmUp + 1, 3)
        guard bars.count >= needed else { throw BacktesterErrors.tooFew(bars.count, needed: needed) }
        guard let perYear = PeriodsPerYear(bars) else { throw BacktesterErrors.noYear() }
        let passage = Passage(bars, sides: Strategy.sides(bars, strategy, terms.direction), terms)
        let held = Passage(bars, sides: Strategy.sides(bars, StrategyChoice(.buyAndHold), .longOnly), terms)
        let closed = passage.trades.filter { !$0.isOpen }
        let won = closed.filter { $0.profit > 0 }.map(\.profit).reduce(0, +)
        let lost = -closed.filter { $0.profit < 0 }.map(\.profit).reduce(0, +)
        var backtest = Backtest(
            symbol: bars.symbol, asOf: bars.date.last ?? "", bars: bars.count, strategy: strategy, terms: terms,
            periodsPerYear: perYear, fills: bars.open == nil ? "next_close" : "next_open",
            result: passage.result(perYear.value, riskFree: terms.riskFree),
            buyAndHold: held.result(perYear.value, riskFree: terms.riskFree),
            exposure: Double(passage.barsHeld) / Double(bars.count), tradesClosed: closed.count,
            winRate: closed.isEmpty ? nil : Double(closed.count { $0.profit > 0 }) / Double(closed.count),
            profitFactor: lost > 0 ? won / lost : nil, commissionPaid: passage.commissionPaid,
            tradesListed: Array(passage.trades.suffix(tradesListedMax)),
            curve: Curve(date: bars.date, worth: passage.worth, buyAndHold: held.worth), side: passage.lastSide,
            confidence: confidence(trades: closed.count), summary: "")
        backtest.summary = backtest.sentences()
        return backtest
    }

    /// Thirty closed trades make a full 1: the size from which a mean is commonly taken to be about normal.
    private static func confidence(trades: Int) -> Double {
        max(0.1, (Double(min(trades, 30)) / 30 * 100).rounded() / 100)
    }

    private func sentences() -> String {
        var text =
            "\(strategy.name.rawValue) on \(symbol) made \(Figures.percent(result.annualReturn, signed: true)) a year "
            + "against \(Figures.percent(buyAndHold.annualReturn, signed: true)) of holding, with "
            + "\(Figures.count(tradesClosed, "closed trade")) and a deepest fall of "
            + "\(Figures.percent(-result.maxDrawdown)) against \(Figures.percent(-buyAndHold.maxDrawdown))."
        if let winRate { text += " \(Figures.percent(winRate, 0)) of the trades won." }
        text += " It held a position on \(Figures.percent(exposure, 0)) of the bars and is now "
        return text + (side > 0 ? "long." : side < 0 ? "short." : "out.")
    }
}
