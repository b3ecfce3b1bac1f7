// SPDX-License-Identifier: Apache-2.0
// TimerKey+Text: a flow machine's timer as the journal names it.

import CorralBase
import CorralFlow

extension TimerKey {
    /// A JSON array: step, item or null, attempt, lineage.
    var text: String {
        let key = attempt
        let parts: [JSON] = [
            .string(key.step), key.item.map { .int(Int64($0)) } ?? .null, .int(Int64(key.attempt)),
            .int(Int64(key.lineage)),
        ]
        return JSON.array(parts).text()
    }

    /// Nil for a text that `text` did not make.
    init?(text: String) {
        guard let parts = try? JSON(parsing: text).arrayValue, parts.count == 4, let step = parts[0].stringValue,
            let attempt = parts[2].intValue, let lineage = parts[3].intValue
        else { return nil }
        self.init(
            attempt: AttemptKey(
                step: step, item: parts[1].intValue.map { Int($0) }, attempt: Int(attempt), lineage: Int(lineage)))
    }
}
