// SPDX-License-Identifier: Apache-2.0
// HostileHostTests: a whole host under attack from its plugins, from signals and from the folders it reads: it stays,
// keeps nothing, shows nothing that a plugin could use against a terminal, and when it is killed nobody outlives it.

import Foundation
import Testing

@Suite(.serialized) struct HostileHostTests {
    private static let hostile = [
        "send-descriptors", "dup-over-socket", "write-from-thread", "catch-faults", "ignore-signals", "stop-itself",
        "flood-frames", "flood-crash-pipe", "flood-artifacts", "flood-services", "huge-frame", "close-descriptors",
    ]

    @Test func keepsNothingOfTheAttacksOfItsPlugins() throws {
        let corral = try Corral()
        for name in ["echo"] + Self.hostile { try corral.install(name) }
        _ = try corral.write("corral.yaml", "host: {workers: {cancel_grace: 100ms, restart_backoff: 1ms}}\n")
        let flows = try Self.hostile.map { name in
            try corral.write("\(name).yaml", "flow: x\nsteps:\n  a: {agent: test/\(name), timeout: 400ms, with: {}}\n")
        }
        func attack() throws {
            for flow in flows { _ = try corral("run", flow, "--mode", "exit") }
            try #require(try corral("run", "test/echo").status == 0)
        }
        try attack()
        let host = try #require(corral.hostProcess)
        let spawner = try #require(corral.spawnerProcess)
        let before = (try standing(host), Processes.descriptors(of: spawner).count)
        try attack()
        try attack()
        try eventually("descriptors are as before", within: 8) {
            Processes.descriptors(of: host).count <= before.0 && Processes.descriptors(of: spawner).count <= before.1
        }
        #expect(corral.hostProcess == host && corral.spawnerProcess == spawner)
        #expect((Processes.children(of: host) + Processes.children(of: spawner)).allSatisfy { !Processes.isZombie($0) })
    }

    /// A hundred tenants need more than the thousand that a shell gives.
    @Test func mayOpenAsManyFilesAsTheSystemAllows() throws {
        let corral = try Corral()
        try corral.install("echo")
        try #require(try corral("run", "test/echo").status == 0)
        let limits = Processes.read("\(try #require(corral.hostProcess))/limits").split(separator: "\n")
        let line = try #require(limits.first { $0.hasPrefix("Max open files") })
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        #expect(numbers.count == 2 && numbers[0] == numbers[1])
    }

    /// The number of descriptors that stands still, once the last client's connection is gone.
    private func standing(_ host: Int32) throws -> Int {
        var count = 0
        try eventually("connections are closed") {
            defer { count = Processes.descriptors(of: host).count }
            return count == Processes.descriptors(of: host).count
        }
        return count
    }

    @Test func noControlCharacterOfAPluginReachesALogOrATerminal() throws {
        let corral = try Corral()
        try corral.install("control-characters")
        let output = try corral("run", "test/control-characters")
        #expect(output.status == 1)
        let explained = [try corral("runs", "show", "last"), try corral("runs", "list"), try corral("plugin", "list")]
        corral.stop()
        let log = try String(contentsOf: corral.home.appending(path: "host.log"), encoding: .utf8)
        let texts = ([output] + explained).flatMap { [$0.standardOutput, $0.standardError] } + [log]
        #expect(texts.contains { $0.contains("evil") })
        for text in texts {
            #expect(text.unicodeScalars.allSatisfy(isHarmless), "\(text.debugDescription)")
            // A line that was forged would stand at the start of one.
            #expect(!text.split(separator: "\n").contains { $0.hasPrefix("2026-01-01T00:00:00 error") })
        }
    }

    private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A: true
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: false
        default: true
        }
    }

    /// What a worker finished while the host stood still counts, although the deadline has passed when it goes on.
    @Test func aHostThatIsStoppedAndContinuedTakesUpWhereItWas() throws {
        let corral = try Corral()
        try corral.install("slow", "echo")
        try #require(try corral("run", "test/echo").status == 0)
        let host = try #require(corral.hostProcess)
        let flow = try corral.write(
            "slow.yaml",
            "flow: s\nsteps:\n  a: {agent: test/slow, timeout: 1500ms, with: {ms: 400}}\noutput: \"${a}\"\n")
        let client = try corral.start(["run", flow, "--json"], output: corral.project.appending(path: "out"))
        try eventually("the call runs") {
            try corral("runs", "show", "last", "--json").standardOutput.contains("\"running\"")
        }
        kill(host, SIGSTOP)
        Thread.sleep(forTimeInterval: 2)
        kill(host, SIGCONT)
        client.waitUntilExit()
        let text = try String(contentsOf: corral.project.appending(path: "out"), encoding: .utf8)
        #expect(client.terminationStatus == 0, "\(text)")
        #expect(corral.hostProcess == host)
        #expect(try corral("run", "test/echo").status == 0)
    }

    /// The noisy tenant spins, floods and takes memory for as long as the other one works.
    @Test func aTenantBesideANoisyOneLosesNoCallAndNoDeadline() throws {
        let corral = try Corral()
        let noise = [
            "endless-loop", "ignore-signals", "flood-frames", "flood-output", "endless-log", "flood-artifacts",
        ]
        for name in ["echo", "spender"] + noise { try corral.install(name) }
        _ = try corral.write("corral.yaml", "host: {workers: {cancel_grace: 100ms, restart_backoff: 1ms}}\n")
        for tenant in ["noisy", "quiet"] { try #require(try corral("tenant", "add", tenant).status == 0) }
        let steps = noise.map { name in
            "  \(name.replacing("-", with: "_")): {agent: test/\(name), timeout: 1s, for_each: \"${[1,2,3,4,5,6,7,8]}\", with: {}, "
                + "retry: {max: 50, backoff: 10ms}}"
        }
        let hunger =
            "  hunger: {agent: test/spender, timeout: 2s, for_each: \"${[1,2,3,4]}\", with: {mb: 400, ms: 1500}, retry: {max: 50, backoff: 10ms}}"
        let flow = try corral.write(
            "noise.yaml", (["flow: noise", "steps:"] + steps + [hunger]).joined(separator: "\n"))
        let quiet = try corral.write(
            "quiet.yaml",
            "flow: quiet\ndefaults: {retry: 0}\nsteps:\n  a: {agent: test/echo, timeout: 5s, "
                + "for_each: \"${[1,2,3,4,5,6,7,8,9,10]}\", with: {n: \"${item}\"}}\n")
        let begun = try corral("run", flow, "--tenant", "noisy", "--detach")
        try #require(begun.status == 0, "\(begun)")
        try eventually("the noise has begun") {
            try corral("runs", "show", "last", "--tenant", "noisy", "--json").standardOutput.contains("worker")
        }
        for _ in 0..<5 {
            let output = try corral("run", quiet, "--tenant", "quiet", "--json")
            #expect(output.status == 0, "\(output)")
        }
        let state = try corral("runs", "show", "last", "--tenant", "noisy", "--json").json()["state"] as? String
        #expect(state == "running", "the noise ended before the others had worked beside it")
    }

    /// Busy, deaf or stopped: it makes no difference to the workers whether they can still be told. The levels have a test
    /// of their own beside the spawner.
    @Test(arguments: ["endless-loop", "never-complete", "ignore-signals", "stop-itself", "leak-threads"])
    func nobodyOutlivesAKilledHost(_ plugin: String) throws {
        let corral = try Corral()
        try corral.install("echo", plugin)
        try #require(try corral("run", "test/echo").status == 0)
        try #require(try corral("run", "test/\(plugin)", "--detach").status == 0)
        let host = try #require(corral.hostProcess)
        let spawner = try #require(corral.spawnerProcess)
        try eventually("it runs") {
            try corral("runs", "show", "last", "--json").standardOutput.contains("worker")
        }
        let others = [spawner] + Processes.descendants(of: spawner)
        #expect(others.count >= 2)
        kill(host, SIGKILL)
        try eventually("spawner and workers have ended", within: 1) { others.allSatisfy { !Processes.isAlive($0) } }
    }
}

extension Processes {
    /// Children and theirs.
    static func descendants(of process: Int32) -> [Int32] {
        children(of: process).flatMap { [$0] + descendants(of: $0) }
    }
}
