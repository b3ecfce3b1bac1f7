// SPDX-License-Identifier: Apache-2.0
// WorkerDispatcher: the end of the pipeline: a call becomes a call of a worker, and the worker's requests for host
// services become calls of their own.

import CorralBase
import CorralCatalog
import CorralPipeline
import CorralServices
import CorralStore
import CorralSupervision
import CorralWire
import Glibc

struct WorkerDispatcher: Dispatcher {
    let pool: WorkerPool
    let services: Services
    let artifacts: ArtifactFolder
    let catalogue: any CatalogueSource
    let clock: any HostClock

    func dispatch(_ call: Call) async throws(CorralPipeline.CallFailure) -> WorkerOutput {
        let (plugin, target) = try plugin(of: call)
        let artifacts = try files(of: call)
        let live = LiveCall(call: call)
        await services.register(live)
        let request = PluginCall(
            id: CallID(call.id), plugin: plugin, target: target, method: call.method, body: call.body,
            artifacts: artifacts, context: call.context, deadline: call.deadline,
            depth: UInt32(clamping: call.ancestors.count), idempotencyKey: idempotencyKey(of: call))
        let outcome = await pool.call(request) { event in
            if let event = CorralPipeline.CallEvent(event) { call.observer(event) }
        }
        await services.unregister(call.id)
        var metrics = CorralPipeline.CallMetrics(outcome.metrics, clock)
        let prompts = live.life.prompts
        if !prompts.isEmpty { metrics.attributes["corral.prompts"] = .array(prompts.map { .string($0) }) }
        switch outcome.ending {
        case .success(let success): return WorkerOutput(success, metrics)
        case .failure(let failure):
            throw CorralPipeline.CallFailure(
                failure.error.named(failure.pluginCode), fault: failure.isInfrastructure ? .infrastructure : .call,
                metrics: metrics)
        }
    }

    private func plugin(
        of call: Call
    ) throws(CorralPipeline.CallFailure) -> (plugin: CatalogEntry, target: CallTarget) {
        do throws(CorralError) {
            let snapshot = catalogue.snapshot()
            if let kind = call.kind.provider {
                return (try snapshot.provider(call.plugin.text, of: kind), CallTarget(kind))
            }
            if call.kind == .agent { return (try snapshot.agent(call.plugin.text), .agent) }
            let (entry, tool) = try snapshot.tool(call.targetText)
            let isDeclared = entry.manifest.tools.contains { $0.name == tool.name }
            return (entry, isDeclared ? .tool : .native)
        } catch { throw CorralPipeline.CallFailure(error) }
    }

    /// Opened only when the call is sent: calls that wait hold no copies of large files in memory.
    private func files(of call: Call) throws(CorralPipeline.CallFailure) -> [CallArtifact] {
        var opened: [CallArtifact] = []
        for artifact in call.artifacts {
            do {
                try artifacts.require(artifact.sha256, bytes: artifact.bytes)
                let folder = artifacts
                opened.append(
                    CallArtifact(reference: artifact.reference, bytes: UInt64(artifact.bytes)) {
                        () throws(CorralError) -> Int32 in
                        do { return try folder.open(artifact.sha256, bytes: artifact.bytes) } catch {
                            throw error as? CorralError ?? .internalFault("\(error)")
                        }
                    })
            } catch {
                throw CorralPipeline.CallFailure(error as? CorralError ?? .internalFault("\(error)"))
            }
        }
        return opened
    }

    /// A tool use is one of several effects of its attempt, so its key says which.
    private func idempotencyKey(of call: Call) -> String {
        guard let origin = call.origin, call.infrastructure == nil else { return "" }
        guard let effect = call.effect else { return origin.idempotencyKey }
        return "\(origin.idempotencyKey)/\(effect.method)/\(effect.requestHash.prefix(16))/\(effect.ordinal)"
    }
}

/// Requests of workers enter the services here; the pool has checked that the call is one of that worker's.
struct ServiceGate: HostServices {
    let services: Services

    func receive(
        _ request: WorkerServiceRequest, from worker: WorkerKey, emit: @escaping ServiceEmit
    ) async -> CorralSupervision.ServiceAnswer {
        let asked = ServiceRequest(
            call: request.call.number, service: request.service, method: request.method, body: request.body,
            grants: request.plugin.granted, prompts: request.plugin.manifest.prompts.map(DeclaredPrompt.init))
        switch await services.receive(asked, from: worker, emit: emit) {
        case .success(let bytes, let descriptors):
            return .init(status: 0, result: bytes, descriptors: descriptors)
        case .failure(let status, let error):
            let detail: JSON = [
                "code": .string(error.code.name), "message": .string(error.text),
                "retryable": .bool(error.isRetryable),
            ]
            return .init(status: status.rawValue, result: detail.bytes())
        }
    }
}

extension CorralError {
    /// The same error under the name the plugin gave it, so that a flow's `retry.on` can match it.
    fileprivate func named(_ pluginCode: String?) -> CorralError {
        guard let pluginCode, !pluginCode.isEmpty else { return self }
        return CorralError(
            ErrorCode(code.number, pluginCode), message, hint: hint, cause: cause, isRetryable: isRetryable)
    }

    /// Message and cause in one sentence, for whoever sees neither codes nor hints.
    var text: String { message + (cause.map { ": " + $0 } ?? "") }
}

extension CorralPipeline.CallEvent {
    /// Nil for what the engine knows already.
    init?(_ event: CorralSupervision.CallEvent) {
        switch event {
        case .queued: return nil
        case .started(let key, _, _): self = .started(worker: key.description)
        case .progress(let fraction, let text): self = .progress(fraction: fraction, text: text)
        case .partial(let text): self = .partial(text)
        case .log(let level, let plugin, let text): self = .log(level: level.rawValue, plugin: plugin.text, text: text)
        }
    }
}

extension CorralPipeline.CallMetrics {
    init(_ metrics: CorralSupervision.CallMetrics, _ clock: any HostClock) {
        self.init()
        queuedNanoseconds = metrics.queuedNanoseconds
        runningNanoseconds = metrics.runningNanoseconds
        cpuNanoseconds = metrics.processorNanoseconds
        threadNanoseconds = metrics.cpuNanoseconds
        residentBytesMax = metrics.residentBytesMax
        requestBytes = Int(clamping: metrics.bytesIn)
        resultBytes = Int(clamping: metrics.bytesOut)
        worker = metrics.worker?.description
        pluginDigest = metrics.plugin?.text
        if worker != nil { startedAt = clock.wallNanoseconds() - Int64(clamping: metrics.runningNanoseconds) }
    }
}

extension WorkerOutput {
    init(_ success: CallSuccess, _ metrics: CorralPipeline.CallMetrics) {
        let files = success.artifacts.map { artifact in
            switch artifact.content {
            case .bytes(let bytes): File(name: artifact.name, mediaType: artifact.mediaType, content: .bytes(bytes))
            case .file(let descriptor, let bytes):
                File(
                    name: artifact.name, mediaType: artifact.mediaType,
                    content: .file(descriptor.number, bytes: bytes, owner: descriptor))
            }
        }
        self.init(
            result: success.result, files: files, confidence: success.confidence, changes: success.changes,
            metrics: metrics)
    }
}

/// Output files go to the tenant's folder of artifacts.
extension ArtifactFolder: ArtifactKeeper {
    package func keep(_ file: WorkerOutput.File) throws -> ArtifactRef {
        switch file.content {
        case .bytes(let bytes): try importBytes(bytes, name: file.name, mediaType: file.mediaType)
        case .file(let descriptor, _, _):
            try importFile(descriptor: descriptor, name: file.name, mediaType: file.mediaType)
        }
    }
}
