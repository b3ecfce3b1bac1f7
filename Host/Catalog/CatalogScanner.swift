// SPDX-License-Identifier: Apache-2.0
// CatalogScanner: plugins folders → a snapshot. One broken file never hides another: whatever goes wrong with it becomes
// a problem entry, and the scan goes on.

import CorralBase
import CorralDocument

package actor CatalogScanner {
    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let cacheFolder: String
    private let prober: any PluginProber
    private let cache: any ProbeCache
    private let hostBuild: String
    private let probesMax: Int
    private var memories: [[String]: ScanMemory] = [:]

    /// - Parameters:
    ///   - executor: a thread that may wait for files: a lane.
    ///   - cacheFolder: where immutable copies go, `<home>/cache/plugins`.
    ///   - hostBuild: identifies this build of the worker; probe answers of other builds do not count.
    package init(
        executor: any SerialExecutor, cacheFolder: String, prober: any PluginProber, cache: any ProbeCache,
        hostBuild: String, probesMax: Int = 4
    ) {
        self.executor = executor
        self.cacheFolder = cacheFolder
        self.prober = prober
        self.cache = cache
        self.hostBuild = hostBuild
        self.probesMax = max(1, probesMax)
    }

    /// Reads the folders in order; what has not changed since the last scan of the same folders is not read again. A
    /// folder that does not exist holds nothing. Never throws: what cannot be read is a problem of the snapshot.
    ///
    /// A file whose content fails its checks keeps its place with the content that last passed them; the problem says
    /// why. Scans of the same folders do not overlap: the caller sees to it.
    package func scan(_ folders: [String], _ news: FolderNews = FolderNews()) async -> CatalogSnapshot {
        await scanIfChanged(folders, news) ?? memories[folders]?.snapshot ?? .empty
    }

    /// - Returns: nil when nothing changed since the last scan of these folders.
    package func scanIfChanged(_ folders: [String], _ news: FolderNews) async -> CatalogSnapshot? {
        let before = memories[folders]
        var problems: [ProblemEntry] = []
        var order: [[UInt8]] = []
        var items: [[UInt8]: ScanMemory.Item] = [:]
        var open: [Candidate] = []
        var isSame = true
        for name in folders.flatMap({ pluginNames(in: $0, &problems) }) {
            guard let look = look(at: name, before?.items[name.key], news) else { continue }
            isSame = isSame && look.isKnown
            if items.updateValue(look.item, forKey: name.key) == nil { order.append(name.key) }
            if let candidate = look.candidate { open.append(candidate) }
        }
        if let before, isSame, items.count == before.items.count, problems == before.folderProblems { return nil }
        for (key, result, isFinal) in await examine(open) {
            items[key]?.result = result
            if !isFinal { items[key]?.marks = nil }
        }
        let snapshot = snapshot(order, &items, problems, before?.snapshot.entries ?? [:])
        memories[folders] = ScanMemory(items: items, folderProblems: problems, snapshot: snapshot)
        return snapshot
    }

    private func snapshot(
        _ order: [[UInt8]], _ items: inout [[UInt8]: ScanMemory.Item], _ folderProblems: [ProblemEntry],
        _ owners: [PluginID: CatalogEntry]
    ) -> CatalogSnapshot {
        var problems = folderProblems
        var entries: [CatalogEntry] = []
        for key in order {
            guard let item = items[key] else { continue }
            switch item.result {
            case .success(let entry):
                items[key]?.lastGood = entry
                entries.append(entry)
            case .failure(let refusal):
                problems.append(refusal.problem.naming(item.lastGood?.id))
                if let entry = item.lastGood { entries.append(entry) }
            }
        }
        let usable = settleConflicts(entries, owners, &problems)
        return CatalogSnapshot(entries: usable, problems: problems.sorted { $0.source < $1.source })
    }

    /// What lies in a folder that must not be used: each plugin in it is a problem, and none is read.
    package func refuse(_ folder: String) -> CatalogSnapshot {
        var problems: [ProblemEntry] = []
        let plugins = pluginNames(in: folder, &problems).filter(\.isPlugin)
        problems += plugins.map { ProblemEntry(source: $0.source, error: .customAgentsOff($0.source)) }
        return CatalogSnapshot(entries: [], problems: problems)
    }

    /// Lets go of what is known about folders that nobody scans any more.
    package func forget(_ folders: [String]) { memories[folders] = nil }

    private func pluginNames(in folder: String, _ problems: inout [ProblemEntry]) -> [PluginName] {
        guard let root = resolve(folder) else { return [] }
        do throws(CorralError) {
            let all = try names(in: root)
            let siblings = Set(all)
            return all.map { PluginName(folder: folder, root: root, name: $0, siblings: siblings) }
        } catch {
            problems.append(ProblemEntry(source: folder, error: error))
            return []
        }
    }

    private struct Look {
        var item: ScanMemory.Item
        /// Must still be asked.
        var candidate: Candidate?
        /// The last scan's result counts.
        var isKnown = false
    }

    /// - Returns: nil when the name is none of our business.
    private func look(at name: PluginName, _ known: ScanMemory.Item?, _ news: FolderNews) -> Look? {
        if let known {
            if news.isWriting(known.dependencies) { return Look(item: known, isKnown: true) }
            let isSame = known.marks != nil && known.marks == name.marks(known.dependencies)
            if isSame, !news.changed(known.dependencies) { return Look(item: known, isKnown: true) }
        }
        let dependencies = name.dependencies
        // The marks are older than what is read next: a change meanwhile is seen the next time.
        var item = ScanMemory.Item(
            dependencies: dependencies, marks: name.marks(dependencies),
            result: .failure(Refusal(name.source, .beingWritten(name.source))), lastGood: known?.lastGood)
        do throws(Refusal) {
            if news.isWriting(dependencies) {
                guard name.isPlugin else { return nil }
                item.marks = nil
                return Look(item: item)
            }
            guard let candidate = try Candidate.make(name, cache: cacheFolder) else { return nil }
            return Look(item: item, candidate: candidate)
        } catch {
            item.result = .failure(error)
            return Look(item: item)
        }
    }

    // MARK: Asking

    /// A few at a time. False for results that another try may change.
    private func examine(_ candidates: [Candidate]) async -> [([UInt8], Result<CatalogEntry, Refusal>, Bool)] {
        await withTaskGroup(of: ([UInt8], Result<CatalogEntry, Refusal>, Bool).self) { group in
            var results: [([UInt8], Result<CatalogEntry, Refusal>, Bool)] = []
            var rest = candidates[...]
            for candidate in rest.prefix(probesMax) { group.addTask { await self.examine(candidate) } }
            rest = rest.dropFirst(probesMax)
            for await result in group {
                results.append(result)
                if let next = rest.popFirst() { group.addTask { await self.examine(next) } }
            }
            return results
        }
    }

    private func examine(_ candidate: Candidate) async -> ([UInt8], Result<CatalogEntry, Refusal>, Bool) {
        let key = candidate.key
        if let toolchain = candidate.toolchain, let worker = await workerToolchain(), toolchain != worker {
            let error = CorralError.wrongToolchain(candidate.source, plugin: toolchain, worker: worker)
            return (key, .failure(Refusal(candidate.source, error)), true)
        }
        switch await probe(candidate) {
        case .answered(let manifest, let tools):
            return (key, Result { () throws(Refusal) in try entry(candidate, manifest, tools) }, true)
        case .failed(let problem): return (key, .failure(refusal(candidate, problem)), true)
        case .unavailable(let error): return (key, .failure(Refusal(candidate.source, error)), false)
        }
    }

    private func workerToolchain() async -> String? {
        let key = "toolchain/\(hostBuild)"
        if let known = await cache.get(key) { return String(decoding: known, as: UTF8.self) }
        let toolchain = await prober.workerToolchain
        if let toolchain { await cache.put(key, Array(toolchain.utf8)) }
        return toolchain
    }

    /// Only answers are remembered: a missing dependency may be installed, a hang may have been a busy machine.
    private func probe(_ candidate: Candidate) async -> ProbeOutcome {
        let key = "probe/\(hostBuild)/\(candidate.content)"
        if let known = await cache.get(key), let json = try? JSON(parsing: known),
            let manifest = json["manifest"]?.stringValue, let tools = json["tools"]?.stringValue
        {
            return .answered(manifest: Array(manifest.utf8), tools: Array(tools.utf8))
        }
        let outcome = await prober.probe(
            ProbeRequest(loadPath: candidate.loadPath, native: candidate.tools?.native))
        if case .answered(let manifest, let tools) = outcome,
            let manifestText = String(validating: manifest, as: UTF8.self),
            let toolsText = String(validating: tools, as: UTF8.self)
        {
            let answer: JSON = ["manifest": .string(manifestText), "tools": .string(toolsText)]
            await cache.put(key, answer.bytes())
        }
        return outcome
    }

    private func refusal(_ candidate: Candidate, _ problem: LoadProblem) -> Refusal {
        let error = problem.error(source: candidate.source)
        guard let tools = candidate.tools else { return Refusal(candidate.source, error) }
        return Refusal(candidate.source, error, tools.diagnostics(problem, error.code))
    }

    // MARK: Answers

    private func entry(_ candidate: Candidate, _ bytes: [UInt8], _ toolsBytes: [UInt8]) throws(Refusal) -> CatalogEntry
    {
        let manifest: PluginManifest
        let native: [ToolInterface]
        do throws(CorralError) {
            native = try nativeTools(toolsBytes, candidate.source)
            manifest = try self.manifest(candidate, bytes, native)
        } catch {
            throw Refusal(candidate.source, error)
        }
        let (decision, mistakes) = candidate.sidecar.decide(manifest)
        guard mistakes.isEmpty else {
            let error = CorralError.fileInvalid(.pluginSidecarInvalid, candidate.sidecarFile, mistakes)
            throw Refusal(candidate.source, id: manifest.id, error, mistakes)
        }
        return CatalogEntry(
            id: manifest.id, form: candidate.form, source: candidate.source, digest: candidate.digest,
            loadPath: candidate.loadPath, manifest: manifest, manifestBytes: bytes,
            configuration: decision.configuration, native: candidate.tools?.native ?? [],
            isIsolated: decision.isIsolated, requested: decision.requested, tools: manifest.tools + native)
    }

    private func manifest(
        _ candidate: Candidate, _ bytes: [UInt8], _ native: [ToolInterface]
    ) throws(CorralError) -> PluginManifest {
        if let tools = candidate.tools { return tools.manifest }
        let manifest = try PluginManifest(parsing: bytes, source: candidate.source)
        for tool in native where manifest.tools.contains(where: { $0.name == tool.name }) {
            throw .manifestInvalid(candidate.source, ["tools: \"\(tool.name)\" is a native function too"])
        }
        return manifest
    }

    /// The worker's list of C functions: `[{"name", "summary", "input"}]`.
    private func nativeTools(_ bytes: [UInt8], _ source: String) throws(CorralError) -> [ToolInterface] {
        guard !bytes.isEmpty else { return [] }
        guard let list = (try? JSON(parsing: bytes))?.arrayValue, list.count <= Limits.toolsPerPluginMax else {
            throw .manifestInvalid(source, ["the list of its native functions cannot be read"])
        }
        return list.compactMap { item in
            guard let name = item["name"]?.stringValue, isToolName(name) else { return nil }
            return ToolInterface(
                name: name, summary: item["summary"]?.stringValue ?? "", input: item["input"] ?? [:],
                output: item["output"] ?? [:], isNative: true)
        }
    }

    /// An id that two different contents claim belongs to the file that had it before, or to nobody. The same content
    /// twice is one plugin.
    private func settleConflicts(
        _ entries: [CatalogEntry], _ owners: [PluginID: CatalogEntry], _ problems: inout [ProblemEntry]
    ) -> [CatalogEntry] {
        let byID = Dictionary(grouping: entries, by: \.id)
        var usable: [CatalogEntry] = []
        for (id, claims) in byID {
            if Set(claims.map(\.digest)).count == 1 {
                usable += claims.prefix(1)
                continue
            }
            let owner = claims.first { $0.source == owners[id]?.source }
            if let owner { usable.append(owner) }
            let error = CorralError.idConflict(id.text, claims.map(\.source), kept: owner?.source)
            problems += claims.filter { $0.source != owner?.source }.map {
                ProblemEntry(source: $0.source, id: id, error: error)
            }
        }
        return usable
    }
}

extension ToolsFile {
    /// What the catalogue knows of a C library's tools before the worker described them.
    var manifest: PluginManifest {
        PluginManifest(
            id: id, version: version, summary: summary, toolchain: "", provides: ["corral.native/1"], requires: [],
            isSerial: false, isIsolated: true, agent: nil, tools: [], config: [])
    }

    /// The worker's complaints with the lines they are about.
    func diagnostics(_ problem: LoadProblem, _ code: ErrorCode) -> [Diagnostic] {
        var rest = problem.detail[...]
        var texts: [String] = []
        while let range = rest.dropFirst().firstRange(of: "; tool \"") {
            texts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.lowerBound...].dropFirst(2)
        }
        texts.append(String(rest))
        return texts.map { Diagnostic(.error, code, $0, at: location(of: $0)) }
    }
}
