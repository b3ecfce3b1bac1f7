// SPDX-License-Identifier: Apache-2.0
// AcceptedEscape: the attempts that succeed at a level and are taken, each with its reason. SECURITY.md repeats the table,
// and a test compares the two.

import CorralBase

package struct AcceptedEscape: Sendable {
    package let attempts: [String]
    package let levels: [IsolationLevel]
    package let reason: String

    package static func reason(_ attempt: String, at level: IsolationLevel) -> String? {
        all.first { $0.attempts.contains(attempt) && $0.levels.contains(level) }?.reason
    }

    package static let all: [AcceptedEscape] = [
        AcceptedEscape(
            attempts: ["wx-memory"], levels: [.basic, .moderate, .strict],
            reason: "A plugin is native code already: code it writes itself can do nothing its file could not.")
    ]
}
