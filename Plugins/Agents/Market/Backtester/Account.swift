// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Money and units on their way through the bars. What is decided on a close is filled at the next bar's open, so no
/// order knows the price it was decided on.
struct Account {
    private(set) var cash: Double
    /// Below 0 when short.
    private(set) var units = 0.0
    private(set) var trades: [Backtest.Trade] = []
    private let terms: TradingTerms
    private var opened: (bar: Int, date: String, price: Double, cost: Double)?

    init(_ terms: TradingTerms) {
        self.terms = terms
        cash = terms.capital
    }

    var side: Int { units > 0 ? 1 : units < 0 ? -1 : 0 }

    func worth(at price: Double) -> Double { cash + units * price }

    /// Goes to another side at a price: first out of the old position, then with all that is left into the new one.
    mutating func turn(to side: Int, at price: Double, bar: Int, date: String) {
        guard side != self.side else { return }
        if units != 0 { close(at: price, bar: bar, date: date) }
        if side != 0 { open(side, at: price, bar: bar, date: date) }
    }

    private mutating func open(_ side: Int, at price: Double, bar: Int, date: String) {
        // The commission comes out of the same money.
        var size = max(0, cash) / (price * (1 + terms.commission))
        if terms.units == .whole { size = size.rounded(.down) }
        guard size > 0 else { return }
        let fee = size * price * terms.commission
        units = Double(side) * size
        cash -= units * price + fee
        opened = (bar, date, price, fee)
    }

    private mutating func close(at price: Double, bar: Int, date: String) {
        let fee = abs(units) * price * terms.commission
        record(at: price, bar: bar, date: date, fee: fee, isOpen: false)
        cash += units * price - fee
        units = 0
        opened = nil
    }

    /// Lists the position that is still open, valued at a price.
    mutating func recordOpen(at price: Double, bar: Int, date: String) {
        if units != 0 { record(at: price, bar: bar, date: date, fee: 0, isOpen: true) }
    }

    private mutating func record(at price: Double, bar: Int, date: String, fee: Double, isOpen: Bool) {
        guard let opened else { return }
        let profit = units * (price - opened.price) - fee - opened.cost
        trades.append(
            Backtest.Trade(
                side: units > 0 ? "long" : "short", units: abs(units), entered: opened.date, entryPrice: opened.price,
                left: date, exitPrice: price, bars: bar - opened.bar, profit: profit,
                profitShare: profit / (abs(units) * opened.price), isOpen: isOpen))
    }
}
