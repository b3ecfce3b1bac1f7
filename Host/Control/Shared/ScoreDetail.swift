// SPDX-License-Identifier: Apache-2.0
// ScoreDetail: what a judge said about a step, as `runs show` presents it.

import CorralBase

package struct ScoreDetail: Sendable, Hashable, Codable {
    package var step: StepReference
    package var judge: String
    package var criterion: String
    /// 1 to 10; nil when the judge abstained.
    package var score: Double?
    package var explanation: String
    /// Wall-clock nanoseconds since 1970.
    package var at: Int64

    package init(
        _ step: StepReference, judge: String, criterion: String, score: Double?, explanation: String, at: Int64
    ) {
        self.step = step
        self.judge = judge
        self.criterion = criterion
        self.score = score
        self.explanation = explanation
        self.at = at
    }
}
