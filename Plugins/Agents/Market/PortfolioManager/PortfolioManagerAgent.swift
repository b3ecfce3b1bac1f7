// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/portfolio-manager: what the specialists found in, one decision with its size and its reasons out.
package struct PortfolioManagerAgent: Agent {
    package static let card = AgentCard(
        "corral/portfolio-manager", version: "1.0.0",
        role: "Weighs what the specialists say into buy, hold or sell, with a size and reasons",
        asks: Asks(memory: true))

    package init() {}

    package func run(_ input: Evidence, _ context: AgentContext) async throws -> AgentResult<Decision> {
        let memory = DecisionMemory(context)
        do {
            let recalled = try await memory.last(of: try input.subject(), given: input.previous)
            var decision = try Decision.make(input, previous: recalled.decision)
            decision.memory = try await memory.keep(decision, recalled)
            let flipped = decision.changed?.isFlip == true
            return AgentResult(
                decision, confidence: decision.confidence,
                changes: flipped ? [Change("position_change", target: decision.symbol)] : [])
        } catch let fault as DataFault {
            throw AgentError("unusable_evidence", fault.description)
        }
    }
}
