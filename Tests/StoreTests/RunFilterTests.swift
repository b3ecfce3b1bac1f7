// SPDX-License-Identifier: Apache-2.0
// RunFilterTests: runs are found by what they were for and what they stated, and by an index.

import CorralBase
import GRDB
import Testing

@testable import CorralStore

@Suite struct RunFilterTests {
    let home: StoreHome
    let store: TenantStore

    init() throws {
        home = try StoreHome()
        store = try home.open()
        try add(1, user: "ann", feature: "desk", taskType: "review", complexity: "low", confidence: [0.9])
        try add(2, user: "bob", feature: "desk", taskType: "review", complexity: "high", confidence: [0.9, 0.4])
        try add(3, user: "ann", feature: "mail", taskType: "research", changes: ["position_change", "schema"])
        try add(4, user: "Ann", session: "s", changes: ["position_change"])
    }

    private func add(
        _ number: UInt32, user: String, feature: String? = nil, session: String? = nil, taskType: String? = nil,
        complexity: String? = nil, confidence: [Double] = [], changes: [String] = []
    ) throws {
        let run = runID(number)
        let creation = RunCreation(
            flow: number == 1 ? "acme/greeter" : "review", flowDigest: "", definition: [], input: [], seed: 1,
            mode: .sync, user: user, feature: feature, session: session, taskType: taskType, complexity: complexity)
        try store.add(run, .runCreated(creation))
        for (index, value) in confidence.enumerated() {
            try store.add(run, .attemptResult(attempt("s\(index)"), AttemptSuccess(value: [1], confidence: value)))
        }
        let stated = changes.map { Change(changeClass: $0, target: "t") }
        if !changes.isEmpty {
            try store.add(run, .attemptResult(attempt("c"), AttemptSuccess(value: [1], changes: stated + stated)))
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var found: [UInt32]
        /// The index that finds them.
        var index: String
        var set: @Sendable (inout RunFilter) -> Void
    }

    static let cases = [
        Case(testDescription: "user", found: [3, 1], index: "runs_user") { $0.user = "ann" },
        Case(testDescription: "no such user", found: [], index: "runs_user") { $0.user = "an" },
        Case(testDescription: "feature", found: [2, 1], index: "runs_feature") { $0.feature = "desk" },
        Case(testDescription: "session", found: [4], index: "runs_session") { $0.session = "s" },
        Case(testDescription: "task type", found: [2, 1], index: "runs_task_type") { $0.taskType = "review" },
        Case(testDescription: "complexity", found: [2], index: "runs_complexity") { $0.complexity = "high" },
        Case(testDescription: "agent alone", found: [1], index: "runs_flow") { $0.flow = "acme/greeter" },
        Case(testDescription: "at least", found: [1], index: "runs_confidence") { $0.confidenceMin = 0.8 },
        Case(testDescription: "at most", found: [2], index: "runs_confidence") { $0.confidenceMax = 0.4 },
        Case(testDescription: "changes", found: [4, 3], index: "sqlite_autoindex_run_changes_1|PRIMARY KEY") {
            $0.changeClass = "position_change"
        },
        Case(testDescription: "since", found: [4, 3], index: "PRIMARY KEY") { $0.since = 1_700_000_000_003 },
        Case(testDescription: "several", found: [3], index: "runs_user|run_changes") {
            $0.user = "ann"
            $0.changeClass = "schema"
        },
    ]

    @Test(arguments: cases)
    func findsByAnIndex(_ test: Case) throws {
        var filter = RunFilter()
        test.set(&filter)
        #expect(try store.runs(filter).map(\.id) == test.found.map { runID($0) })
        let (condition, values) = filter.condition(store.sealer)
        let plan = try store.database.perform { db in
            try Row.fetchAll(
                db, sql: "EXPLAIN QUERY PLAN SELECT id FROM runs WHERE \(condition) ORDER BY id DESC LIMIT 50",
                arguments: StatementArguments(values)
            ).map { $0["detail"] as String }
        }
        #expect(plan.contains { step in test.index.split(separator: "|").contains { step.contains($0) } }, "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
    }

    @Test func keepsTheLowestConfidenceAndTellsWhatTheRunWasFor() throws {
        let run = try #require(try store.run(runID(2)))
        #expect(run.confidence == 0.4 && run.taskType == "review" && run.complexity == "high")
        #expect(try store.run(runID(3))?.confidence == nil)
        #expect(try store.creation(of: runID(2))?.taskType == "review")
    }

    @Test func aDeletedRunIsNotFoundByItsChanges() throws {
        try store.add(runID(3), .runFinished(.cancelled(reason: "")))
        try store.deleteRun(runID(3), now: 1)
        #expect(try home.sqlite("SELECT count(*) FROM run_changes") == "1")
    }
}
