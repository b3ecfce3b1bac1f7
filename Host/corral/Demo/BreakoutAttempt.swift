// SPDX-License-Identifier: Apache-2.0
// BreakoutAttempt: one attempt as the hostile plugin lists it, and what became of it.

import CorralBase

package struct BreakoutAttempt: Sendable, Hashable {
    /// Who can say how it ended: the attempt itself, or the host from what it saw.
    enum Judge: String, Sendable {
        case itself = "self"
        /// The call must end at its deadline.
        case deadline
        /// The worker must be seen to die.
        case death
        /// The host must refuse what came over the socket.
        case `protocol`
        /// The call ends like any other, and nothing else has happened.
        case survival
    }

    package let name: String
    package let kind: String
    package let summary: String
    let judge: Judge
    /// Whether a limit, or a fault, may end the worker where the attempt is blocked. The filter always may.
    let diesOfLimit: Bool
    let diesOfFault: Bool

    /// - Returns: nil for an entry that is not understood.
    init?(_ json: JSON) {
        guard let name = json["name"]?.stringValue, let kind = json["class"]?.stringValue,
            let judge = json["judge"]?.stringValue.flatMap(Judge.init(rawValue:))
        else { return nil }
        self.name = name
        self.kind = kind
        self.judge = judge
        summary = json["summary"]?.stringValue ?? ""
        diesOfLimit = json["dies_of_limit"] == .bool(true)
        diesOfFault = json["dies_of_fault"] == .bool(true)
    }
}

package struct BreakoutResult: Sendable {
    package enum Outcome: String, Sendable {
        case blocked
        case escaped
        case skipped
        /// Nobody can say: the harness, or the attempt, is at fault.
        case unclear
    }

    package let attempt: BreakoutAttempt
    package let outcome: Outcome
    /// How it was blocked, or what it got.
    package let detail: String
    /// Why an escape at this level is known and taken; see `AcceptedEscape`.
    package let accepted: String?

    init(_ attempt: BreakoutAttempt, _ outcome: Outcome, _ detail: String, at level: IsolationLevel?) {
        self.attempt = attempt
        self.outcome = outcome
        self.detail = detail
        accepted = outcome == .escaped ? level.flatMap { AcceptedEscape.reason(attempt.name, at: $0) } : nil
    }

    /// Whether Corral keeps its word.
    package var isHarmless: Bool {
        switch outcome {
        case .blocked, .skipped: true
        case .escaped: accepted != nil
        case .unclear: false
        }
    }

    var json: JSON {
        [
            "name": .string(attempt.name), "class": .string(attempt.kind), "summary": .string(attempt.summary),
            "outcome": .string(outcome.rawValue), "detail": .string(detail),
            "accepted": accepted.map { .string($0) } ?? .null,
        ]
    }
}
