// SPDX-License-Identifier: Apache-2.0
// DevRunner: the host's side of `corral dev`: puts a library into plugins.d, runs the plugin, and tells what happens to it
// meanwhile. It keeps one connection, so that a host that leaves when idle stays.

import CorralAuthor
import CorralBase
import CorralConformance
import CorralControl
import CorralHome
import Glibc

final class DevRunner {
    let adder: PluginAdder
    private let inputs: [String]
    private let tool: String?
    private let screen: DevScreen
    private var connection: ControlClient?
    private var logs: LogTail
    private(set) var plugin: PluginDetail?
    private var seenRuns: Set<RunID> = []

    /// How long a host may go on answering with the version before, and how often it is asked meanwhile.
    private static let handoverMax: Duration = .seconds(30)
    private static let handoverMilliseconds: Int32 = 20

    /// Runs of others that one look shows.
    private static let runsShown = 20

    init(adder: PluginAdder, inputs: [String], tool: String?, screen: DevScreen) {
        self.adder = adder
        self.inputs = inputs
        self.tool = tool
        self.screen = screen
        logs = LogTail(adder.home.path + "/host.log")
    }

    private func client() throws -> ControlClient {
        if let connection { return connection }
        let new = try HostConnection.open(adder.home)
        connection = new
        return new
    }

    /// One request; a host that has gone is started again once.
    private func asking<Answer>(_ body: (ControlClient) throws -> Answer) throws -> Answer {
        do { return try body(try client()) } catch let error as CorralError where error.code == .hostGone {
            connection = nil
            return try body(try client())
        }
    }

    // MARK: Swapping

    /// Checks what takes no time, puts it into plugins.d and sees that the host serves it.
    /// - Returns: false when a check failed, which is shown.
    func swap(_ folder: PluginFolder, _ library: String) throws -> Bool {
        let source = PluginSource(product: library, library: library, folder: folder)
        let installation = adder.installation
        let rig = CheckRig(library: library, spawner: installation.spawner, worker: installation.worker)
        let samples = try source.samples(inputs, tool: tool)
        var checker = Checker(rig: rig, request: CheckRequest(checks: Check.quick, samples: samples, seed: 0))
        let results = try checker.run()
        screen.show(.checked(results))
        // What the sample is answered with is for the author to judge; a crash is not.
        guard !results.contains(where: { $0.verdict.isFailure && $0.check != .sample }) else { return false }
        let (added, detail) = try asking { client in
            let added = try adder.add(library, checker.facts, client: client)
            return (added, try adder.confirm(added, client: client))
        }
        plugin = detail
        screen.show(.swapped(added))
        return true
    }

    // MARK: Running

    /// What is run: the agent, the tool that was named, the one that has a sample, or the first.
    private func target(_ samples: [String: (name: String, body: [UInt8])]) -> (id: String, sample: [UInt8]?)? {
        guard let plugin, let id = plugin.plugin.id else { return nil }
        if tool == nil, plugin.inputSchema != nil { return (id, samples[""]?.body) }
        let names = plugin.tools.map(\.name)
        guard let name = tool ?? names.first(where: { samples[$0] != nil }) ?? names.first else { return nil }
        return ("\(id).\(name)", samples[name]?.body ?? samples[""]?.body)
    }

    /// Starts a run and shows what it says, until it ends or something better comes up.
    /// - Returns: what came up instead; nil when the run has ended.
    func run(_ folder: PluginFolder, since save: ContinuousClock.Instant, _ waits: DevWaits) throws -> DevWaits.Wake? {
        guard let (id, sample) = target(folder.samples()) else { return nil }
        guard sample != nil || !inputs.isEmpty else {
            screen.show(.noInput)
            return nil
        }
        let files = try RunInputs.forAgent(inputs)
        defer { files.close() }
        let values = inputs.isEmpty ? SampleInput.runInputs(sample ?? []) : files.values
        screen.show(.running(target: id, input: Self.text(values)))
        let request = StartRunRequest(tenant: adder.tenant, target: .agent(try PluginID(id)), inputs: values)
        while true {
            let (end, interruption) = try asking { client in
                try client.send(.startRun(request), descriptors: files.descriptors)
                return try follow(client, waits)
            }
            guard let end, interruption == nil else { return interruption }
            // The host hands over to a new version when it is loaded and checked; until then the one before answers.
            if try isOfOldVersion(end), save.duration(to: .now) < Self.handoverMax {
                poll(nil, 0, Self.handoverMilliseconds)
                continue
            }
            screen.show(.answered(end, after: save.duration(to: .now)))
            return nil
        }
    }

    /// Whether another version than the one in plugins.d answered.
    private func isOfOldVersion(_ end: RunEnd) throws -> Bool {
        let request = RunShowRequest(RunReference(tenant: adder.tenant, run: end.run.text))
        guard let plugin, case .run(let run) = try asking({ try $0.perform(.runShow(request)) }) else { return false }
        return run.steps.contains { $0.pluginDigest.map { $0 != plugin.digest } ?? false }
    }

    private static func text(_ inputs: [String: RunInput]) -> String {
        inputs.sorted { $0.key < $1.key }.map { name, input in
            switch input {
            case .value(let value): "\(name)=\(value.value.text())"
            case .file(_, let file, _): "\(name)=@\(file)"
            }
        }.joined(separator: " ")
    }

    /// Shows what a run says.
    /// - Returns: how it ended, and what came up meanwhile, after which its end is of no interest.
    private func follow(_ client: ControlClient, _ waits: DevWaits) throws -> (RunEnd?, DevWaits.Wake?) {
        var run: RunID?
        var interruption: DevWaits.Wake?
        while true {
            while let message = try client.next(timeoutMilliseconds: 0) {
                switch message {
                case .event(let event):
                    if case .runStarted(let id, _, _) = event.body {
                        run = id
                        seenRuns.insert(id)
                    }
                    if interruption == nil { show(event) }
                case .reply(.runFinished(let end)): return (end, interruption)
                case .reply: throw CorralError.unexpectedReply()
                }
            }
            let wake = try waits.next(client.descriptor)
            guard wake != .ready, interruption == nil else { continue }
            // Its answer is not wanted any more; the connection is free when it has ended.
            interruption = wake
            try run.map(cancel)
        }
    }

    private func show(_ event: RunEvent) {
        switch event.body {
        case .stepPartial(_, let text): screen.show(.partial(text))
        case .stepProgress(_, _, let text) where !text.isEmpty: screen.show(.partial(text))
        case .log(_, let plugin, _, let text): screen.show(.log("\(plugin): \(text)"))
        case .stepRetrying(_, let error, _): screen.show(.log("tried again after: \(error.message)"))
        default: break
        }
    }

    private func cancel(_ run: RunID) throws {
        let other = try HostConnection.existing(adder.home)
        let reference = RunReference(tenant: adder.tenant, run: run.text)
        try other.send(.runCancel(RunCancelRequest(reference, reason: "the sources changed")))
        _ = try other.next(timeoutMilliseconds: 2000)
    }

    // MARK: Watching others

    /// Log lines about the plugin, and runs of it that others started.
    func tail() throws {
        guard let id = plugin?.plugin.id else { return }
        for line in logs.lines(about: id) { screen.show(.log(line)) }
        guard let connection else { return }
        do {
            let request = RunsListRequest(tenant: adder.tenant, limit: Self.runsShown)
            guard case .runs(let runs) = try connection.perform(.runsList(request)) else { return }
            for run in runs.reversed() where run.state != .running && Self.isRun(run, of: id) {
                if seenRuns.insert(run.run).inserted { screen.show(.call(run)) }
            }
        } catch let error as CorralError where error.code == .hostGone {
            self.connection = nil
        }
    }

    /// A run of one agent or tool is a flow that has the last part of its id for a name.
    private static func isRun(_ run: RunSummary, of id: String) -> Bool {
        let name = (id.split(separator: "/").last ?? "").replacing(".", with: "-")
        return run.name == name || run.name.hasPrefix("\(name)-") || run.name == id
    }

    /// What ran before the loop began is not news.
    func forgetEarlierRuns() throws {
        let request = RunsListRequest(tenant: adder.tenant, limit: 1000)
        guard case .runs(let runs) = try asking({ try $0.perform(.runsList(request)) }) else { return }
        seenRuns.formUnion(runs.map(\.run))
    }
}
