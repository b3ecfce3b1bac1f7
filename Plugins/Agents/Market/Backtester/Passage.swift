// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// One way of an account through the bars, side by side.
struct Passage {
    /// At each close.
    let worth: [Double]
    let trades: [Backtest.Trade]
    let barsHeld: Int
    let commissionPaid: Double
    /// What the rule wants after the last bar; it would be filled on a bar that does not exist yet.
    let lastSide: Int

    /// - Parameter sides: wanted after each close.
    init(_ bars: Bars, sides: [Int], _ terms: TradingTerms) {
        let fills = bars.open ?? bars.close
        var account = Account(terms)
        var worth: [Double] = []
        worth.reserveCapacity(bars.count)
        var held = 0
        for bar in bars.close.indices {
            if bar > 0 { account.turn(to: sides[bar - 1], at: fills[bar], bar: bar, date: bars.date[bar]) }
            if account.side != 0 { held += 1 }
            worth.append(max(0, account.worth(at: bars.close[bar])))
            // A short account that has lost everything is closed by whoever lent the units.
            if worth[bar] == 0 { break }
        }
        let last = worth.count - 1
        account.recordOpen(at: bars.close[last], bar: last, date: bars.date[last])
        worth += Array(repeating: worth[last], count: bars.count - worth.count)
        self.worth = worth
        trades = account.trades
        barsHeld = held
        lastSide = sides.last ?? 0
        commissionPaid = account.trades.reduce(0) { sum, trade in
            let sides = trade.isOpen ? trade.entryPrice : trade.entryPrice + trade.exitPrice
            return sum + trade.units * sides * terms.commission
        }
    }

    func result(_ perYear: Double, riskFree: Double) -> Backtest.Result {
        let start = worth[0]
        let end = worth[worth.count - 1]
        guard worth.allSatisfy({ $0 > 0 }) else {
            // Ruin has no ratios.
            return Backtest.Result(
                finalWorth: end, totalReturn: -1, annualReturn: -1, annualVolatility: 0, maxDrawdown: -1)
        }
        let performance = Performance(prices: worth, perYear: perYear, riskFree: riskFree)
        return Backtest.Result(
            finalWorth: end, totalReturn: end / start - 1, annualReturn: performance.annualReturn,
            annualVolatility: performance.annualVolatility, maxDrawdown: performance.fall?.depth ?? 0,
            sharpe: performance.sharpe, sortino: performance.sortino, calmar: performance.calmar)
    }
}
