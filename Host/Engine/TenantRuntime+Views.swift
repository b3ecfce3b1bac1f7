// SPDX-License-Identifier: Apache-2.0
// TenantRuntime+Views: what the journal and the spans say about runs, in the control API's words.

import CorralBase
import CorralControl
import CorralFlow
import CorralPipeline
import CorralServices
import CorralStore
import CorralWire

extension TenantRuntime {
    /// The run that a person means by an id, a beginning of one, or `last`.
    /// - Throws: `run_unknown`, `run_ambiguous`.
    package func resolve(_ text: String) async throws -> RunID {
        try await journal.withStore { store in
            if text == "last", let latest = try store.runs(RunFilter(limit: 1)).first { return latest.id }
            return try store.resolve(text)
        }
    }

    package func list(_ request: RunsListRequest) async throws -> [RunSummary] {
        // The journal calls running what this process may not be working on.
        let wanted = request.state == .interrupted ? RunState.running : request.state
        let filter = RunFilter(request, state: wanted.flatMap { StoredRun.State(rawValue: $0.rawValue) })
        let stored = try await journal.withStore { store in
            try store.runs(filter).map { ($0, try store.steps(of: $0.id)) }
        }
        return stored.map { summary(of: $0, steps: $1) }
            .filter { request.state == nil || $0.state == request.state }
    }

    package func show(_ run: RunID, trace: Bool) async throws -> RunDetail {
        let record = try await record(of: run)
        let read = try await journal.withStore { store in
            (
                steps: try store.steps(of: run), creation: try store.creation(of: run),
                artifacts: try store.artifacts(of: run), output: try store.output(of: run),
                opaque: try store.effects(of: run, services: Self.opaqueMethods), scores: try store.scores(of: run)
            )
        }
        let pins = try await pins(of: run)
        let (spans, dropped) = trace ? try await tracer.spans(of: run) : ([], 0)
        let isActive = isActive(run)
        let order = stepOrder(read.creation)
        var detail = RunDetail(
            summary: summary(of: record, steps: read.steps, total: order.count), mode: record.mode.rawValue,
            principal: record.context["principal"]?.stringValue, flowDigest: record.flowDigest,
            isolationLevel: record.context["isolation"]?.stringValue ?? "",
            steps: stepDetails(read.steps, order, of: runs[run]).map { $0.marked(read.opaque, pins) },
            artifacts: read.artifacts.map(ArtifactDescription.init),
            output: try await redacted(read.output), spans: spans.map(SpanDetail.init),
            spansDropped: dropped, mayHaveRun: mayHaveRun(read.steps, isActive: isActive))
        detail.scores = read.scores.map(ScoreDetail.init)
        return detail
    }

    /// What no record holds: bytes over a connection, and through a program's pipes.
    private static let opaqueMethods = [("corral.host.connect/1", "open"), ("corral.host.process/1", "start")]

    private func summary(of run: StoredRun, steps: [StoredStep], total: Int? = nil) -> RunSummary {
        let isLeft = run.state == .running && !isActive(run.id)
        return RunSummary(
            run: run.id, tenant: tenant, name: run.flow,
            state: isLeft ? .interrupted : RunState(rawValue: run.state.rawValue) ?? .running,
            startedAt: run.createdAt, finishedAt: run.finishedAt,
            stepsDone: steps.count { $0.state == .succeeded || $0.state == .skipped },
            stepsTotal: max(total ?? 0, steps.count), user: run.user, feature: run.feature, session: run.session,
            taskType: run.taskType, complexity: run.complexity, labels: run.labels, confidence: run.confidence,
            changes: Set(steps.flatMap(\.attempts).flatMap(\.changes).map(\.changeClass)).sorted(), error: run.error)
    }

    private func stepOrder(_ creation: RunCreation?) -> [String] {
        guard let creation else { return [] }
        let text = String(decoding: creation.definition, as: UTF8.self)
        return (try? FlowDefinition.parse(text, file: creation.flow))?.stepNames ?? []
    }

    /// One row for each attempt, in the flow's order; a step that has none yet is one row that waits.
    private func stepDetails(_ steps: [StoredStep], _ order: [String], of run: ActiveRun?) -> [StepDetail] {
        let places = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let seen = Set(steps.map(\.step))
        let waiting = order.filter { !seen.contains($0) }.map {
            StepDetail(StepReference($0, attempt: 0), state: .waiting, target: "")
        }
        let rows = steps.flatMap { step in
            step.attempts.isEmpty
                ? [
                    StepDetail(
                        StepReference(step.step, item: step.item, attempt: 0), state: .skipped, target: "",
                        reason: step.reason)
                ] : step.attempts.map { StepDetail($0, of: run) }
        }
        return (rows + waiting).sorted {
            let (a, b) = ($0.reference, $1.reference)
            return (places[a.step] ?? .max, a.item ?? -1, a.attempt) < (places[b.step] ?? .max, b.item ?? -1, b.attempt)
        }
    }

    /// What was under way when its host or worker ended: lost with it, or without an end and nobody works on it.
    private func mayHaveRun(_ steps: [StoredStep], isActive: Bool) -> [StepReference] {
        var found: [StepReference] = []
        for attempt in steps.flatMap(\.attempts) {
            let isOpen = attempt.state == .queued || attempt.state == .running
            let isLost = attempt.error?.code == .hostDied || attempt.error?.code == .workerLost
            if isLost || (isOpen && !isActive) { found.append(attempt.address.reference) }
        }
        return found
    }

    /// A run's output as people see it: the journal alone has it exactly.
    private func redacted(_ output: [UInt8]?) async throws -> JSON? {
        guard let output else { return nil }
        return await redactor.redact(try JSON(parsing: output))
    }

    func redacted(_ end: RunEnd) async -> RunEnd {
        guard let output = end.output?.value else { return end }
        var copy = end
        copy.output = JSONText(await redactor.redact(output))
        return copy
    }

    /// The end of a run that no longer runs here.
    func recordedEnd(of run: RunID) async throws -> RunEnd { await redacted(try await exactEnd(of: run)) }

    private func exactEnd(of run: RunID) async throws -> RunEnd {
        let record = try await record(of: run)
        let output = try await journal.withStore { try $0.output(of: run) } ?? []
        let finishedAt = record.finishedAt ?? record.createdAt
        switch record.state {
        case .running:
            throw CorralError.runInterrupted(run, cause: .hostDied())
        case .succeeded:
            return RunEnd(run, startedAt: record.createdAt, finishedAt: finishedAt, .succeeded(output: output))
        case .failed:
            let error = record.error ?? .internalFault("a failed run without an error")
            return RunEnd(
                run, startedAt: record.createdAt, finishedAt: finishedAt, .failed(error, step: record.failedStep))
        case .cancelled:
            return RunEnd(
                run, startedAt: record.createdAt, finishedAt: finishedAt, .cancelled(reason: record.reason ?? ""))
        }
    }
}

extension RunFilter {
    init(_ request: RunsListRequest, state: StoredRun.State?) {
        self.init(
            state: state, flow: request.flow, session: request.session, limit: max(1, min(1_000, request.limit)))
        user = request.user
        feature = request.feature
        taskType = request.taskType
        complexity = request.complexity
        confidenceMin = request.confidenceMin
        confidenceMax = request.confidenceMax
        changeClass = request.changes
        since = request.sinceMilliseconds
    }
}

extension StepDetail {
    /// - Parameter run: the run when it is under way in this process.
    init(_ attempt: StoredAttempt, of run: ActiveRun?) {
        let isActive = run.map { $0.end == nil } ?? false
        let worker = run?.workers[attempt.address]
        let state: StepState =
            switch attempt.state {
            case .succeeded: .succeeded
            case .failed: attempt.error?.code == .hostDied ? .interrupted : .failed
            case .queued, .running: !isActive ? .interrupted : worker == nil ? .queued : .running
            }
        self.init(
            attempt.address.reference, state: state, target: attempt.target,
            startedAt: attempt.startedAt ?? attempt.queuedAt,
            queuedNanoseconds: attempt.metrics.queuedNanoseconds ?? 0,
            runningNanoseconds: attempt.metrics.runningNanoseconds ?? 0, meter: CallMeter(attempt.metrics),
            worker: attempt.metrics.worker ?? worker,
            pluginDigest: attempt.metrics.pluginDigest, confidence: attempt.confidence,
            changes: attempt.changes,
            error: attempt.error)
    }
}

extension CallMeter {
    /// Nil for an attempt that no worker has ended, or of an older version.
    init?(_ metrics: AttemptMetrics) {
        guard let processor = metrics.cpuNanoseconds, let resident = metrics.residentBytesMax, metrics.worker != nil
        else { return nil }
        self.init(
            processorNanoseconds: processor, residentBytesMax: resident, requestBytes: metrics.requestBytes ?? 0,
            resultBytes: metrics.resultBytes ?? 0)
    }
}

extension StepDetail {
    /// With the services that made it opaque. Effects belong to a lineage, which attempts of one step share or follow.
    fileprivate func marked(_ effects: [EffectKey], _ pins: [(key: EffectKey, pin: PromptPin)]) -> StepDetail {
        var marked = self
        let own = effects.filter { $0.step == reference.step && $0.item == reference.item }
        let names = own.map {
            $0.service.split(separator: ".").last?.split(separator: "/").first.map(String.init) ?? ""
        }
        marked.opaque = reference.attempt == 0 ? [] : Set(names).sorted()
        let used = pins.filter { $0.key.step == reference.step && $0.key.item == reference.item }
        marked.prompts = reference.attempt == 0 ? [] : Set(used.map { "\($0.pin.plugin).\($0.pin.text)" }).sorted()
        return marked
    }
}

extension ScoreDetail {
    init(_ score: StoredScore) {
        self.init(
            StepReference(score.step, item: score.item, attempt: score.attempt), judge: score.judge,
            criterion: score.criterion, score: score.score, explanation: score.explanation, at: score.at)
    }
}

extension SpanDetail {
    init(_ span: SpanRecord) {
        self.init(
            id: span.span, parent: span.parent, name: span.name, kind: span.kind,
            step: span.step.map { StepReference($0, item: span.item, attempt: span.attempt ?? 1) },
            startedAt: span.startedAt, queuedUntil: span.queuedUntil, endedAt: span.endedAt, status: span.status,
            attributes: span.attributes)
    }
}

extension ActiveRun {
    /// The span that all others of the run hang below.
    func spanRecord(_ end: RunEnd) -> SpanRecord {
        var attributes = JSONObject()
        attributes["corral.tenant"] = .string(tenant.text)
        attributes["corral.run"] = .string(id.text)
        attributes["corral.mode"] = .string(durability.rawValue)
        for (name, text) in context.attributes { attributes[name] = .string(text) }
        attributes["error.type"] = end.error.map { .string($0.code.name) }
        attributes["error.message"] = end.error.map { .string($0.message) }
        return SpanRecord(
            trace: span.trace, span: span.span, run: id, name: name, kind: "run", startedAt: startedAt,
            endedAt: end.finishedAt, status: end.state == .succeeded ? "ok" : "error",
            attributes: .object(attributes))
    }
}
