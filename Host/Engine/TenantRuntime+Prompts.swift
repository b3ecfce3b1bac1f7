// SPDX-License-Identifier: Apache-2.0
// TenantRuntime+Prompts: what people do with a tenant's prompts. Nothing gets a label, and so nothing changes what runs
// read, that nobody approved; the one exception is asked for twice in the configuration (docs/prompts.md).

import CorralBase
import CorralCatalog
import CorralControl
import CorralServices
import CorralStore

extension TenantRuntime {
    /// Prompts that plugins declare, and those that only the store knows any more.
    /// - Throws: `plugin_unknown`.
    func promptSummaries(of plugin: String?) async throws -> [PromptSummary] {
        let snapshot = catalogue.snapshot()
        let only = try plugin.map { try snapshot.plugin($0).id }
        var keys = snapshot.sorted.flatMap { entry in
            entry.manifest.prompts.map { PromptKey(plugin: entry.id, name: $0.name) }
        }
        keys += try await journal.withStore { try $0.promptKeys() }.filter { !keys.contains($0) }
        var summaries: [PromptSummary] = []
        for key in keys where only == nil || key.plugin == only { summaries.append(try await summary(of: key)) }
        return summaries
    }

    /// - Throws: `prompt_unknown`, `prompt_version_unknown`.
    func describe(_ request: PromptShowRequest) async throws -> PromptDetail {
        let key = try await key(request.reference)
        let summary = try await summary(of: key)
        var version = request.version ?? summary.version
        if let label = request.label {
            guard let labelled = summary.labels[label] else {
                throw CorralError.promptLabelInvalid(label, "no version of \(key.text) carries it")
            }
            version = labelled
        }
        let content = try await content(key, version)
        let (versions, moves) = try await journal.withStore { (try $0.promptVersions(key), try $0.promptMoves(key)) }
        let own = PromptVersionDetail(version: 0, source: "plugin", author: key.plugin.text, state: "approved")
        return PromptDetail(
            summary: summary, version: version, text: content.text, note: content.note,
            versions: (summary.isDeclared ? [own] : []) + versions.map(PromptVersionDetail.init),
            moves: moves.map(PromptMoveDetail.init))
    }

    /// Keeps a new version. It is in effect at once when whoever asks may approve and says so, or when it comes from
    /// feedback and both settings let that go by itself.
    /// - Returns: also whether it was approved by the settings.
    /// - Throws: `prompt_unknown`, `prompt_text_invalid`, `prompt_versions_full`, `prompt_label_invalid`.
    func setPrompt(_ request: PromptSetRequest, by author: String) async throws -> (PromptDetail, isBySettings: Bool) {
        let key = try await key(request.reference)
        guard let declared = declaration(of: key) else {
            throw CorralError.promptUnknown(request.reference.name, known: [])
        }
        try check(request.text, key, declared)
        if let label = request.approvedAs { try checkLabel(label) }
        let isBySettings = request.approvedAs == nil && request.source != .operator && settings.promptsLearn
        let label = isBySettings ? TenantPrompts.production : request.approvedAs
        let now = clock.wallNanoseconds()
        let decider = isBySettings ? "host" : author
        let version = try await journal.withStore { store in
            guard try store.promptVersions(key).count < Limits.promptVersionsMax else {
                throw CorralError.promptVersionsFull(key.text)
            }
            let version = try store.addPromptVersion(
                key, text: request.text, note: request.note, source: request.source.rawValue, author: author, now: now)
            if let label { try store.decidePrompt(key, version, .approved, label: label, by: decider, now: now) }
            return version
        }
        return (try await describe(PromptShowRequest(request.reference, version: version)), isBySettings)
    }

    /// - Throws: `prompt_version_unknown`, `prompt_decided`, `prompt_label_invalid`.
    func decidePrompt(_ request: PromptDecideRequest, by actor: String) async throws -> PromptDetail {
        let key = try await key(request.reference)
        let stored = try await version(key, request.version)
        guard let stored, stored.state == .proposed else {
            throw CorralError.promptDecided(
                key.text, request.version, state: stored?.state.rawValue ?? "the plugin's own")
        }
        if let label = request.label {
            try checkLabel(label)
            // The plugin may have changed what it gives since the version was proposed.
            if let declared = declaration(of: key) {
                try check(try await content(key, stored.version).text, key, declared)
            }
        }
        let now = clock.wallNanoseconds()
        try await journal.withStore { store in
            try store.decidePrompt(
                key, stored.version, request.label == nil ? .rejected : .approved, label: request.label, by: actor,
                now: now)
        }
        return try await describe(PromptShowRequest(request.reference, version: request.version))
    }

    /// - Throws: `prompt_version_unknown`, `prompt_not_approved`, `prompt_label_invalid`.
    func labelPrompt(_ request: PromptLabelRequest, by actor: String) async throws -> PromptDetail {
        let key = try await key(request.reference)
        try checkLabel(request.label)
        if let number = request.version, let stored = try await version(key, number), stored.state != .approved {
            throw CorralError.promptNotApproved(key.text, number, state: stored.state.rawValue)
        }
        let now = clock.wallNanoseconds()
        try await journal.withStore { store in
            try store.movePromptLabel(key, request.label, to: request.version, by: actor, now: now)
        }
        return try await describe(PromptShowRequest(request.reference))
    }

    /// - Throws: also `prompt_never_changed`.
    func rollBackPrompt(_ request: PromptRollbackRequest, by actor: String) async throws -> PromptDetail {
        var target = request.version
        if target == nil {
            let key = try await key(request.reference)
            let moves = try await journal.withStore { try $0.promptMoves(key, label: request.label, limit: 2) }
            guard !moves.isEmpty else { throw CorralError.promptNeverChanged(key.text, request.label) }
            target = moves.count > 1 ? moves[1].version : nil
        }
        return try await labelPrompt(
            PromptLabelRequest(request.reference, label: request.label, version: target), by: actor)
    }

    // MARK: Looking up

    private func summary(of key: PromptKey) async throws -> PromptSummary {
        let declared = declaration(of: key)
        let label = prompts.label
        let (versions, labels, current) = try await journal.withStore { store in
            (
                try store.promptVersions(key), try store.promptLabels(key),
                try store.inForce(key, label, own: declared?.text ?? "")
            )
        }
        return PromptSummary(
            name: key.text, help: declared?.help ?? "", variables: declared?.variables ?? [], version: current.version,
            label: current.label, labels: labels, versions: versions.count,
            proposed: versions.filter { $0.state == .proposed }.map(\.version), isDeclared: declared != nil)
    }

    private func declaration(of key: PromptKey) -> PromptDeclaration? {
        catalogue.snapshot().entries[key.plugin]?.manifest.prompts.first { $0.name == key.name }
    }

    /// - Throws: `prompt_unknown`, with the nearest name.
    private func key(_ reference: PromptReference) async throws -> PromptKey {
        if let dot = reference.name.lastIndex(of: "."), let plugin = try? PluginID(String(reference.name[..<dot])) {
            let key = PromptKey(plugin: plugin, name: String(reference.name[reference.name.index(after: dot)...]))
            if declaration(of: key) != nil { return key }
            if try await journal.withStore({ try $0.promptKeys() }).contains(key) { return key }
        }
        throw CorralError.promptUnknown(
            reference.name, known: try await promptSummaries(of: nil).map(\.name))
    }

    /// - Returns: nil for version 0.
    private func version(_ key: PromptKey, _ number: Int) async throws -> StoredPromptVersion? {
        if number == 0 { return nil }
        let versions = try await journal.withStore { try $0.promptVersions(key) }
        guard let found = versions.first(where: { $0.version == number }) else {
            throw CorralError.promptVersionUnknown(key.text, number, latest: versions.last?.version ?? 0)
        }
        return found
    }

    private func content(_ key: PromptKey, _ number: Int) async throws -> (text: String, note: String) {
        guard try await version(key, number) != nil else {
            guard let declared = declaration(of: key) else {
                throw CorralError.promptVersionUnknown(key.text, number, latest: 0)
            }
            return (declared.text, "")
        }
        return try await journal.withStore { try $0.promptContent(key, number) } ?? ("", "")
    }

    // MARK: Checking

    private func check(_ text: String, _ key: PromptKey, _ declared: PromptDeclaration) throws {
        guard text.utf8.count <= Limits.promptBytesMax else {
            throw CorralError.promptTextInvalid(
                key.text, "it has \(text.utf8.count) bytes", "at most \(Limits.promptBytesMax) are allowed")
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw CorralError.promptTextInvalid(key.text, "it is empty", "write what the prompt is to say")
        }
        _ = try PromptTemplate(text, of: key.text, variables: declared.variables)
    }

    private func checkLabel(_ label: String) throws {
        guard label.wholeMatch(of: /[a-z0-9][a-z0-9_-]{0,31}/) != nil else {
            throw CorralError.promptLabelInvalid(label, "it is not written like one")
        }
    }
}

// MARK: Pins

extension TenantRuntime {
    /// What the journal says of the prompts that a run's calls used, in order.
    func pins(of run: RunID) async throws -> [(key: EffectKey, pin: PromptPin)] {
        let results = try await journal.withStore { store in
            try store.effectResults(of: run, service: PromptService.extensionID, method: PromptService.method)
        }
        return results.compactMap { key, bytes in
            (try? JSON(parsing: bytes)).flatMap(PromptPin.init).map { (key, $0) }
        }
    }

    /// For a run that goes on: each prompt that it used in another version than the one that counts now, in words.
    func changedPrompts(since run: RunID) async throws -> [String] {
        var told: Set<PromptKey> = []
        var changes: [String] = []
        for (key, pin) in try await pins(of: run).reversed() {
            let name = PromptKey(plugin: pin.plugin, name: pin.prompt)
            guard told.insert(name).inserted, let declared = declaration(of: name).map(DeclaredPrompt.init) else {
                continue
            }
            let current = try await prompts.inForce(declared, of: pin.plugin)
            guard ContentHash(of: Array(current.text.utf8)).hex != pin.digest else { continue }
            let what = current.version == pin.version ? "the plugin's new text" : "version \(current.version)"
            changes.append(
                "the prompt \(name.text) was version \(pin.version) in step \"\(key.step)\"; "
                    + "what begins from now on reads \(what)")
        }
        return changes.reversed()
    }
}

extension DeclaredPrompt {
    init(_ declaration: PromptDeclaration) {
        self.init(name: declaration.name, text: declaration.text, variables: declaration.variables)
    }
}

extension PromptVersionDetail {
    fileprivate init(_ stored: StoredPromptVersion) {
        self.init(
            version: stored.version, source: stored.source, author: stored.author, createdAt: stored.createdAt,
            state: stored.state.rawValue, decidedBy: stored.decidedBy, decidedAt: stored.decidedAt)
    }
}

extension PromptMoveDetail {
    fileprivate init(_ move: PromptMove) {
        self.init(label: move.label, version: move.version, actor: move.actor, at: move.at)
    }
}
