// SPDX-License-Identifier: Apache-2.0

/// What a rule says about an output: a score from 1 to 10, or none, and why.
struct Verdict: Hashable {
    /// From 1 to 10 in steps of a tenth; nil: the rule cannot judge this.
    var score: Double?
    var explanation: String

    static let best = 10.0
    static let worst = 1.0

    /// - Parameter share: how much of what was asked for is there, from 0 to 1; it becomes 1 to 10 in a straight line.
    static func share(_ share: Double, _ explanation: String) -> Verdict {
        let bounded = min(1, max(0, share.isNaN ? 0 : share))
        let score = worst + bounded * (best - worst)
        return Verdict(score: (score * 10).rounded() / 10, explanation: explanation)
    }

    static func passed(_ explanation: String) -> Verdict { Verdict(score: best, explanation: explanation) }
    static func failed(_ explanation: String) -> Verdict { Verdict(score: worst, explanation: explanation) }
    static func abstained(_ why: String) -> Verdict { Verdict(score: nil, explanation: "not judged: \(why)") }
}
