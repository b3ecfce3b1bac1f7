// SPDX-License-Identifier: Apache-2.0
// SpanRedaction: which texts of a span are somebody's words.

import CorralBase
import CorralStore

extension Redactor {
    /// A span with the values replaced in its name and attributes. Who the run is for is stated, not content, and what
    /// spans are looked up by: it stays.
    func redact(_ span: SpanRecord) async -> SpanRecord {
        var copy = span
        var stated = JSONObject()
        var said = JSONObject()
        for (name, value) in span.attributes.objectValue?.members ?? [] {
            if Self.statedAttributes.contains(name) { stated[name] = value } else { said[name] = value }
        }
        copy.name = await redact(span.name)
        let redacted = await redact(.object(said))
        // What nobody could look at is one text instead of a map.
        guard var attributes = redacted.objectValue else {
            stated["corral.withheld"] = true
            copy.attributes = .object(stated)
            return copy
        }
        for (name, value) in stated.members { attributes[name] = value }
        copy.attributes = .object(attributes)
        return copy
    }

    /// Names and numbers of the host's own, and what the run's caller stated.
    private static let statedAttributes: Set<String> = [
        "user.id", "session.id", "corral.feature", "corral.task_type", "corral.complexity", "corral.tenant",
        "corral.run", "corral.mode", "corral.worker", "corral.plugin.digest", "corral.findings", "error.type",
        "corral.cpu_ns", "corral.cpu_thread_ns", "corral.rss_peak_bytes", "corral.request.bytes", "corral.result.bytes",
    ]
}
