// SPDX-License-Identifier: Apache-2.0
// HygieneTests: what workers inherit, and what is left behind.

import Foundation
import Testing

@Suite(.serialized)
struct HygieneTests {
    @Test func leavesNoProcessBehind() throws {
        let corral = try Corral()
        try corral.install("echo", "leak-threads", "never-complete")
        try #require(try corral("run", "test/echo").status == 0)
        try #require(try corral("run", "test/leak-threads").status == 0)
        try #require(try corral("run", "test/never-complete", "--detach").status == 0)
        let all = [try #require(corral.hostProcess), try #require(corral.spawnerProcess)] + corral.workerProcesses
        #expect(all.count >= 3)
        corral.stop()
        try eventually("everything has ended", within: 15) { all.allSatisfy { !Processes.isAlive($0) } }
    }

    @Test func takesEverythingDownWithTheHost() throws {
        let corral = try Corral()
        try corral.install("echo", "endless-loop")
        try #require(try corral("run", "test/echo").status == 0)
        try #require(try corral("run", "test/endless-loop", "--detach").status == 0)
        let host = try #require(corral.hostProcess)
        let others = [try #require(corral.spawnerProcess)] + corral.workerProcesses
        #expect(others.count >= 2)
        kill(host, SIGKILL)
        try eventually("spawner and workers have ended", within: 1) { others.allSatisfy { !Processes.isAlive($0) } }
    }

    @Test func givesWorkersNothingOfTheHosts() throws {
        let corral = try Corral()
        try corral.install("echo")
        let source = try corral.write("preload.c", "int corral_preloaded = 1;\n")
        let library = corral.project.appending(path: "preload.so").path()
        try #require(try Corral.execute("/usr/bin/env", ["cc", "-shared", "-fPIC", "-o", library, source]).status == 0)
        corral.environment = ["LD_PRELOAD": library, "CORRAL_TEST_SECRET": "hunter2"]
        try #require(try corral("run", "test/echo").status == 0)
        let host = try #require(corral.hostProcess)
        #expect(Processes.read("\(host)/maps").contains("preload.so"))
        let workers = corral.workerProcesses
        #expect(!workers.isEmpty)
        for worker in workers {
            let text = Processes.read("\(worker)/environ")
            #expect(!text.contains("hunter2") && !text.contains("LD_PRELOAD") && !text.contains("HOME="), "\(text)")
            let maps = Processes.read("\(worker)/maps")
            #expect(maps.contains("corral-worker") && !maps.contains("preload.so"))
            let descriptors = Processes.descriptors(of: worker)
            #expect(descriptors.prefix(5) == [0, 1, 2, 3, 4])
            // What else is open the worker made for itself: a Swift plugin has an event loop.
            for descriptor in descriptors.dropFirst(5) {
                let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(worker)/fd/\(descriptor)")
                #expect(link.hasPrefix("anon_inode:") || link.contains("/tenants/default/storage/"), "\(link)")
            }
        }
    }

    @Test func leaksNothingInTwoHundredRuns() throws {
        let corral = try Corral()
        try corral.install("echo", "segfault")
        _ = try corral.write("corral.yaml", "host: {workers: {restart_backoff: 1ms}}\n")
        let steps = "steps:\n  a: {agent: test/echo, with: {}}\n"
        let flow = try corral.write("tiny.yaml", "flow: tiny\n\(steps)")
        func runs(_ count: Int) throws {
            for _ in 0..<count / 4 {
                let clients = try (0..<4).map { _ in
                    try corral.start(["run", flow, "--mode", "exit"], output: corral.project.appending(path: "out"))
                }
                for client in clients {
                    client.waitUntilExit()
                    #expect(client.terminationStatus == 0)
                }
            }
        }
        try runs(20)
        _ = try corral("run", "test/segfault")
        // A worker is there again, now and when the count is taken again.
        try #require(try corral("run", "test/echo").status == 0)
        let host = try #require(corral.hostProcess)
        let spawner = try #require(corral.spawnerProcess)
        // The number that stands still once the last client's connection is gone.
        var before = 0
        try eventually("connections are closed") {
            defer { before = Processes.descriptors(of: host).count }
            return before == Processes.descriptors(of: host).count
        }
        let workers = corral.workerProcesses.count
        try runs(180)
        _ = try corral("run", "test/segfault")
        try #require(try corral("run", "test/echo").status == 0)
        // Within less time than an idle host stays.
        try eventually("descriptors are as before", within: 5) {
            // The tracer's worker may have come after the count: a socket, two pipes and files of /proc.
            let late = max(0, corral.workerProcesses.count - workers)
            return Processes.isAlive(host) && Processes.descriptors(of: host).count <= before + 8 * late
        }
        try eventually("nobody is a zombie", within: 3) {
            (Processes.children(of: host) + Processes.children(of: spawner)).allSatisfy { !Processes.isZombie($0) }
        }
        let words = try String(contentsOf: corral.home.appending(path: "host.log"), encoding: .utf8)
        #expect(corral.hostProcess == host, "\(words)")
        #expect(corral.spawnerProcess == spawner)
    }
}
