// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import Backtester

/// Against products of factors in NumPy on twenty years of real prices; `reference/make_reference.py` says how.
@Suite struct ReferenceTests {
    @Test(arguments: StrategyChoice.Name.allCases) func agreesWithNumPy(_ name: StrategyChoice.Name) throws {
        let data = try Sample.file("Tests/BacktesterTests/reference/reference.json")
        let all = try JSONDecoder().decode([String: [String: Double]].self, from: data)
        let expected = try #require(all[name.rawValue])
        var terms = TradingTerms()
        terms.commission = 0.001
        let backtest = try Backtest.run(try Sample.sp500(), strategy: StrategyChoice(name), terms: terms)
        let ours: [String: Double?] = [
            "total_return": backtest.result.totalReturn, "annual_return": backtest.result.annualReturn,
            "max_drawdown": backtest.result.maxDrawdown, "sharpe": backtest.result.sharpe,
            "exposure": backtest.exposure, "entries": Double(backtest.tradesListed.count),
        ]
        #expect(Set(ours.keys) == Set(expected.keys))
        for (key, value) in expected {
            let got = try #require(ours[key] ?? nil, "\(key)")
            #expect(abs(got - value) <= 1e-9 * max(1e-3, abs(value)), "\(name) \(key): \(got), expected \(value)")
        }
    }
}
