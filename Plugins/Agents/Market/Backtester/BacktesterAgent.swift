// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/backtester: bars and a rule in, what trading by the rule would have brought out.
package struct BacktesterAgent: Agent {
    package static let card = AgentCard(
        "corral/backtester", version: "1.0.0", role: "Trades a rule over past prices and counts what it brought")

    package struct Input: Codable, Sendable {
        package var bars: Bars
        package var strategy: StrategyChoice?
        package var terms: TradingTerms?
    }

    package init() {}

    package func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<Backtest> {
        let strategy = input.strategy ?? StrategyChoice()
        context.progress(nil, "trading \(strategy.name.rawValue) over \(Figures.count(input.bars.count, "bar"))")
        do {
            let backtest = try Backtest.run(input.bars, strategy: strategy, terms: input.terms ?? TradingTerms())
            return AgentResult(backtest, confidence: backtest.confidence)
        } catch let fault as DataFault {
            throw AgentError("unusable_bars", fault.description)
        }
    }
}
