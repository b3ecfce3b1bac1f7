// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@testable import Backtester

@Suite struct TradingTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        var choice: StrategyChoice
        var direction: TradingTerms.Direction
        var testDescription: String { "\(choice.name.rawValue) \(direction.rawValue)" }
    }

    static let rules: [Rule] = StrategyChoice.Name.allCases.flatMap { name in
        TradingTerms.Direction.allCases.map { direction in
            var choice = StrategyChoice(name)
            (choice.fast, choice.slow, choice.entry, choice.exit) = (5, 20, 15, 7)
            return Rule(choice: choice, direction: direction)
        }
    }

    /// The future is replaced by prices that could not be more different: nothing before it may change.
    @Test(arguments: rules) func changingTheFutureDoesNotChangeThePast(_ rule: Rule) throws {
        let bars = try Sample.sp500()
        var terms = TradingTerms()
        terms.direction = rule.direction
        terms.commission = 0.001
        let whole = Passage(bars, sides: Strategy.sides(bars, rule.choice, rule.direction), terms)
        for cut in [200, 777, 2_400, 5_000] {
            var changed = bars
            for bar in cut..<bars.count {
                let factor = bar.isMultiple(of: 2) ? 3.0 : 0.2
                changed.close[bar] *= factor
                changed.open?[bar] *= factor
            }
            let sides = Strategy.sides(changed, rule.choice, rule.direction)
            #expect(Array(sides[..<cut]) == Array(Strategy.sides(bars, rule.choice, rule.direction)[..<cut]))
            let other = Passage(changed, sides: sides, terms)
            #expect(Array(other.worth[..<cut]) == Array(whole.worth[..<cut]))
            let past = Set(bars.date[..<cut])
            let closed: (Passage) -> [Backtest.Trade] = { $0.trades.filter { !$0.isOpen && past.contains($0.left) } }
            #expect(closed(other) == closed(whole))
        }
        #expect(rule.choice.name == .buyAndHold || whole.trades.count > 10, "a rule that never trades proves nothing")
    }

    /// Decided on a close, filled at the next open: worked out by hand.
    @Test func fillsAtTheNextOpen() throws {
        let bars = Sample.bars([10, 11, 12, 9, 8], open: [10, 10.5, 11.5, 11, 7])
        var terms = TradingTerms()
        (terms.capital, terms.commission) = (1_000, 0.01)
        let passage = Passage(bars, sides: [0, 1, 1, 0, 0], terms)
        let units = 1_000 / (11.5 * 1.01)
        let afterExit = units * 7 * 0.99
        for (got, expected) in zip(passage.worth, [1_000, 1_000, units * 12, units * 9, afterExit]) {
            #expect(abs(got - expected) < 1e-9, "\(got), expected \(expected)")
        }
        let trade = try #require(passage.trades.first)
        #expect(trade.entered == "day 2" && trade.entryPrice == 11.5 && trade.left == "day 4" && trade.exitPrice == 7)
        #expect(abs(trade.profit - (afterExit - 1_000)) < 1e-9 && trade.bars == 2 && !trade.isOpen)
        #expect(abs(passage.commissionPaid - units * 0.01 * (11.5 + 7)) < 1e-9)
    }

    @Test func shortsEarnWhenPricesFall() throws {
        let bars = Sample.bars([10, 10, 8, 5], open: [10, 10, 10, 6])
        let passage = Passage(bars, sides: [0, -1, 0, 0], TradingTerms())
        // 10,000 units sold at 10, bought back at 6.
        #expect(passage.worth == [100_000, 100_000, 120_000, 140_000])
        #expect(passage.trades.map(\.side) == ["short"])
    }

    @Test func turnsFromLongToShortInOneBar() {
        let bars = Sample.bars([10, 10, 10, 10], open: [10, 10, 20, 10])
        let passage = Passage(bars, sides: [1, -1, -1, -1], TradingTerms())
        #expect(passage.trades.map(\.side) == ["long", "short"])
        #expect(passage.worth.last == 300_000)
    }

    @Test func wholeUnitsLeaveTheRestInCash() {
        let bars = Sample.bars([30, 30, 60], open: [30, 30, 30])
        var terms = TradingTerms()
        (terms.capital, terms.units) = (100, .whole)
        let passage = Passage(bars, sides: [1, 1, 1], terms)
        #expect(passage.trades.first?.units == 3)
        #expect(passage.worth == [100, 100, 190])
    }

    @Test func ruinEndsTheAccount() throws {
        let bars = Sample.bars([10, 10, 30, 5, 5], open: [10, 10, 10, 20, 5])
        let passage = Passage(bars, sides: [-1, -1, -1, -1, -1], TradingTerms())
        #expect(Array(passage.worth.suffix(3)) == [0, 0, 0])
        #expect(passage.result(252, riskFree: 0).totalReturn == -1)
    }

    @Test func fillsAtTheNextCloseWithoutOpens() throws {
        let closes = (0..<300).map { 100 + Double($0 % 40) }
        let backtest = try Backtest.run(Sample.bars(closes), strategy: StrategyChoice(.breakout), terms: TradingTerms())
        #expect(backtest.fills == "next_close")
    }

    struct Refusal: Sendable {
        var says: String
        var choice = StrategyChoice()
        var terms = TradingTerms()
        var bars = Sample.bars((0..<300).map { 100 + Double($0) })
    }

    static let refusals: [Refusal] = {
        func choice(_ change: (inout StrategyChoice) -> Void) -> StrategyChoice {
            var choice = StrategyChoice()
            change(&choice)
            return choice
        }
        func terms(_ change: (inout TradingTerms) -> Void) -> TradingTerms {
            var terms = TradingTerms()
            change(&terms)
            return terms
        }
        return [
            Refusal(
                says: "needs 200", choice: choice { $0.slow = 199 }, bars: Sample.bars(Array(repeating: 1, count: 150))),
            Refusal(says: "fast < slow", choice: choice { $0.fast = 200 }),
            Refusal(says: "strategy.slow is 9999", choice: choice { $0.slow = 9_999 }),
            Refusal(says: "oversold is 80", choice: choice { $0.oversold = 80 }),
            Refusal(says: "commission is 0.5", terms: terms { $0.commission = 0.5 }),
            Refusal(says: "capital is nan", terms: terms { $0.capital = .nan }),
            Refusal(says: "risk_free is 1.0", terms: terms { $0.riskFree = 1 }),
            Refusal(says: "30 days", bars: Sample.bars((0..<300).map { 1 + Double($0) }, interval: "irregular")),
        ]
    }()

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) {
        let fault = #expect(throws: DataFault.self) {
            try Backtest.run(refusal.bars, strategy: refusal.choice, terms: refusal.terms)
        }
        #expect(fault?.message.contains(refusal.says) == true, "\(fault?.message ?? "")")
    }
}
