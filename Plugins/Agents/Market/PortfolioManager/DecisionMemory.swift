// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// Remembers the last decision about a symbol, in this agent's own scope of the tenant's memory.
///
/// A desk without memory still decides; it says that it does not know what it said last time.
struct DecisionMemory {
    struct Recalled {
        var decision: PreviousDecision?
        var note: String
        /// Whether there is a memory to keep the next one in.
        var isReachable = true
    }

    private let context: AgentContext

    init(_ context: AgentContext) { self.context = context }

    private static func key(_ symbol: String) -> String { "decision/\(symbol)" }

    /// What the caller gave, else what was kept.
    func last(of symbol: String, given: PreviousDecision?) async throws -> Recalled {
        if let given { return Recalled(decision: given, note: "The last decision was given by the caller.") }
        do {
            guard let entry = try await context.memory.get(key: Self.key(symbol), layer: .longTerm) else {
                return Recalled(note: "Memory holds no earlier decision about \(symbol).")
            }
            guard let decision = entry.value.flatMap(PreviousDecision.init(remembered:)) else {
                return Recalled(note: "What memory holds about \(symbol) is no decision.")
            }
            return Recalled(decision: decision, note: "The last decision is from memory.")
        } catch let error as AgentError {
            context.log(.warning, "cannot recall the last decision: \(error)")
            return Recalled(
                note: "The last decision is not known, for memory cannot be reached: \(error.message).",
                isReachable: false)
        }
    }

    /// - Returns: the note, and whether this decision was kept for next time.
    func keep(_ decision: Decision, _ recalled: Recalled) async throws -> String {
        guard recalled.isReachable else { return recalled.note }
        do {
            try await context.memory.put(
                decision.summary, key: Self.key(decision.symbol), value: decision.remembered,
                tags: ["decision", decision.action.rawValue], layer: .longTerm)
            return recalled.note
        } catch let error as AgentError {
            context.log(.warning, "cannot keep the decision: \(error)")
            return recalled.note + " This one could not be kept: \(error.message)."
        }
    }
}

extension Decision {
    /// As JSON beside the text; the members of `PreviousDecision`.
    var remembered: JSON {
        var members: [String: JSON] = [
            "action": .text(action.rawValue), "weight": .number(weight), "score": .number(score),
            "contributions": .array(
                contributions.map {
                    .object(["factor": .text($0.factor), "contribution": .number($0.contribution)])
                }),
        ]
        if let asOf { members["as_of"] = .text(asOf) }
        return .object(members)
    }
}

extension PreviousDecision {
    init?(remembered value: JSON) {
        guard case .text(let action)? = value["action"], let weight = value["weight"]?.double else { return nil }
        var parts: [Part] = []
        if case .array(let list)? = value["contributions"] {
            parts = list.compactMap { part in
                guard case .text(let factor)? = part["factor"], let number = part["contribution"]?.double else {
                    return nil
                }
                return Part(factor: factor, contribution: number)
            }
        }
        var asOf: String?
        if case .text(let text)? = value["as_of"] { asOf = text }
        self.init(
            action: action, weight: weight, score: value["score"]?.double, asOf: asOf,
            contributions: parts.isEmpty ? nil : parts)
    }
}

extension JSON {
    fileprivate var double: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }
}
