// SPDX-License-Identifier: Apache-2.0
// KillTests: kill -9 of host, spawner and worker at seeded moments while runs are under way. Every run comes to its end
// with the right output, a step that a client saw finish has run exactly once, and what ran twice is named.

import Foundation
import Testing

/// SplitMix64 (Steele, Lea, Flood, 2014): the seed is printed, so that a failure's kills can be repeated.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite(.serialized)
struct KillTests {
    static let killsPerMode = 104
    static let atOnce = 4

    @Test(arguments: ["sync", "async"])
    func losesNothingThatWasAcknowledged(mode: String) async throws {
        let given = ProcessInfo.processInfo.environment["CORRAL_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0 ... .max)
        print("kill test: mode \(mode), CORRAL_SEED=\(seed)")
        let reports = try await withThrowingTaskGroup(of: KillReport.self) { group in
            for lane in 0..<Self.atOnce {
                group.addTask {
                    try await onOwnThread {
                        try Killer(mode: mode, seed: seed &+ UInt64(lane)).kill(Self.killsPerMode / Self.atOnce)
                    }
                }
            }
            return try await group.reduce(into: [KillReport]()) { $0.append($1) }
        }
        let kills = reports.reduce(0) { $0 + $1.kills }
        let victims = Dictionary(reports.flatMap(\.victims).map { ($0, 1) }, uniquingKeysWith: +)
        print(
            "kill test: \(kills) kills (\(victims.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })),",
            "\(reports.reduce(0) { $0 + $1.runs }) runs, \(reports.reduce(0) { $0 + $1.acknowledged }) acknowledged,",
            "\(reports.reduce(0) { $0 + $1.repeated }) repeated steps")
        #expect(kills >= Self.killsPerMode)
        for problem in reports.flatMap(\.problems) { Issue.record("\(problem)") }
    }
}

/// Blocking work does not belong on the threads that all tests share.
private func onOwnThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result(catching: work)) }.start()
    }
}

struct KillReport: Sendable {
    var kills = 0
    var runs = 0
    var acknowledged = 0
    var repeated = 0
    var victims: [String] = []
    /// What went wrong. Expectations on a thread of its own would belong to no test.
    var problems: [String] = []
}

/// One project whose host, spawner and workers are killed over and over.
private final class Killer {
    private let corral: Corral
    private let mode: String
    private var random: SeededRandom
    private var report = KillReport()
    private let steps = 20
    /// What the clients of the present run said.
    private var history = ""

    init(mode: String, seed: UInt64) throws {
        corral = try Corral()
        self.mode = mode
        random = SeededRandom(state: seed)
        try corral.install("append-line")
        _ = try corral.write("corral.yaml", "host: {workers: {restart_backoff: 1ms}}\n")
    }

    func kill(_ count: Int) throws -> KillReport {
        while report.kills < count { try oneRun() }
        return report
    }

    private func oneRun() throws {
        report.runs += 1
        let name = "run\(report.runs)"
        let log = try corral.effects().appending(path: "\(name).log").path()
        let flow = try corral.write("\(name).yaml", text(name, log))
        // How often each had run when the client was told of its end.
        var acknowledged: [String: Int] = [:]
        var run: String?
        history = ""
        var rounds = 0
        while true {
            rounds += 1
            // A run that cannot be brought to its end by a hundred resumes is a bug, not bad luck.
            try #require(rounds < 100, "run \(run ?? "-") does not end")
            let arguments = run.map { ["runs", "resume", $0] } ?? ["run", flow, "--mode", mode]
            let client = try corral.start(arguments, output: corral.project.appending(path: "\(name)-\(rounds).out"))
            // Late rounds are left alone, so that each run ends.
            let victim = rounds <= 12 ? strike(client) : nil
            client.waitUntilExit()
            let said = try String(
                contentsOf: corral.project.appending(path: "\(name)-\(rounds).out"), encoding: .utf8)
            history += "round \(rounds): killed \(victim ?? "nobody")\n\(said)"
            let written = try counted(log)
            for step in finished(in: said) where acknowledged[step] == nil {
                acknowledged[step] = written[step, default: 0]
            }
            let state = try listed(name)
            if let state { run = state.run }
            if state?.state == "succeeded" { break }
            // Nothing acknowledged, nothing owed: a run that was never created is started again.
            guard let state else {
                if !acknowledged.isEmpty { report.problems.append("\(name) is not there, but said: \(said)") }
                continue
            }
            try #require(["interrupted", "running"].contains(state.state), "\(state): \(said)")
        }
        try check(try #require(run), name, log, acknowledged)
    }

    /// Two steps side by side, ten times in a row.
    private func text(_ name: String, _ log: String) -> String {
        var lines = ["flow: \(name)", "steps:"]
        for step in 0..<steps {
            let layer = step / 2
            let after = layer == 0 ? "" : ", after: [s\(layer * 2 - 2), s\(layer * 2 - 1)]"
            lines.append("  s\(step): {agent: test/append-line\(after), with: {file: \"\(log)\", line: s\(step)}}")
        }
        lines.append("output: \"${[s18, s19]}\"")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Waits a seeded moment, then kills one of the three, if it is there.
    private func strike(_ client: Process) -> String? {
        usleep(UInt32.random(in: 0...160_000, using: &random))
        let choice = Int.random(in: 0..<4, using: &random)
        guard client.isRunning else { return nil }
        let victim: (String, Int32?) =
            switch choice {
            case 0, 1: ("host", corral.hostProcess)
            case 2: ("spawner", corral.spawnerProcess)
            default: ("worker", corral.workerProcesses.first)
            }
        guard let process = victim.1, Foundation.kill(process, SIGKILL) == 0 else { return nil }
        report.kills += 1
        report.victims.append(victim.0)
        return victim.0
    }

    /// Steps whose end the client was told.
    private func finished(in text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                return words.count >= 2 && words[0] == "✔" && words[1].first == "s" ? String(words[1]) : nil
            })
    }

    private func listed(_ flow: String) throws -> (run: String, state: String)? {
        var output = try corral("runs", "list", "--flow", flow, "--json")
        // On a busy machine the command may still meet the host that was killed; it says so, and the next one is served.
        for _ in 0..<5 where output.standardOutput.contains("host_gone") || output.standardError.contains("CRL-0805") {
            output = try corral("runs", "list", "--flow", flow, "--json")
        }
        let value = try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8))
        let runs = try #require(value as? [[String: Any]], "\(output)")
        guard let run = runs.first else { return nil }
        return (try #require(run["run"] as? String), try #require(run["state"] as? String))
    }

    private func check(_ run: String, _ name: String, _ log: String, _ acknowledged: [String: Int]) throws {
        let detail = try corral("runs", "show", run, "--json").json()
        var wrong: [String] = []
        if detail["output"] as? [String] != ["s18", "s19"] { wrong.append("its output is wrong") }
        let ran = try counted(log)
        let perhaps = (detail["may_have_run"] as? [[String: Any]] ?? []).compactMap { $0["step"] as? String }
        for step in (0..<steps).map({ "s\($0)" }) {
            let times = ran[step, default: 0]
            let losses = perhaps.count { $0 == step }
            if times < 1 { wrong.append("\(step) never ran") }
            if times > 1 + losses { wrong.append("\(step) ran \(times) times and was reported \(losses) times") }
            if times > 1 { report.repeated += 1 }
        }
        for (step, times) in acknowledged where times < 1 || ran[step] != times {
            wrong.append("\(step) had run \(times) times when its end was told, and at the end \(ran[step] ?? 0) times")
        }
        report.acknowledged += acknowledged.count
        guard !wrong.isEmpty else { return }
        report.problems.append("\(name): \(wrong)\n\(history)\nmay have run: \(perhaps)")
    }

    /// How often each line is in the log.
    private func counted(_ log: String) throws -> [String: Int] {
        guard FileManager.default.fileExists(atPath: log) else { return [:] }
        let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
        return Dictionary(lines.map { ($0, 1) }, uniquingKeysWith: +)
    }
}
