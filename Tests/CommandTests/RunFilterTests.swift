// SPDX-License-Identifier: Apache-2.0
// RunFilterTests: what a person says about runs reaches the host, and what cannot be is said before it is asked.

import CorralBase
import CorralControl
import Foundation
import Synchronization
import Testing

@testable import CorralCommand

@Suite struct RunFilterTests {
    @Test func everyFilterReachesTheHost() async throws {
        let home = try TestHome()
        let seen = Mutex<RunsListRequest?>(nil)
        try await ScriptedHandler.serving(home) { request, _, _ in
            if case .runsList(let list) = request { seen.withLock { $0 = list } }
            return .runs([])
        } _: {
            let finished = try await runProgram(
                [
                    "runs", "list", "--flow", "acme/greeter", "--status", "failed", "--user", "ann", "--feature", "f",
                    "--session", "s", "--task-type", "review", "--complexity", "low", "--min-confidence", "0.2",
                    "--max-confidence", "0.6", "--changes", "schema", "--since", "2026-11-25", "--limit", "7",
                ], home)
            #expect(finished.status == 0 && finished.talk.contains("no runs are like that"), "\(finished)")
        }
        var expected = RunsListRequest(state: .failed, flow: "acme/greeter", limit: 7)
        expected.user = "ann"
        expected.feature = "f"
        expected.session = "s"
        expected.taskType = "review"
        expected.complexity = "low"
        expected.confidenceMin = 0.2
        expected.confidenceMax = 0.6
        expected.changes = "schema"
        expected.sinceMilliseconds = 1_795_564_800_000
        #expect(seen.withLock { $0 } == expected)
    }

    @Test func aRunCarriesWhatItIsFor() async throws {
        let home = try TestHome()
        let seen = Mutex<StartRunRequest?>(nil)
        try await ScriptedHandler.serving(home) { request, _, _ in
            if case .startRun(let start) = request { seen.withLock { $0 = start } }
            return .runStarted(RunID(milliseconds: 1, random: 1))
        } _: {
            let finished = try await runProgram(
                [
                    "run", "acme/greeter", "--user", "ann", "--feature", "f", "--session", "s", "--task-type", "review",
                    "--complexity", "high", "--detach",
                ], home)
            #expect(finished.status == 0, "\(finished)")
        }
        let request = try #require(seen.withLock { $0 })
        #expect(request.user == "ann" && request.feature == "f" && request.session == "s")
        #expect(request.taskType == "review" && request.complexity == "high")
    }

    @Test(arguments: [
        ("90m", 1_000_000_000_000 - 5_400_000), ("7d", 1_000_000_000_000 - 604_800_000),
        ("2001-09-09", 999_993_600_000),
        ("2001-09-09T01:46:40Z", 1_000_000_000_000), ("10000d", 136_000_000_000),
    ])
    func readsTimes(_ text: String, _ milliseconds: UInt64) throws {
        let now = Date(timeIntervalSince1970: 1_000_000_000)
        #expect(try RunFilterOptions.milliseconds(text, now: now) == milliseconds)
    }

    @Test(arguments: ["soon", "", "2001-13-01", "7", "-7d"])
    func refusesWhatIsNoTime(_ text: String) {
        #expect(throws: CorralError.self) { try RunFilterOptions.milliseconds(text, now: Date()) }
    }
}
