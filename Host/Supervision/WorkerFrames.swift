// SPDX-License-Identifier: Apache-2.0
// WorkerFrames: calls going out to a worker, and what it means when the worker answers.

import CorralBase
import CorralCatalog
import CorralSocket
import CorralWire
import Glibc

extension WorkerPool {
    // MARK: Out

    func dispatch(_ record: CallRecord, to worker: Worker) {
        let call = record.call
        guard let plugin = worker.numberOf(call.plugin.digest) else { return }
        let message = CallMessage(
            plugin: plugin, target: call.target, method: call.method, depth: call.depth, deadline: call.deadline,
            context: call.context, idempotencyKey: call.idempotencyKey,
            artifacts: call.artifacts.map { CallMessage.ArtifactEntry(reference: $0.reference, bytes: $0.bytes) },
            body: call.body)
        do throws(CorralError) {
            var descriptors: [OwnedDescriptor] = []
            let isInline = fitsInline(call.body.count, worker)
            if !isInline { descriptors.append(try sealed(call.body, "request")) }
            let frame = worker.connection.call(call.id.number, message, bodyInDescriptor: !isInline)
            for artifact in call.artifacts { descriptors.append(try sealed(artifact)) }
            started(record, in: worker)
            send(worker, frame, descriptors: descriptors)
        } catch {
            worker.connection.forget(call.id.number)
            record.place = .over
            fail(record, error)
        }
    }

    /// Small bodies go inside the frame, unless so much waits already that a worker which is only slow would look like
    /// one that does not read.
    func fitsInline(_ bytes: Int, _ worker: Worker) -> Bool {
        bytes <= CallMessage.inlineBytesMax && worker.outQueue.bytes + bytes <= Limits.workerQueueBytesMax / 2
    }

    private func started(_ record: CallRecord, in worker: Worker) {
        let now = monotonicNanoseconds()
        meterStart(record, in: worker)
        record.place = .running(worker.number)
        record.sentAt = now
        record.metrics.worker = worker.key
        record.metrics.plugin = record.call.plugin.digest
        record.metrics.workerPID = worker.launched?.pid ?? 0
        record.metrics.bytesIn = record.call.artifacts.reduce(UInt64(record.call.body.count)) { $0 &+ $1.bytes }
        worker.running[record.call.id.number] = record
        worker.runningOfPlugin[record.call.plugin.digest, default: 0] += 1
        record.events(.started(worker.key, pid: record.metrics.workerPID, at: now))
        watchProcessors()
    }

    func sealed(_ bytes: [UInt8], _ name: String) throws(CorralError) -> OwnedDescriptor {
        let number = bytes.withUnsafeBytes { corral_sealed_memfd(name, $0.baseAddress, $0.count) }
        guard number >= 0 else { throw .artifactUnreadable(name, -number) }
        return OwnedDescriptor(number)
    }

    private func sealed(_ artifact: CallArtifact) throws(CorralError) -> OwnedDescriptor {
        let source = OwnedDescriptor(try artifact.open())
        let seals = fcntl(source.number, getSeals)
        if seals >= 0, seals & allSeals == allSeals { return source }
        guard let bytes = Int(exactly: artifact.bytes) else { throw .artifactUnreadable(artifact.reference, EFBIG) }
        let copy = corral_sealed_memfd_from("artifact", source.number, bytes)
        guard copy >= 0 else { throw .artifactUnreadable(artifact.reference, -copy) }
        return OwnedDescriptor(copy)
    }

    // MARK: In

    func handle(_ event: WorkerConnection.Event, of worker: Worker) {
        switch event {
        case .ready(let toolchain): greeted(worker, toolchain: toolchain)
        case .loaded(let plugin, _, _): loaded(worker, plugin)
        case .loadFailed(let plugin, let reason, let detail):
            loadFailed(worker, plugin, LoadProblem(reason.problem, detail: printable(detail)))
        // The host's clock counts from sending; that the worker has begun tells it nothing more.
        case .started: break
        case .data(let call, let message, let bytes): data(worker, call, message, bytes)
        case .progress(let call, let message):
            worker.running[call]?.progress(message, at: monotonicNanoseconds())
        case .complete(let call, let message):
            if let record = worker.running[call] { complete(record, message, in: worker) }
        case .log(let call, let message):
            let plugin = worker.plugin(numbered: message.plugin)?.id
            let level = LogLevel(rawValue: message.level) ?? .info
            logLine(worker, call: worker.running[call], level: level, plugin: plugin, printable(message.text))
        case .serviceRequest(let call, let request, let service, let method, let body):
            serve(worker, call, request, service, method, body)
        case .serviceRefused(let call, let request, let reason):
            let answer = ServiceAnswer(status: limitStatus, result: serviceErrorBody("limit", reason))
            reply(worker.number, call, request, answer)
        case .serviceCredit(let call, let request):
            if let record = worker.running[call] { sendHeldEvents(of: request, record, to: worker) }
        case .goodbye: break
        }
    }

    private func data(_ worker: Worker, _ call: UInt64, _ message: DataMessage, _ bytes: Int) {
        guard let record = worker.running[call] else { return }
        record.metrics.bytesOut &+= UInt64(bytes)
        // After a broken limit nothing is kept and no credit given: the call can only end.
        guard record.brokenLimit == nil else { return }
        if let broken = record.output.append(message) {
            record.brokenLimit = broken
            stop(record, .limit)
            return
        }
        if case .partial(let bytes) = message { show(bytes, record) }
        if let credit = worker.connection.creditDue(call) { send(worker, credit) }
    }

    private func show(_ bytes: [UInt8], _ record: CallRecord) {
        guard record.partial(bytes, at: monotonicNanoseconds()), record.partialTimer == nil else { return }
        let id = record.call.id.number
        record.partialTimer = lane.after(nanoseconds: 1_000_000_000 / UInt64(Limits.progressPerSecondMax)) {
            [weak self] in
            self?.assumeIsolated { pool in
                guard let record = pool.calls[id] else { return }
                record.partialTimer = nil
                record.showPartial()
            }
        }
    }

    private func complete(_ record: CallRecord, _ message: CompleteMessage, in worker: Worker) {
        record.metrics.cpuNanoseconds = message.cpuNanoseconds
        finish(record, ending(of: record, message))
        if worker.isClosing { closeIfDone(worker) }
        if worker.state == .draining {
            killIfOnlyCulpritsRun(worker)
            sayGoodbyeIfDone(worker)
        }
        pump(worker.key.compartment)
    }

    private func ending(of record: CallRecord, _ message: CompleteMessage) -> CallOutcome.Ending {
        if record.cancelReason == .limit || record.brokenLimit != nil || record.cancelReason == .deadline {
            return .failure(CallFailure(error: stopError(record, isKilled: false), isInfrastructure: false))
        }
        if message.status >= 0 {
            return success(of: record, message)
        }
        // A plugin looks at the same clock, and may stop at its deadline before the host's timer has said so.
        if message.status == cancelledStatus, record.cancelReason == nil, monotonicNanoseconds() >= record.call.deadline
        {
            record.cancelReason = .deadline
        }
        if record.cancelReason != nil {
            return .failure(CallFailure(error: stopError(record, isKilled: false), isInfrastructure: false))
        }
        return .failure(pluginFailure(record, message))
    }

    private func success(of record: CallRecord, _ message: CompleteMessage) -> CallOutcome.Ending {
        do throws(CorralError) {
            return .success(
                CallSuccess(
                    result: record.output.result, artifacts: try record.output.takeArtifacts(),
                    confidence: message.confidence, changes: message.changes))
        } catch {
            return .failure(CallFailure(error: error, isInfrastructure: false))
        }
    }

    private func pluginFailure(_ record: CallRecord, _ message: CompleteMessage) -> CallFailure {
        let failure = message.failure
        let named = statusName(message.status)
        let text = failure?.message ?? ""
        let words =
            text.isEmpty
            ? "\(record.call.noun) of plugin \"\(record.plugin)\" failed without a reason (\(named))" : text
        let details = failure.flatMap { $0.details.isEmpty ? nil : $0.details }
        let code = failure.flatMap { $0.code.isEmpty ? nil : $0.code } ?? named
        // The worker's runtime stops a call that pushes too much before the host has to.
        if message.status == limitStatus {
            let error = CorralError.callLimit(record.plugin, record.call.noun, printable(words))
            return CallFailure(error: error, isInfrastructure: false, pluginCode: code, details: details)
        }
        return CallFailure(
            error: .pluginFailed(
                words, isRetryable: failure?.isRetryable ?? (message.status == unavailableStatus), details: details),
            isInfrastructure: false, pluginCode: code, details: details)
    }
}

// fcntl.h and memfd seals, whose macros are not imported (fcntl(2), Linux 3.17).
private let getSeals: Int32 = 1034
private let allSeals: Int32 = 0x1 | 0x2 | 0x4 | 0x8

// version.h
private let cancelledStatus: Int32 = -1
private let unavailableStatus: Int32 = -4
let limitStatus: Int32 = -7

private func statusName(_ status: Int32) -> String {
    let names: [Int32: String] = [
        -1: "cancelled", -2: "invalid", -3: "failed", -4: "unavailable", -5: "denied", -6: "unsupported",
        -7: "limit", -8: "timeout", -9: "gone",
    ]
    return names[status] ?? "failed"
}

extension LoadFailedMessage.Reason {
    /// The catalogue's word for it.
    var problem: LoadProblem.Reason {
        switch self {
        case .cannotOpen: .cannotOpen
        case .missingDependency: .missingDependency
        case .noEntryPoint: .noEntryPoint
        case .refusedByPlugin: .refusedByPlugin
        case .wrongABI: .wrongABI
        case .manifestDiffers: .manifestDiffers
        case .manifestTooLarge: .manifestTooLarge
        case .missingExtension: .missingExtension
        case .activationFailed: .activationFailed
        case .missingSymbol: .missingSymbol
        case .badSignature: .badSignature
        case .badDescriptor: .badDescriptor
        }
    }
}
