// SPDX-License-Identifier: Apache-2.0
// SweepTests: every attempt through the whole product, at every level this machine has, as root and as an ordinary user.
// What cannot be run here is said, with the reason.

import CorralBase
import Foundation
import Testing

struct Sweep: Sendable, CustomTestStringConvertible {
    var level: IsolationLevel
    var asRoot: Bool

    var testDescription: String { "\(level.rawValue) as \(asRoot ? "root" : "an ordinary user")" }

    static let all = IsolationLevel.allCases.reversed().flatMap { level in
        [true, false].map { Sweep(level: level, asRoot: $0) }
    }

    /// What runs a program as the user; nil when this process cannot.
    var runner: [String]? {
        switch (asRoot, geteuid() == 0) {
        case (true, true): []
        case (true, false): nil
        case (false, true):
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/tmp", "TMPDIR=/tmp"]
        case (false, false): []
        }
    }
}

@Suite struct SweepTests {
    @Test(arguments: Sweep.all)
    func nothingGetsOutThatMustNot(sweep: Sweep) throws {
        guard let runner = sweep.runner else {
            return say(sweep, "the tests run as uid \(geteuid())")
        }
        let corral = Products.path("corral")
        guard try Products.run(runner + ["test", "-x", corral]).status == 0 else {
            return say(sweep, "another user cannot reach \(corral)")
        }
        let output = try Products.run(
            runner + [corral, "demo", "breakout", "--level", sweep.level.rawValue, "--json"])
        let report = try output.json()
        if let error = report["error"] as? [String: Any] {
            // Any other reason than that the machine has no such level is a failure.
            #expect(error["name"] as? String == "isolation_unavailable", "\(output)")
            return say(sweep, "\(error["message"] ?? ""): \(error["cause"] ?? "")")
        }
        try check(report, sweep, output)
    }

    private func check(_ report: [String: Any], _ sweep: Sweep, _ output: Products.Output) throws {
        let attempts = try #require(report["attempts"] as? [[String: Any]])
        let counts = try #require(report["counts"] as? [String: Int])
        print("\(sweep.testDescription): \(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })")
        #expect(report["level"] as? String == sweep.level.rawValue)
        #expect(attempts.count == everyAttempt().count)
        for attempt in attempts {
            let name = attempt["name"] as? String ?? ""
            let isAccepted = attempt["accepted"] is String
            switch attempt["outcome"] as? String {
            case "blocked": continue
            case "skipped": print("  \(name) skipped: \(attempt["detail"] ?? "")")
            case "escaped" where isAccepted: continue
            default:
                Issue.record(
                    "\(sweep.testDescription): \(name) \(attempt["outcome"] ?? ""): \(attempt["detail"] ?? "")")
            }
        }
        // Inside, almost nothing depends on the machine any more: a filter answers before the kernel can lack a thing.
        #expect(counts["skipped"] ?? 0 <= 10)
        #expect(output.status == 0)
        #expect(report["passed"] as? Bool == true)
        let home = try #require(report["home"] as? String)
        #expect(!FileManager.default.fileExists(atPath: home), "left behind")
    }

    private func say(_ sweep: Sweep, _ reason: String) { print("not run: \(sweep.testDescription): \(reason)") }

    @Test func someLevelIsInForce() throws {
        let output = try Products.run([Products.path("corral"), "demo", "breakout", "--only", "no-filter", "--json"])
        let level = try output.json()["level"] as? String
        #expect(level.flatMap(IsolationLevel.init(rawValue:)) != nil, "\(output)")
    }
}
