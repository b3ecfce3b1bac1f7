// SPDX-License-Identifier: Apache-2.0
// GrantTests: what a plugin may reach, from manifest and corral.yaml to the worker: programs, connections, secrets, and
// what is shown of it.

import Foundation
import Testing

/// An agent that uses host services as its input says, compiled for one endpoint.
struct ServicesPlugin {
    static func install(in corral: Corral, port: UInt16 = 6379, name: String = "services") throws {
        let source = Corral.repository.appending(path: "Tests/BadPlugins")
        let output = try Corral.execute(
            "/usr/bin/env",
            [
                "cc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread",
                "-I\(Corral.repository.appending(path: "PluginSDK/include").path())", "-DPORT=\"\(port)\"",
                "-DNAME=\"\(name)\"", "-o", corral.pluginFolder.appending(path: "\(name).so").path(),
                source.appending(path: "services.c").path(),
            ])
        guard output.status == 0 else { throw Corral.BuildFailure(text: output.standardError) }
    }
}

extension Corral {
    /// Runs the agent `test/services` with these inputs, `name=value`.
    func act(_ inputs: String..., name: String = "services") throws -> Output {
        try run(["run", "test/\(name)", "--json"] + inputs.flatMap { ["--input", $0] })
    }
}

@Suite(.serialized)
struct GrantTests {
    private static let programs = """
        programs:
          cat: {path: /bin/cat}
          sh: {path: /bin/sh, timeout: 20s}

        """

    @Test func withoutAWordOfTheOperatorsNothingLeavesTheWorker() throws {
        let corral = try Corral()
        try ServicesPlugin.install(in: corral)
        let offered = try corral.act("act=offered")
        #expect(offered.standardOutput.contains("corral.host.tool/1"), "\(offered)")
        #expect(!offered.standardOutput.contains("corral.host.process/1"), "\(offered)")
        let refused = try corral.act("act=run", #"request={"program":"cat"}"#)
        #expect(refused.status != 0, "\(refused)")
        let show = try corral("plugin", "show", "test/services", "--json").json()
        let grants = try #require(show["grants"] as? [[String: Any]])
        #expect(grants.count == 5)
        for grant in grants {
            #expect((grant["granted"] as? [String])?.isEmpty == true && grant["origin"] as? String == "default")
        }
        #expect(show["compartment"] as? String == "shared")
    }

    @Test func aGrantedProgramRunsToItsEndAndIsShown() throws {
        let corral = try Corral()
        try ServicesPlugin.install(in: corral)
        _ = try corral.write("corral.yaml", Self.programs + "grants:\n  test/services: {process: [cat]}\n")
        let ran = try corral.act("act=run", #"request={"program":"cat","input":"through a pipe"}"#)
        #expect(ran.status == 0 && ran.standardOutput.contains("through a pipe"), "\(ran)")
        let started = try corral.act("act=start", #"request={"program":"cat"}"#, "input=raw")
        #expect(started.status == 0 && started.standardOutput.contains("raw"), "\(started)")
        // Asked for and not allowed: denied in the host's words, and traced.
        let refused = try corral.act("act=run", #"request={"program":"sh"}"#)
        #expect(refused.status != 0)
        let said = refused.standardOutput + refused.standardError
        #expect(said.contains("has no grant for the program") && said.contains("it was granted cat"), "\(refused)")
        let trace = try corral("runs", "show", "last", "--trace", "--json")
        #expect(trace.standardOutput.contains("not_granted"), "\(trace)")

        let show = try corral("plugin", "show", "test/services", "--json").json()
        let grants = try #require(show["grants"] as? [[String: Any]])
        let cat = try #require(grants.first { $0["asked"] as? String == "cat" })
        #expect(cat["used"] as? Int == 2)
        #expect((cat["origin"] as? String)?.hasSuffix("corral.yaml:5") == true, "\(cat)")
        let sh = try #require(grants.first { $0["asked"] as? String == "sh" })
        #expect((sh["granted"] as? [String])?.isEmpty == true && sh["used"] as? Int == 0)
        let refusals = try #require(show["refused"] as? [[String: Any]])
        #expect(refusals.contains { $0["target"] as? String == "sh" && $0["count"] as? Int == 1 }, "\(refusals)")
        #expect((show["compartment"] as? String)?.hasPrefix("shared:") == true)
    }

    @Test func rawPipesMarkTheStepOpaqueAndARunToItsEndDoesNot() throws {
        let corral = try Corral()
        try ServicesPlugin.install(in: corral)
        _ = try corral.write("corral.yaml", Self.programs + "grants:\n  test/services: {process: [cat]}\n")
        func opaque() throws -> [String] {
            let run = try corral("runs", "show", "last", "--json").json()
            let steps = try #require(run["steps"] as? [[String: Any]])
            return steps.flatMap { $0["opaque"] as? [String] ?? [] }
        }
        _ = try corral.act("act=run", #"request={"program":"cat","input":"x"}"#)
        #expect(try opaque() == [])
        _ = try corral.act("act=start", #"request={"program":"cat"}"#, "input=x")
        #expect(try opaque() == ["process"])
        #expect(try corral("runs", "show", "last").standardOutput.contains("opaque"))
    }

    /// A child that forks twice, makes a session of its own and ignores signals.
    @Test(arguments: ["strict", "moderate"])
    func nothingOfAProgramOutlivesItsCallNorItsWorker(level: String) throws {
        let corral = try Corral()
        try ServicesPlugin.install(in: corral)
        _ = try corral.write("corral.yaml", Self.programs + "grants:\n  test/services: {process: [sh]}\n")
        let host = try corral.start(
            ["serve", "--isolation", level], output: corral.project.appending(path: "serve.log"))
        defer {
            corral.stop()
            host.waitUntilExit()
        }
        try eventually("the host serves") { try corral("host", "status").status == 0 }
        let mark = "86\(Int.random(in: 100_000...999_999))"
        let script =
            "trap '' HUP INT TERM; (setsid sh -c 'sleep \(mark) & sleep \(mark)' & sleep \(mark)) & sleep 0.1; echo up; wait"
        let request = #"request={"program":"sh","arguments":["-c",""# + script + #""]}"#
        func survivors() -> [Int32] {
            let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return all.compactMap { Int32($0) }.filter {
                ["sh", "sleep", "setsid"].contains(Processes.name(of: $0))
                    && Processes.read("\($0)/cmdline").contains(mark)
            }
        }
        let left = try corral.act("act=leave", request)
        try #require(left.status == 0 && left.standardOutput.contains("left"), "\(left)")
        try eventually("all of it is gone with its call", within: 5) { survivors().isEmpty }

        // And with its worker, in the middle of a call.
        let held = try corral.start(
            ["run", "test/services", "--input", "act=run", "--input", request],
            output: corral.project.appending(path: "held"))
        try eventually("it runs") { survivors().count >= 4 }
        let first = survivors()
        for process in Processes.descendants(of: try #require(corral.hostProcess))
        where Processes.name(of: process) == "corral-worker" { kill(process, SIGKILL) }
        try eventually("all of it is gone with its worker", within: 5) {
            first.allSatisfy { !Processes.isAlive($0) }
        }
        // The lost call is sent again to a new worker; with the host everything ends.
        try corral("host", "stop")
        held.waitUntilExit()
        try eventually("all of it is gone with the host", within: 5) { survivors().isEmpty }
    }
}
