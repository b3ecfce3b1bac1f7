// SPDX-License-Identifier: Apache-2.0
// CallContext+Attributes: what a run is for, as spans say it: OpenTelemetry's names where it has them.

import CorralWire

extension CallContext {
    /// Names and texts; what was not stated is left out.
    package var attributes: [(String, String)] {
        [
            ("user.id", user), ("corral.feature", feature), ("session.id", session), ("corral.task_type", taskType),
            ("corral.complexity", complexity),
        ].filter { !$0.1.isEmpty }
    }
}
