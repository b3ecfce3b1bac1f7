// SPDX-License-Identifier: Apache-2.0
// VerdictTests: what the end of a run says about an attempt; a death counts as a block only when it was one.

import CorralBase
import CorralControl
import Foundation
import Testing

@testable import CorralCommand

@Suite struct VerdictTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var judge: String
        var flags: [String] = []
        /// The name of the run's error and what it says; nil = the run has an answer.
        var error: (code: ErrorCode, words: String)?
        var answer: String?
        var expected: BreakoutResult.Outcome

        var testDescription: String { "\(judge) \(flags) \(error?.words ?? answer ?? "")" }
    }

    private static let crashed = ErrorCode(323, "plugin_crashed")
    private static let memoryUsed = ErrorCode(741, "memory_used")
    private static let timeout = ErrorCode(324, "call_timeout")
    private static let protocolBroken = ErrorCode(328, "plugin_broke_protocol")

    static let cases = [
        Case(judge: "self", answer: "blocked", expected: .blocked),
        Case(judge: "self", answer: "escaped", expected: .escaped),
        Case(judge: "self", answer: "skipped", expected: .skipped),
        Case(judge: "self", answer: "nonsense", expected: .unclear),
        Case(judge: "self", error: (crashed, "crashed with SIGSYS"), expected: .blocked),
        Case(judge: "self", error: (crashed, "crashed with SIGSEGV"), expected: .unclear),
        Case(judge: "self", flags: ["dies_of_fault"], error: (crashed, "crashed with SIGSEGV"), expected: .blocked),
        Case(judge: "self", error: (crashed, "crashed with SIGKILL"), expected: .unclear),
        Case(judge: "self", flags: ["dies_of_limit"], error: (crashed, "crashed with SIGKILL"), expected: .blocked),
        Case(judge: "self", flags: ["dies_of_limit"], error: (memoryUsed, "holds too much"), expected: .blocked),
        Case(judge: "self", error: (memoryUsed, "holds too much"), expected: .unclear),
        Case(judge: "self", error: (timeout, "passed its deadline"), expected: .unclear),
        Case(judge: "deadline", error: (timeout, "passed its deadline"), expected: .blocked),
        Case(judge: "deadline", answer: "blocked", expected: .escaped),
        Case(judge: "death", error: (crashed, "ended with exit code 42"), expected: .blocked),
        Case(judge: "death", answer: "blocked", expected: .escaped),
        Case(judge: "protocol", error: (protocolBroken, "wrote to the socket"), expected: .blocked),
        Case(judge: "protocol", error: (timeout, "passed its deadline"), expected: .unclear),
        Case(judge: "survival", answer: "blocked", expected: .blocked),
        Case(judge: "survival", error: (crashed, "crashed with SIGSEGV"), expected: .unclear),
    ]

    @Test(arguments: cases)
    func judges(_ example: Case) throws {
        var description: JSONObject = [
            "name": "example", "class": "files", "summary": "an example", "judge": .string(example.judge),
        ]
        for flag in example.flags { description[flag] = true }
        let attempt = try #require(BreakoutAttempt(.object(description)))
        let end = RunEnd(
            run: RunID(milliseconds: 1_700_000_000_000, random: 7), state: example.error == nil ? .succeeded : .failed,
            startedAt: 0, finishedAt: 1, output: example.answer.map { ["outcome": .string($0), "detail": "said so"] },
            error: example.error.map { CorralError($0.code, "plugin \"corral/breakout\" \($0.words)") })
        #expect(BreakoutVerdict.of(attempt, end).outcome == example.expected)
    }

    @Test func acceptsAnEscapeOnlyAtItsLevels() throws {
        let attempt = try #require(
            BreakoutAttempt(["name": "read-secret", "class": "files", "summary": "", "judge": "self"]))
        for level in [IsolationLevel.strict, .moderate] {
            #expect(!BreakoutResult(attempt, .escaped, "", at: level).isHarmless)
        }
        #expect(BreakoutResult(attempt, .escaped, "", at: .basic).isHarmless)
        #expect(!BreakoutResult(attempt, .escaped, "", at: nil).isHarmless)
        #expect(!BreakoutResult(attempt, .unclear, "", at: .basic).isHarmless)
        #expect(BreakoutResult(attempt, .blocked, "", at: .strict).isHarmless)
    }
}
