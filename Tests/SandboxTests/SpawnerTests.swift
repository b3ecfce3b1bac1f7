// SPDX-License-Identifier: Apache-2.0
// SpawnerTests: what a child of the spawner has, has not, and how its end is told. The children are programs every
// Debian has, and the bad requests are bytes.

import CSpawnerProtocol
import CorralBase
import CorralSocket
import Foundation
import Testing

@testable import CorralSandbox

@Suite struct SpawnerTests {
    @Test func givesExactlyTheEnvironmentItIsTold() async throws {
        let child = try TestChild("/usr/bin/env", arguments: ["-0"], environment: ["TZ=UTC", "A=b c"])
        let spawner = makeSpawner()
        _ = try await child.launch(spawner)
        #expect(child.printed() == "TZ=UTC\0A=b c\0")
        #expect(child.exit()?.status == .exited(code: 0))
    }

    @Test func passesFiveDescriptorsAndNoOther() async throws {
        // A descriptor of ours that is open without close-on-exec, as a careless library leaves one.
        let careless = open("/dev/null", O_RDONLY)
        defer { close(careless) }
        let child = try TestChild("/bin/ls", arguments: ["/proc/self/fd"])
        _ = try await child.launch(makeSpawner())
        // 5 is the directory that ls itself reads.
        #expect(child.printed() == "0\n1\n2\n3\n4\n5\n")
    }

    @Test func setsLimitsSessionPrivilegesAndDirectory() async throws {
        var limits = ResourceLimits()
        limits.openFiles = 77
        limits.processorSeconds = 9
        let child = try TestChild("/bin/cat", arguments: ["/proc/self/limits"], limits: limits)
        let spawner = makeSpawner()
        _ = try await child.launch(spawner)
        let lines = child.printed().split(separator: "\n")
        func limit(_ name: String) -> [Substring] {
            let line = lines.first { $0.hasPrefix(name) } ?? ""
            return line.dropFirst(26).split(separator: " ").prefix(2).map { $0 }
        }
        #expect(limit("Max open files") == ["77", "77"])
        #expect(limit("Max pending signals") == ["128", "128"])
        #expect(limit("Max nice priority") == ["0", "0"])
        #expect(limit("Max cpu time") == ["9", "9"])
        #expect(limit("Max core file size") == ["0", "0"])
        #expect(limit("Max address space") == ["4294967296", "4294967296"])
        let status = try TestChild("/bin/cat", arguments: ["/proc/self/status"])
        _ = try await status.launch(spawner)
        let text = status.printed()
        #expect(text.contains("NoNewPrivs:\t1"))
        #expect(text.contains("SigBlk:\t0000000000000000"))
        #expect(text.contains("SigIgn:\t0000000000000000"))
        let session = try TestChild("/bin/cat", arguments: ["/proc/self/stat"])
        let launched = try await session.launch(spawner)
        // pid (name) state ppid pgrp session: its own session and group.
        let fields = session.printed().split(separator: " ")
        #expect(fields.count > 5 && fields[4] == "\(launched.pid)" && fields[5] == "\(launched.pid)")
    }

    @Test func reportsTheFailedStepWithTheReason() async throws {
        let spawner = makeSpawner()
        let child = try TestChild("/no/such/program")
        let error = await #expect(throws: CorralError.self) { try await child.launch(spawner) }
        #expect(error?.code.text == "CRL-0332")
        #expect(
            error?.message == "cannot start \"/no/such/program\" at isolation basic: execve (/no/such/program) failed")
        #expect(error?.cause == "No such file or directory (errno 2)")
        // And goes on.
        let next = try TestChild("/bin/true")
        _ = try await next.launch(spawner)
        #expect(next.exit()?.status == .exited(code: 0))
    }

    @Test func refusesWhatCannotBePassed() async throws {
        let spawner = makeSpawner()
        for child in [
            try TestChild("bin/true"), try TestChild("/bin/true", environment: ["A=\0"]),
            try TestChild("/bin/true", environment: [String(repeating: "x", count: 140_000)]),
            try TestChild("/bin/true", environment: Array(repeating: "A=b", count: 1100)),
        ] {
            let error = await #expect(throws: CorralError.self) { try await child.launch(spawner) }
            #expect(error?.code.text == "CRL-0334")
        }
    }

    @Test func saysWhenThereIsNoSpawner() async throws {
        let child = try TestChild("/bin/true")
        let spawner = Spawner(executable: "/no/such/spawner")
        let error = await #expect(throws: CorralError.self) { try await child.launch(spawner) }
        #expect(error?.code.text == "CRL-0331")
        #expect(error?.cause == "posix_spawn: No such file or directory (errno 2)")
    }

    @Test func tellsExitCodesSignalsAndUsage() async throws {
        let spawner = makeSpawner()
        let failing = try TestChild("/bin/false")
        _ = try await failing.launch(spawner)
        let report = failing.exit()
        #expect(report?.status == .exited(code: 1))
        #expect((report?.maxRSSBytes ?? 0) > 100_000)
        let killed = try TestChild("/bin/sleep", arguments: ["1000"])
        let launched = try await killed.launch(spawner)
        #expect(launched.level == .basic)
        spawner.kill(launched.id)
        #expect(killed.exit()?.status == .signaled(SIGKILL))
        spawner.kill(launched.id)
    }

    @Test func killsEveryChildWhenTheHostLetsGo() async throws {
        let spawner = makeSpawner()
        let child = try TestChild("/bin/sleep", arguments: ["1000"])
        let launched = try await child.launch(spawner)
        spawner.stop()
        #expect(child.exit()?.status == .spawnerLost)
        // The pipe's end says that the process itself is gone, not only its report.
        #expect(child.printed() == "")
        #expect(launched.pid > 0)
    }

    @Test func losesEveryChildWithTheSpawnerAndStartsAnew() async throws {
        let spawner = makeSpawner()
        let children = [
            try TestChild("/bin/sleep", arguments: ["1000"]), try TestChild("/bin/sleep", arguments: ["1000"]),
        ]
        for child in children { _ = try await child.launch(spawner) }
        let first = try #require(spawner.processID)
        kill(first, SIGKILL)
        for child in children {
            #expect(child.exit()?.status == .spawnerLost)
            #expect(child.printed() == "")
        }
        let next = try TestChild("/bin/true")
        _ = try await next.launch(spawner)
        #expect(next.exit()?.status == .exited(code: 0))
        #expect(spawner.processID != first)
    }

    @Test func launchesManyAtOnceAndMixesNothingUp() async throws {
        let spawner = makeSpawner()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let child = try TestChild("/usr/bin/env", arguments: ["-0"], environment: ["N=\(number)"])
                    _ = try await child.launch(spawner)
                    #expect(child.printed() == "N=\(number)\0")
                    #expect(child.exit()?.status == .exited(code: 0))
                }
            }
            try await group.waitForAll()
        }
    }
}
