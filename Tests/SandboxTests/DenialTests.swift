// SPDX-License-Identifier: Apache-2.0
// DenialTests: one primitive after the other is taken away, and the level falls as documented or the launch is refused;
// nothing ever starts weaker in silence, and no failure leaves anything behind.

import CorralBase
import Foundation
import Testing

@testable import CorralSandbox

@Suite struct DenialTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let what: String
        /// The best that is left; nil = nothing.
        let best: IsolationLevel?
        /// The step of the strongest level that fails, and errno.
        let step: String
        let number: Int32
        var testDescription: String { what }
    }

    static let cases = [
        Case(what: "clone", best: .moderate, step: "clone with new namespaces", number: EPERM),
        Case(what: "user namespaces used up", best: .moderate, step: "clone with new namespaces", number: ENOSPC),
        Case(what: "docker", best: .moderate, step: "clone with new namespaces", number: EPERM),
        Case(what: "unshare", best: .strict, step: "", number: 0),
        Case(what: "sethostname", best: .moderate, step: "sethostname", number: EPERM),
        Case(what: "mount", best: .moderate, step: "making the new root", number: EPERM),
        Case(what: "open_tree", best: .moderate, step: "opening for the new root", number: EPERM),
        Case(what: "mount_setattr", best: .moderate, step: "opening for the new root", number: EPERM),
        Case(what: "move_mount", best: .moderate, step: "mounting into the new root", number: EPERM),
        Case(what: "pivot_root", best: .moderate, step: "pivot_root", number: EPERM),
        Case(what: "umount2", best: .moderate, step: "pivot_root", number: EPERM),
        Case(what: "landlock", best: .basic, step: "landlock", number: ENOSYS),
        Case(what: "landlock_add_rule", best: .basic, step: "a rule of landlock", number: EPERM),
        Case(what: "landlock_restrict_self", best: .basic, step: "landlock", number: EPERM),
        Case(what: "nothing", best: .basic, step: "clone with new namespaces", number: EPERM),
        Case(what: "nothing, not even seccomp", best: nil, step: "clone with new namespaces", number: EPERM),
    ]

    @Test(arguments: cases) func fallsToTheDocumentedLevelOrIsRefused(_ denial: Case) async throws {
        let spawner = Built.spawner(denying: denial.what)
        let child = try TestChild(.worker, Built.inside, ["privileges", "seccomp"], policy: SandboxPolicy())
        guard let best = denial.best else {
            let error = await #expect(throws: CorralError.self) { try await child.launch(spawner) }
            #expect(error?.code.text == "CRL-0342")
            return
        }
        #expect(try await child.launch(spawner).level == best)
        #expect(child.printed() == "privileges: 1\nseccomp: 2\n")
        for minimum in IsolationLevel.allCases where minimum > best {
            let refused = try TestChild(.worker, Built.inside, [], policy: SandboxPolicy(minimum: minimum))
            let error = await #expect(throws: CorralError.self) { try await refused.launch(spawner) }
            #expect(error?.code.text == "CRL-0342")
            #expect(error?.message.contains("isolation \"\(minimum.rawValue)\" cannot be had") == true)
            if minimum == .strict {
                #expect(error?.message.contains(": \(denial.step)") == true, "\(error?.message ?? "")")
                #expect(error?.cause?.hasSuffix("(errno \(denial.number))") == true, "\(error?.cause ?? "")")
            }
            #expect(error?.hint != nil)
        }
        let report = await spawner.isolationReport()
        #expect(report.best == best)
        #expect(report.findings.map { $0.failure == nil } == report.findings.map { $0.level <= best })
    }

    @Test func namesTheSettingThatForbidsNamespaces() async throws {
        let failure = LaunchFailure(step: 13, number: ENOSPC)
        #expect(failure.remedy == "sysctl -w user.max_user_namespaces=15000")
        #expect(LaunchFailure(step: 13, number: EPERM).remedy?.contains("moderate") == true)
        #expect(LaunchFailure(step: 21, number: ENOSYS).remedy?.contains("lsm=") == true)
    }

    @Test func aLevelBelowTheMinimumIsRefusedEvenWhenItIsAskedFor() async throws {
        let child = try TestChild(.worker, Built.inside, [], policy: SandboxPolicy(minimum: .strict, level: .basic))
        let spawner = makeSpawner()
        let error = await #expect(throws: CorralError.self) { try await child.launch(spawner) }
        #expect(error?.code.text == "CRL-0342")
        #expect(error?.message == "isolation \"basic\" is less than the \"strict\" that the configuration demands")
    }

    // MARK: Failures at a real launch

    struct Failure: CustomTestStringConvertible, Sendable {
        let name: String
        let level: IsolationLevel
        var executable = Built.inside
        var readable: [String] = []
        let step: String
        var testDescription: String { "\(name), \(level)" }
    }

    static let failures =
        [
            Failure(name: "no program", level: .basic, executable: "/no/such/program", step: "execve"),
            Failure(
                name: "no program", level: .moderate, executable: "/no/such/program", step: "a rule of landlock"),
            Failure(
                name: "no program", level: .strict, executable: "/no/such/program", step: "opening for the new root"),
            Failure(name: "no folder", level: .strict, readable: ["/no/such/folder"], step: "opening for the new root"),
            Failure(name: "no folder", level: .moderate, readable: ["/no/such/folder"], step: "a rule of landlock"),
            Failure(name: "no program in it", level: .basic, executable: "/etc/passwd", step: "execve"),
            Failure(name: "no program in it", level: .moderate, executable: "/etc/passwd", step: "execve"),
            Failure(name: "no program in it", level: .strict, executable: "/etc/passwd", step: "execve"),
        ]

    /// The probe says that the level can be had; then one launch fails.
    @Test(arguments: failures) func failsWithItsStepAndLeavesNothingBehind(_ failure: Failure) async throws {
        let spawner = makeSpawner()
        _ = try await spawner.level(for: SandboxPolicy(level: failure.level))
        let process = try #require(spawner.processID)
        let before = try Traces(of: process)
        for _ in 0..<10 {
            let child = try TestChild(
                .worker, failure.executable, [], policy: SandboxPolicy(level: failure.level),
                readable: failure.readable)
            let error = await #expect(throws: CorralError.self) { try await child.launch(spawner) }
            #expect(error?.code.text == "CRL-0332")
            #expect(error?.message.contains(failure.step) == true, "\(error?.message ?? "")")
        }
        #expect(try Traces(of: process) == before)
    }

    @Test(arguments: IsolationLevel.allCases) func endedProcessesLeaveNothingBehind(_ level: IsolationLevel)
        async throws
    {
        let spawner = makeSpawner()
        _ = try await spawner.level(for: SandboxPolicy(level: level))
        let process = try #require(spawner.processID)
        let before = try Traces(of: process)
        for _ in 0..<20 {
            let child = try TestChild(.worker, Built.inside, [], policy: SandboxPolicy(level: level))
            try await child.launch(spawner)
            #expect(child.exit()?.status == .exited(code: 0))
        }
        #expect(try Traces(of: process) == before)
    }

    /// What a launch could leave in the spawner.
    struct Traces: Equatable {
        var descriptors: [String]
        var children: String
        var mounts: Int

        init(of process: Int32) throws {
            let folder = "/proc/\(process)"
            descriptors = try FileManager.default.contentsOfDirectory(atPath: folder + "/fd").sorted()
            children = try String(contentsOfFile: "\(folder)/task/\(process)/children", encoding: .utf8)
            mounts = try String(contentsOfFile: "\(folder)/mountinfo", encoding: .utf8).split(separator: "\n").count
        }
    }
}
