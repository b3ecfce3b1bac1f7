// SPDX-License-Identifier: Apache-2.0
// ProfileTests: what programs and the broker may do more than a worker, and that nothing a program starts outlives it.

import CorralBase
import Foundation
import Testing

@testable import CorralSandbox

@Suite struct ProfileTests {
    static let levels = IsolationLevel.allCases

    @Test(arguments: levels) func aProgramStartsChildrenAndHasNoNetwork(_ level: IsolationLevel) async throws {
        let child = try TestChild(
            .program, "/bin/sh", ["-c", "echo $(echo inner | cat); exit 7"], policy: SandboxPolicy(level: level))
        let spawner = makeSpawner()
        try await child.launch(spawner)
        #expect(child.printed() == "inner\n")
        #expect(child.exit()?.status == .exited(code: 7))
        let answers = try await ask(
            ["fork", "vfork", "namespace", "socket=1", "socket=2", "socket=16", "raw", "thread"], profile: .program,
            policy: SandboxPolicy(level: level), spawner: spawner)
        for question in ["fork", "vfork", "thread"] { #expect(answers[question] == "1", "\(question)") }
        for question in ["namespace", "socket=1", "socket=2", "socket=16", "raw"] {
            #expect(answers[question] == "EPERM", "\(question)")
        }
    }

    @Test(arguments: levels) func aProgramThatDiesOfASignalIsReportedAsShellsDo(_ level: IsolationLevel) async throws {
        let child = try TestChild(.program, Built.inside, ["die=15"], policy: SandboxPolicy(level: level))
        let spawner = makeSpawner()
        try await child.launch(spawner)
        #expect(child.exit()?.status == .exited(code: 128 + SIGTERM))
    }

    /// Descendants hold the output pipe: its end is the end of the last of them.
    @Test(arguments: levels, ["detach", "relay"])
    func nothingSurvivesAProgramThatEnds(_ level: IsolationLevel, _ how: String) async throws {
        let child = try TestChild(.program, Built.inside, [how, "exit=3"], policy: SandboxPolicy(level: level))
        let spawner = makeSpawner()
        try await child.launch(spawner)
        #expect(child.exit()?.status == .exited(code: 3))
        #expect(ends(child))
    }

    @Test(arguments: levels, ["detach", "relay"])
    func nothingSurvivesAProgramThatIsKilled(_ level: IsolationLevel, _ how: String) async throws {
        let child = try TestChild(.program, Built.inside, [how, "user", "wait"], policy: SandboxPolicy(level: level))
        let spawner = makeSpawner()
        let launched = try await child.launch(spawner)
        child.awaitOutput()
        spawner.kill(launched.id)
        #expect(child.exit() != nil)
        #expect(ends(child))
    }

    @Test(arguments: levels) func nothingSurvivesTheSpawner(_ level: IsolationLevel) async throws {
        let child = try TestChild(
            .program, Built.inside, ["detach", "user", "wait"], policy: SandboxPolicy(level: level))
        let spawner = makeSpawner()
        try await child.launch(spawner)
        child.awaitOutput()
        kill(try #require(spawner.processID), SIGKILL)
        #expect(child.exit()?.status == .spawnerLost)
        #expect(ends(child))
    }

    @Test(arguments: levels) func nothingSurvivesAHostThatLetsGo(_ level: IsolationLevel) async throws {
        let child = try TestChild(
            .program, Built.inside, ["detach", "user", "wait"], policy: SandboxPolicy(level: level))
        let spawner = makeSpawner()
        try await child.launch(spawner)
        child.awaitOutput()
        spawner.stop()
        #expect(ends(child))
    }

    /// Reads to the end on a thread of its own, for at most ten seconds.
    private func ends(_ child: TestChild) -> Bool {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            _ = child.printed()
            done.signal()
        }
        return done.wait(timeout: .now() + 10) == .success
    }

    @Test(arguments: levels) func theBrokerHasTheNetworkAndNoChildren(_ level: IsolationLevel) async throws {
        let answers = try await ask(
            ["socket=2", "socket=10", "socket=1", "netlink=0", "netlink=12", "raw", "socket=40", "fork", "thread"],
            profile: .broker, policy: SandboxPolicy(level: level))
        for question in ["socket=2", "socket=10", "socket=1", "netlink=0", "thread"] {
            #expect(answers[question] == "1", "\(question)")
        }
        for question in ["netlink=12", "raw", "socket=40", "fork"] {
            #expect(answers[question] == "EPERM", "\(question)")
        }
    }

    @Test(arguments: [IsolationLevel.moderate, .strict])
    func theBrokerReadsWhatResolvesNamesAndNoMore(_ level: IsolationLevel) async throws {
        let answers = try await ask(
            ["read=/etc/hosts", "read=/etc/nsswitch.conf", "read=/etc/shadow", "read=/etc/fstab", "list=/root"],
            profile: .broker, policy: SandboxPolicy(level: level))
        #expect(answers["read=/etc/hosts"] == "1")
        #expect(answers["read=/etc/nsswitch.conf"] == "1")
        for question in ["read=/etc/shadow", "read=/etc/fstab", "list=/root"] {
            #expect(["ENOENT", "EACCES"].contains(answers[question]), "\(question)")
        }
    }

    @Test func theBrokerSharesTheNetworkOfTheHost() async throws {
        let child = try TestChild(.broker, Built.inside, ["wait"], policy: SandboxPolicy(level: .strict))
        let spawner = makeSpawner()
        let launched = try await child.launch(spawner)
        let files = FileManager.default
        #expect(
            try files.destinationOfSymbolicLink(atPath: "/proc/\(launched.pid)/ns/net")
                == files.destinationOfSymbolicLink(atPath: "/proc/self/ns/net"))
        #expect(
            try files.destinationOfSymbolicLink(atPath: "/proc/\(launched.pid)/ns/mnt")
                != files.destinationOfSymbolicLink(atPath: "/proc/self/ns/mnt"))
    }
}
