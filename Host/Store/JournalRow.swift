// SPDX-License-Identifier: Apache-2.0
// JournalRow: a record as the columns of the journal table, and back. The kinds' names are part of the file format.

import CorralBase

/// A record without its run, sequence and time.
struct JournalRow: Equatable {
    var kind: String
    var step: String?
    var item: Int?
    var lineage: Int?
    var attempt: Int?
    var target: String?
    /// Empty means none.
    var payload: [UInt8] = []
    var detail: JSON?

    init(_ kind: String, payload: [UInt8] = [], detail: JSON? = nil) {
        self.kind = kind
        self.payload = payload
        self.detail = detail
    }

    init(_ kind: String, _ attempt: AttemptKey, payload: [UInt8] = [], detail: JSON? = nil) {
        self.init(kind, payload: payload, detail: detail)
        step = attempt.step
        item = attempt.item
        lineage = attempt.lineage
        self.attempt = attempt.attempt
    }

    init(_ kind: String, _ effect: EffectKey, attempt: Int, payload: [UInt8] = [], detail: JSONObject) {
        self.init(kind, payload: payload)
        step = effect.step
        item = effect.item
        lineage = effect.lineage
        self.attempt = attempt
        // The method is in the detail: it is the asking plugin's word.
        target = effect.service
        var detail = detail
        detail["service"] = .string(effect.service)
        detail["method"] = .string(effect.method)
        detail["request_hash"] = .string(effect.requestHash)
        detail["ordinal"] = .int(Int64(effect.ordinal))
        self.detail = .object(detail)
    }
}

// MARK: Event → row

extension JournalRow {
    init(_ event: JournalEvent) {
        switch event {
        case .runCreated(let creation):
            // The rest of it is the row in `runs`.
            let files = creation.artifacts.map(\.record)
            self.init("run.created", detail: files.isEmpty ? nil : ["artifacts": .array(files)])
        case .attemptIntent(let attempt, let target, let request):
            self.init("attempt.intent", attempt, payload: request)
            self.target = target
        case .attemptStarted(let attempt, let worker, let digest):
            let metrics = AttemptMetrics(worker: worker, pluginDigest: digest)
            self.init("attempt.started", attempt, detail: ["metrics": metrics.json])
        case .attemptResult(let attempt, let success):
            self.init("attempt.result", attempt, payload: success.value, detail: success.json)
        case .attemptFailed(let attempt, let error, let isInfrastructure, let metrics):
            let detail: JSON = [
                "error": error.json, "infrastructure": .bool(isInfrastructure), "metrics": metrics.json,
            ]
            self.init("attempt.failed", attempt, detail: detail)
        case .stepSkipped(let step, let item, let reason):
            self.init("step.skipped", detail: ["reason": .string(reason)])
            self.step = step
            self.item = item
        case .timerSet(let key, let delay):
            let delay = JSON.int(Int64(clamping: delay))
            self.init("timer.set", detail: ["key": .string(key), "delay_ns": delay])
        case .timerFired(let key): self.init("timer.fired", detail: ["key": .string(key)])
        case .effectIntent(let key, let attempt, let request):
            self.init("effect.intent", key, attempt: attempt, payload: request, detail: [:])
        case .effectResult(let key, let attempt, .succeeded(let value)):
            self.init("effect.result", key, attempt: attempt, payload: value, detail: [:])
        case .effectResult(let key, let attempt, .failed(let error)):
            self.init("effect.failed", key, attempt: attempt, detail: ["error": error.json])
        case .artifactKept(let artifact, let attempt):
            self.init("artifact.kept", detail: artifact.record)
            guard let attempt else { break }
            (step, item) = (attempt.step, attempt.item)
            (lineage, self.attempt) = (attempt.lineage, attempt.attempt)
        case .cancelRequested(let reason): self.init("cancel.requested", detail: ["reason": .string(reason)])
        case .runFinished(.succeeded(let output)): self.init("run.succeeded", payload: output)
        case .runFinished(.failed(let error, let step)):
            self.init("run.failed", detail: ["error": error.json])
            self.step = step
        case .runFinished(.cancelled(let reason)): self.init("run.cancelled", detail: ["reason": .string(reason)])
        case .note(let topic, let content): self.init("note", detail: ["topic": .string(topic), "content": content])
        }
    }
}

// MARK: Row → event

extension JournalRow {
    /// What is wrong with a row; becomes the cause of `record_unreadable`.
    struct Unreadable: Error {
        let reason: String
    }

    /// - Parameter creation: reads the run's row, for the record that created it.
    func event(creation: () throws -> RunCreation) throws -> JournalEvent {
        switch kind {
        case "run.created": .runCreated(try creation())
        case "attempt.intent", "attempt.started", "attempt.result", "attempt.failed": try attemptEvent()
        case "step.skipped": .stepSkipped(step: try need(step, "step"), item: item, reason: try text("reason"))
        case "timer.set":
            .timerSet(
                key: try text("key"),
                delayNanoseconds: UInt64(clamping: try need(detail?["delay_ns"]?.intValue, "delay_ns")))
        case "timer.fired": .timerFired(key: try text("key"))
        case "effect.intent", "effect.result", "effect.failed": try effectEvent()
        case "artifact.kept": .artifactKept(try ArtifactRef(record: need(detail, "detail")), by: optionalAddress)
        case "cancel.requested": .cancelRequested(reason: try text("reason"))
        case "run.succeeded": .runFinished(.succeeded(output: payload))
        case "run.failed": .runFinished(.failed(try error(), step: step))
        case "run.cancelled": .runFinished(.cancelled(reason: try text("reason")))
        case "note": .note(topic: try text("topic"), detail?["content"] ?? .null)
        default: throw Unreadable(reason: "unknown kind \"\(kind.prefix(40))\"")
        }
    }

    private func attemptEvent() throws -> JournalEvent {
        guard let address = optionalAddress else { throw Unreadable(reason: "no attempt in a record of one") }
        let metrics = AttemptMetrics(detail?["metrics"])
        return switch kind {
        case "attempt.intent": .attemptIntent(address, target: try need(target, "target"), request: payload)
        case "attempt.started":
            .attemptStarted(address, worker: metrics.worker ?? "", pluginDigest: metrics.pluginDigest)
        case "attempt.result": .attemptResult(address, AttemptSuccess(value: payload, detail: detail, metrics: metrics))
        default:
            .attemptFailed(
                address, try error(), isInfrastructure: detail?["infrastructure"]?.boolValue ?? false, metrics: metrics)
        }
    }

    private func effectEvent() throws -> JournalEvent {
        let ordinal = try need(detail?["ordinal"]?.intValue.flatMap { Int(exactly: $0) }, "ordinal")
        let key = EffectKey(
            step: try need(step, "step"), item: item, lineage: try need(lineage, "lineage"),
            service: try text("service"), method: try text("method"), requestHash: try text("request_hash"),
            ordinal: ordinal)
        let attempt = try need(attempt, "attempt")
        return switch kind {
        case "effect.intent": .effectIntent(key, attempt: attempt, request: payload)
        case "effect.result": .effectResult(key, attempt: attempt, .succeeded(payload))
        default: .effectResult(key, attempt: attempt, .failed(try error()))
        }
    }

    private var optionalAddress: AttemptKey? {
        guard let step, let attempt, let lineage else { return nil }
        return AttemptKey(step: step, item: item, attempt: attempt, lineage: lineage)
    }

    private func error() throws -> CorralError { try need(CorralError(record: detail?["error"]), "error") }

    private func text(_ member: String) throws -> String { try need(detail?[member]?.stringValue, member) }

    private func need<T>(_ value: T?, _ name: String) throws -> T {
        guard let value else { throw Unreadable(reason: "a record of kind \"\(kind)\" without \(name)") }
        return value
    }
}
