// SPDX-License-Identifier: Apache-2.0
// Checker: runs checks on one library, each in workers of its own. A library that does not load, or says nothing valid
// about itself, has shown that with its first checks; the others are then skipped.

import CorralBase
import CorralCatalog
import CorralSupervision
import CorralWire

package struct CheckRequest: Sendable {
    /// In the order of running.
    package var checks: [Check]
    /// By tool; "" = the agent.
    package var samples: [String: Sample]
    package var seed: UInt64

    package init(checks: [Check] = Check.allCases, samples: [String: Sample] = [:], seed: UInt64) {
        self.checks = checks
        self.samples = samples
        self.seed = seed
    }

    /// - Throws: `check_unknown`.
    package static func checks(named names: [String]) throws(CorralError) -> [Check] {
        guard !names.isEmpty else { return Check.allCases }
        var wanted: Set<Check> = []
        for name in names {
            guard let check = Check(rawValue: name) else { throw .checkUnknown(name) }
            wanted.insert(check)
        }
        return Check.allCases.filter(wanted.contains)
    }
}

/// Used by one thread, which it blocks.
package struct Checker {
    package let rig: CheckRig
    package let request: CheckRequest
    /// What the first load showed; the checks of calls need it.
    package private(set) var facts: PluginFacts?
    private var whyNoFacts: String?

    package init(rig: CheckRig, request: CheckRequest) {
        self.rig = rig
        self.request = request
    }

    /// - Parameter report: told each result when it is there.
    /// - Throws: `check_unavailable`.
    package mutating func run(report: (CheckResult) -> Void = { _ in }) throws -> [CheckResult] {
        try learn()
        var results: [CheckResult] = []
        for check in request.checks where isAbout(check) {
            let result = try run(check)
            report(result)
            results.append(result)
        }
        return results
    }

    /// Whether the check can say something about this plugin.
    private func isAbout(_ check: Check) -> Bool {
        guard let kind = check.kind else { return true }
        return facts?.manifest.provides(kind) ?? false
    }

    /// The first look, whichever checks follow.
    private mutating func learn() throws {
        guard facts == nil, whyNoFacts == nil else { return }
        do {
            let worker = try CheckWorker(rig)
            let loaded = try worker.load(rig.probe())
            let manifest = try PluginManifest(parsing: loaded.manifest, source: rig.library)
            facts = PluginFacts(
                manifest: manifest, bytes: loaded.manifest,
                subjects: Subject.all(manifest, functions: loaded.findings, request.samples),
                isolation: worker.launched.level)
        } catch let fault as Fault {
            whyNoFacts = fault.words
        } catch let lost as CheckWorker.Lost {
            whyNoFacts = lost.cause
        } catch let error as CorralError where error.code == .pluginManifestInvalid {
            whyNoFacts = "the manifest is not valid"
        }
    }

    private func run(_ check: Check) throws -> CheckResult {
        let start = ContinuousClock.now
        var token: ReproduceToken?
        let verdict: Verdict
        do {
            verdict = try self.verdict(check, &token)
        } catch let fault as Fault {
            verdict = .failed(fault.words)
        } catch let lost as CheckWorker.Lost {
            verdict = .failed(lost.cause)
        }
        return CheckResult(
            check: check, verdict: verdict, duration: start.duration(to: .now), token: token?.description)
    }

    private func verdict(_ check: Check, _ token: inout ReproduceToken?) throws -> Verdict {
        switch check {
        case .entry: return try LoadChecks(rig: rig).entry()
        case .exports: return try LoadChecks(rig: rig).exports()
        case .manifest: return try LoadChecks(rig: rig).manifest()
        default: break
        }
        guard let facts else { return .skipped(whyNoFacts.map { "it does not load: \($0)" } ?? "it does not load") }
        let host = HostChecks(rig: rig, facts: facts)
        let calls = CallChecks(rig: rig, facts: facts)
        let load = LoadOverTime(rig: rig, facts: facts)
        let (scanner, memory) = (ScannerChecks(rig: rig, facts: facts), MemoryChecks(rig: rig, facts: facts))
        return switch check {
        case .entry, .exports, .manifest: .skipped("")
        case .sameManifest: try host.sameManifest()
        case .otherABI: try host.otherABI()
        case .shortHost: try host.shortHost()
        case .newerHost: try host.newerHost()
        case .extensions: try host.extensions()
        case .lifeCycle: try host.lifeCycle()
        case .sample: try calls.sample()
        case .badInput: try calls.badInput()
        case .afterError: try calls.afterError()
        case .cancellation: try calls.cancellation()
        case .deadline: try calls.deadline()
        case .concurrency: try load.concurrency()
        case .environment: try host.environment()
        case .silence: try host.silence()
        case .leaks: try load.leaks()
        case .fuzz: try FuzzCheck(rig: rig, facts: facts, seed: request.seed).run(&token)
        case .scanFindings: try scanner.findings()
        case .scanBorders: try scanner.borders()
        case .scanLinear: try scanner.linear()
        case .judgeScores: try JudgeChecks(rig: rig, facts: facts).scores()
        case .memoryKeep: try memory.keep()
        case .memoryApart: try memory.apart()
        case .memoryExpiry: try memory.expiry()
        case .memorySearch: try memory.search()
        case .memoryPages: try memory.pages()
        case .memoryForget: try memory.forget()
        case .memoryLasts: try memory.lasts()
        case .notifierFailure: try NotifierChecks(rig: rig, facts: facts).failure()
        case .tracerReceipt: try TracerChecks(rig: rig, facts: facts).receipt()
        }
    }

    // MARK: One case

    package struct Reproduced: Sendable {
        package var body: [UInt8]
        package var verdict: Verdict
    }

    /// Runs one fuzz case alone.
    /// - Throws: `reproduce_invalid`, `check_unavailable`.
    package mutating func reproduce(_ token: ReproduceToken) throws -> Reproduced {
        try learn()
        guard let facts else {
            return Reproduced(body: [], verdict: .failed(whyNoFacts ?? "it does not load"))
        }
        guard let subject = facts.subjects.first(where: { $0.method == token.method }) else {
            throw CorralError.reproduceInvalid(token.description, "the plugin has no \"\(token.method)\"")
        }
        let body = Mutation.body(subject.sample.body, seed: token.seed, index: token.index)
        do {
            let worker = try facts.ready(rig)
            let answer = try FuzzCheck.call(worker, subject, body)
            return Reproduced(body: body, verdict: .passed(answer.words))
        } catch let fault as Fault {
            return Reproduced(body: body, verdict: .failed(fault.words))
        } catch let lost as CheckWorker.Lost {
            return Reproduced(body: body, verdict: .failed(lost.cause))
        }
    }
}

/// What a probe showed.
package struct PluginFacts: Sendable {
    package var manifest: PluginManifest
    var bytes: [UInt8]
    var subjects: [Subject]
    /// The isolation level of the workers it was checked in.
    package var isolation: String

    /// The configuration that holds when nobody sets anything.
    var configuration: [UInt8] {
        JSON.object(JSONObject(manifest.config.compactMap { field in field.defaultValue.map { (field.name, $0) } }))
            .bytes()
    }

    /// A worker with the plugin loaded and active.
    /// - Parameter storage: nil: an empty one where the plugin asks for one.
    func ready(_ rig: CheckRig, storage: StorageFolder? = nil) throws -> CheckWorker {
        let worker = try start(rig, storage: storage)
        _ = try worker.load(load(rig, worker))
        return worker
    }

    /// A worker in which the plugin can be loaded.
    func start(_ rig: CheckRig, storage: StorageFolder? = nil) throws -> CheckWorker {
        guard manifest.asks.storage else { return try CheckWorker(rig) }
        let folder = try storage ?? rig.storageFolder(for: manifest.id)
        return try CheckWorker(rig, storage: folder)
    }

    /// A notifier has nothing to do without the services it asks for; of others only the folder is granted.
    func load(_ rig: CheckRig, _ worker: CheckWorker) -> LoadMessage {
        var services = manifest.asks.storage ? Grants(storage: true).services : []
        if manifest.provides(.notifier) {
            services = manifest.asks.services
            worker.script = .fine
        }
        return rig.load(configuration, services: services, storage: worker.storage?.path ?? "")
    }
}
