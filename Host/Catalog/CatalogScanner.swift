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

    /// Reads the folders in order. A folder that does not exist holds nothing. Never throws: what cannot be read is a
    /// problem of the snapshot.
    package func scan(_ folders: [String]) async -> CatalogSnapshot {
        var problems: [ProblemEntry] = []
        var candidates: [Candidate] = []
        for folder in folders { collect(folder, &candidates, &problems) }
        var entries: [CatalogEntry] = []
        for result in await examine(candidates) {
            switch result {
            case .success(let entry): entries.append(entry)
            case .failure(let refusal): problems.append(refusal.problem)
            }
        }
        let usable = refuseConflicts(entries, &problems)
        return CatalogSnapshot(entries: usable, problems: problems.sorted { $0.source < $1.source })
    }

    private func collect(_ folder: String, _ candidates: inout [Candidate], _ problems: inout [ProblemEntry]) {
        guard let root = resolve(folder) else { return }
        do throws(CorralError) {
            let all = try names(in: root)
            let known = Set(all)
            for name in all {
                do throws(Refusal) {
                    let made = try Candidate.make(name, folder: folder, root: root, among: known, cache: cacheFolder)
                    if let made { candidates.append(made) }
                } catch {
                    problems.append(error.problem)
                }
            }
        } catch {
            problems.append(ProblemEntry(source: folder, error: error))
        }
    }

    // MARK: Asking

    /// In the order of the candidates, a few at a time.
    private func examine(_ candidates: [Candidate]) async -> [Result<CatalogEntry, Refusal>] {
        await withTaskGroup(of: (Int, Result<CatalogEntry, Refusal>).self) { group in
            var results = [Result<CatalogEntry, Refusal>?](repeating: nil, count: candidates.count)
            var next = 0
            while next < min(probesMax, candidates.count) {
                let index = next
                group.addTask { (index, await self.examine(candidates[index])) }
                next += 1
            }
            for await (index, result) in group {
                results[index] = result
                guard next < candidates.count else { continue }
                let following = next
                group.addTask { (following, await self.examine(candidates[following])) }
                next += 1
            }
            return results.compactMap(\.self)
        }
    }

    private func examine(_ candidate: Candidate) async -> Result<CatalogEntry, Refusal> {
        if let toolchain = candidate.toolchain, let worker = await workerToolchain(), toolchain != worker {
            return .failure(
                Refusal(candidate.source, .wrongToolchain(candidate.source, plugin: toolchain, worker: worker)))
        }
        switch await probe(candidate) {
        case .answered(let manifest, let tools):
            return Result { () throws(Refusal) in try entry(candidate, manifest, tools) }
        case .failed(let problem): return .failure(refusal(candidate, problem))
        case .unavailable(let error): return .failure(Refusal(candidate.source, error))
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
            isIsolated: decision.isIsolated, granted: decision.granted, tools: manifest.tools + native)
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

    /// An id that two different contents claim belongs to nobody. The same content twice is one plugin.
    private func refuseConflicts(_ entries: [CatalogEntry], _ problems: inout [ProblemEntry]) -> [CatalogEntry] {
        let byID = Dictionary(grouping: entries, by: \.id)
        var usable: [CatalogEntry] = []
        for (id, claims) in byID {
            if Set(claims.map(\.digest)).count == 1 {
                usable += claims.prefix(1)
                continue
            }
            let error = CorralError.idConflict(id.text, claims.map(\.source))
            problems += claims.map { ProblemEntry(source: $0.source, id: id, error: error) }
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
