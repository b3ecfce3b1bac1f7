// SPDX-License-Identifier: Apache-2.0
// RecordCoding: the parts of a record that are kept as JSON text. Reading is lenient about what only informs (metrics)
// and strict about what the fold needs.

import CorralBase

extension CorralError {
    var json: JSON {
        var object: JSONObject = [
            "code": .int(Int64(code.number)), "name": .string(code.name), "message": .string(message),
        ]
        object["hint"] = hint.map(JSON.string)
        object["cause"] = cause.map(JSON.string)
        if isRetryable { object["retryable"] = true }
        return .object(object)
    }

    init?(record: JSON?) {
        guard let record, let number = record["code"]?.intValue.flatMap({ Int(exactly: $0) }),
            let name = record["name"]?.stringValue, let message = record["message"]?.stringValue
        else { return nil }
        self.init(
            ErrorCode(number, name), message, hint: record["hint"]?.stringValue, cause: record["cause"]?.stringValue,
            isRetryable: record["retryable"]?.boolValue ?? false)
    }
}

extension AttemptMetrics {
    var json: JSON {
        var object = JSONObject()
        object["started_at"] = startedAt.map(JSON.int)
        object["queued_ns"] = queuedNanoseconds.map(JSON.int)
        object["running_ns"] = runningNanoseconds.map(JSON.int)
        object["cpu_ns"] = cpuNanoseconds.map(JSON.int)
        object["rss_peak_bytes"] = residentBytesMax.map(JSON.int)
        object["request_bytes"] = requestBytes.map(JSON.int)
        object["result_bytes"] = resultBytes.map(JSON.int)
        object["worker"] = worker.map(JSON.string)
        object["plugin_digest"] = pluginDigest.map(JSON.string)
        return .object(object)
    }

    init(_ record: JSON?) {
        self.init(
            startedAt: record?["started_at"]?.intValue, queuedNanoseconds: record?["queued_ns"]?.intValue,
            runningNanoseconds: record?["running_ns"]?.intValue, cpuNanoseconds: record?["cpu_ns"]?.intValue,
            residentBytesMax: record?["rss_peak_bytes"]?.intValue, requestBytes: record?["request_bytes"]?.intValue,
            resultBytes: record?["result_bytes"]?.intValue,
            worker: record?["worker"]?.stringValue, pluginDigest: record?["plugin_digest"]?.stringValue)
    }
}

extension AttemptSuccess {
    /// All but the value.
    var json: JSON {
        var object: JSONObject = ["metrics": metrics.json]
        object["confidence"] = confidence.map(JSON.double)
        if !changes.isEmpty {
            object["changes"] = .array(
                changes.map { ["class": .string($0.changeClass), "target": .string($0.target)] })
        }
        return .object(object)
    }

    init(value: [UInt8], detail: JSON?, metrics: AttemptMetrics) {
        let changes = detail?["changes"]?.arrayValue ?? []
        self.init(
            value: value, confidence: detail?["confidence"]?.doubleValue,
            changes: changes.compactMap { change in
                guard let name = change["class"]?.stringValue, let target = change["target"]?.stringValue else {
                    return nil
                }
                return Change(changeClass: name, target: target)
            }, metrics: metrics)
    }
}

extension ArtifactRef {
    var record: JSON {
        [
            "sha256": .string(sha256), "name": .string(name), "bytes": .int(Int64(bytes)),
            "media_type": .string(mediaType),
        ]
    }

    init(record: JSON) throws {
        guard let hash = record["sha256"]?.stringValue, let name = record["name"]?.stringValue,
            let bytes = record["bytes"]?.intValue.flatMap({ Int(exactly: $0) }),
            let mediaType = record["media_type"]?.stringValue
        else { throw JournalRow.Unreadable(reason: "an artifact record without hash, name, bytes or media type") }
        self.init(sha256: hash, name: name, bytes: bytes, mediaType: mediaType)
    }
}
