// SPDX-License-Identifier: Apache-2.0
// TenantRuntime+Starting: from a request to a run that is acknowledged.

import CorralBase
import CorralCatalog
import CorralControl
import CorralFlow
import CorralPipeline
import CorralStore
import CorralSupervision
import CorralWire
import Foundation

extension TenantRuntime {
    /// Starts a run and returns when its creation is committed as its mode promises. Input files are copied before.
    /// - Parameters:
    ///   - descriptors: the request's files; stay the caller's.
    ///   - principal: who asks; also the run's user when the request names none.
    /// - Throws: `flow_has_mistakes`, `flow_input_invalid`, the store's errors.
    package func start(
        _ request: StartRunRequest, descriptors: [Int32], principal: String
    ) async throws -> RunID {
        do { return try await begin(request, descriptors, principal) } catch let error as CorralError {
            // An input that does not fit is quoted.
            throw await redactor.redact(error)
        }
    }

    private func begin(
        _ request: StartRunRequest, _ descriptors: [Int32], _ principal: String
    ) async throws -> RunID {
        var request = request
        request.user = request.user ?? principal
        try requireRunning()
        if let key = request.idempotencyKey,
            let known = try await journal.withStore({ try $0.run(clientRequest: key) })
        {
            return known.id
        }
        let snapshot = catalogue.snapshot()
        let source = try request.flowSource(snapshot)
        let definition = try FlowDefinition.checked(source.text, file: source.file, FlowPlugins(snapshot))
        // Who builds a plugin and starts a run means what was just built.
        await pool.settle(Set(definition.steps.map(\.target.plugin)), within: .seconds(2))
        let (input, artifacts) = try await input(of: request, definition, descriptors)
        let now = clock.wallNanoseconds()
        let run = RunID(milliseconds: UInt64(max(0, now)) / 1_000_000, random: .random(in: 0 ... .max))
        let active = ActiveRun(
            id: run, tenant: tenant, name: request.name(definition), definition: definition,
            machine: FlowRun(definition: definition, input: input, seed: .random(in: 0 ... .max)),
            context: CallContext(
                user: request.user ?? "", feature: request.feature ?? "", session: request.session ?? "",
                taskType: request.taskType ?? "", complexity: request.complexity ?? ""),
            durability: try durability(of: request, definition), span: .root(), startedAt: now)
        try await create(active, creation(of: active, request, artifacts, principal))
        begin(active)
        tellRunBegan(active)
        apply(active.machine.handle(.started(now: now)), to: active)
        return run
    }

    /// Admits the run and writes its creation; a run in mode `exit`, which is written at its end, is counted apart.
    private func create(_ run: ActiveRun, _ creation: JournalRecord) async throws {
        try await admitRun(at: run.startedAt)
        do {
            if run.durability == .exit {
                let day = UsageDay.number(at: run.startedAt)
                try await journal.withStore { try $0.addUsage([UsageName.executions: 1], on: day) }
            }
            try await journal.append([creation], run.durability)
        } catch {
            takeBackRun()
            throw error
        }
    }

    func begin(_ run: ActiveRun) {
        add(run)
        run.emit(
            .runStarted(run: run.id, name: run.name, steps: run.definition.stepNames),
            at: clock.wallNanoseconds())
    }

    private func durability(of request: StartRunRequest, _ definition: FlowDefinition) throws -> Durability {
        guard let name = request.mode else { return definition.mode ?? settings.durability }
        guard let durability = Durability(rawValue: name) else { throw CorralError.unknownMode(name) }
        return durability
    }

    private func creation(
        of run: ActiveRun, _ request: StartRunRequest, _ artifacts: [ArtifactRef], _ principal: String
    ) -> JournalRecord {
        let text = Array(run.definition.text.utf8)
        let creation = RunCreation(
            flow: run.name, flowDigest: ContentHash(of: text).hex, definition: text,
            input: run.machine.input.bytes(), seed: run.machine.seed, mode: run.durability, user: request.user,
            feature: request.feature, session: request.session, taskType: request.taskType,
            complexity: request.complexity, labels: request.labels,
            clientRequest: request.idempotencyKey, artifacts: artifacts,
            context: [
                "file": .string(run.definition.file), "trace": .string(run.span.trace), "span": .string(run.span.span),
                "isolation": .string(isolationLevel), "principal": .string(principal),
            ])
        return JournalRecord(run: run.id, at: run.startedAt, event: .runCreated(creation))
    }

    private func input(
        of request: StartRunRequest, _ definition: FlowDefinition, _ descriptors: [Int32]
    ) async throws -> (JSON, [ArtifactRef]) {
        var given = JSONObject()
        var imported: [ArtifactRef] = []
        for (name, input) in request.inputs.sorted(by: { $0.key < $1.key }) {
            switch input {
            case .value(let text):
                given[name] = text.value
            case .file(let index, let file, let mediaType):
                guard descriptors.indices.contains(index) else { throw CorralError.descriptorMissing(name) }
                let descriptor = descriptors[index]
                let artifact = try await importFile(descriptor, redactor.redact(file), mediaType)
                imported.append(artifact)
                given[name] = artifact.json
            }
        }
        let resolved = try definition.resolveInput(.object(given))
        return (resolved, imported)
    }
}

extension TenantRuntime {
    /// On a thread of its own: a large file must not hold up the lane.
    private func importFile(_ descriptor: Int32, _ name: String, _ mediaType: String) async throws -> ArtifactRef {
        let folder = artifacts
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        try folder.importFile(descriptor: descriptor, name: name, mediaType: mediaType)
                    })
            }
        }
    }
}

extension FlowDefinition {
    /// Reads and checks a flow.
    /// - Throws: `flow_has_mistakes`, with all of them in its cause.
    static func checked(_ text: String, file: String, _ plugins: FlowPlugins) throws -> FlowDefinition {
        let definition: FlowDefinition
        do {
            definition = try parse(text, file: file)
        } catch {
            throw CorralError.flowHasMistakes(file, error.diagnostics)
        }
        let mistakes = definition.check(catalogue: plugins).filter { $0.severity == .error }
        guard mistakes.isEmpty else { throw CorralError.flowHasMistakes(file, mistakes) }
        return definition
    }
}

/// The catalogue as `flow check` asks it.
package struct FlowPlugins: FlowCatalogue {
    private let snapshot: CatalogSnapshot

    package init(_ snapshot: CatalogSnapshot) { self.snapshot = snapshot }

    package var agentNames: [String] { snapshot.agentNames }
    package var toolNames: [String] { snapshot.toolNames }

    package func agent(_ id: PluginID) -> AgentDescription? {
        guard let agent = snapshot.entries[id]?.manifest.agent else { return nil }
        return AgentDescription(inputSchema: agent.input, outputSchema: agent.output)
    }

    package func tool(_ id: ToolID) -> AgentDescription? {
        guard let tool = snapshot.entries[id.plugin]?.tool(id.tool) else { return nil }
        return AgentDescription(inputSchema: tool.input, outputSchema: tool.output)
    }
}
