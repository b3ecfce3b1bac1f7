// SPDX-License-Identifier: Apache-2.0
// SealingMigrationTests: a store that version 0.1 wrote (Golden/unsealed.sql is a dump of one) is sealed on opening, whole or
// not at all, and what stood in it is in no file afterwards.

import CorralBase
import Foundation
import GRDB
import Testing

@testable import CorralStore
@testable import StoreWriter

@Suite struct SealingMigrationTests {
    let home: StoreHome
    let agentRun: RunID
    let flowRun: RunID
    let large = Array(String(repeating: "PLANTED large value ", count: 5_000).utf8)
    let file = Array("PLANTED-FILE-CONTENT 4111111111111111\n".utf8)

    init() throws {
        home = try StoreHome()
        agentRun = try RunID("r1m8ar84hb96n0bb")
        flowRun = try RunID("r1m8ar84kph4eg90")
        try plant()
    }

    /// The dump's store, with a file, a large value and an effect, which the dumped runs did not have.
    private func plant() throws {
        let folder = home.tenantFolder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Golden/unsealed.sql")
        let hash = ContentHash(of: large)
        let sql = """
            PRAGMA application_id = 1129468492; PRAGMA journal_mode = WAL;
            \(try String(contentsOf: golden, encoding: .utf8))
            INSERT INTO blobs VALUES (7, x'\(hash.hex)', \(large.count), 1, 0, NULL);
            INSERT INTO journal VALUES ('\(flowRun)', 7, 5, 'effect.intent', 'bad', NULL, 1, 1,
                'corral.host.tool/1.PLANTED/tool', 7, '{"service":"corral.host.tool/1","method":"PLANTED/tool",
                "request_hash":"PLANTED-hash","ordinal":0}');
            INSERT INTO effects VALUES ('\(flowRun)', 'bad', -1, 1, 'corral.host.tool/1', 'PLANTED/tool', 'PLANTED-hash',
                0, 7, NULL);
            INSERT INTO journal VALUES ('\(flowRun)', 8, 6, 'attempt.result', 'late', NULL, 1, 1, NULL, NULL,
                '{"metrics":{},"confidence":0.25,"changes":[{"class":"PLANTED-class","target":"x"}]}');
            """
        try StoreTests.run("/usr/bin/sqlite3", [home.database, sql])
        try write(large, "blobs", hash.hex)
        try write(file, "artifacts", ContentHash(of: file).hex)
        try Data("PLANTED draft".utf8).write(to: URL(fileURLWithPath: folder + "/blobs/.new-abc"))
    }

    private func write(_ bytes: [UInt8], _ folder: String, _ hex: String) throws {
        let parent = home.tenantFolder + "/\(folder)/" + hex.prefix(2)
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: parent + "/" + hex))
    }

    /// Files that hold what stood in the open. Asked of another process: closing a database's file in this one would give
    /// up SQLite's locks on it.
    private func planted() throws -> [String] {
        let found = try StoreTests.run("/bin/grep", ["-rla", "PLANTED", home.path]).split(separator: "\n").map(
            String.init)
        return try found + home.files(in: home.path).filter { $0.contains(ContentHash(of: file).hex) }
    }

    @Test func everythingIsThereAndNothingInTheOpen() throws {
        #expect(try planted().count >= 4, "the store of the test is in the open")
        let store = try home.open()
        try expectEverything(store)
        #expect(try planted() == [])
        let applied = try home.sqlite("SELECT name FROM schema_version ORDER BY number")
        #expect(applied.split(separator: "\n").map(String.init) == DatabaseKind.state.migrations.map(\.name))
        #expect(try home.sqlite("SELECT has_plain_files FROM sealing") == "0")
        #expect(try store.verify().isEmpty)
        try store.add(flowRun, .note(topic: "goes on", nil))
        #expect(try home.open().journal(of: flowRun).count == 9)
    }

    private func expectEverything(_ store: TenantStore) throws {
        let agent = try #require(try store.run(agentRun))
        #expect(agent.flow == "corral/file-facts" && agent.state == .succeeded && agent.user == "PLANTED-user")
        #expect(agent.labels == ["PLANTED": "label"] && agent.context["isolation"] == "strict")
        #expect(agent.flowDigest == ContentHash(of: try #require(try store.creation(of: agentRun)).definition).hex)
        #expect(String(decoding: try store.output(of: agentRun) ?? [], as: UTF8.self).contains("PLANTED-NAME.csv"))
        let flow = try #require(try store.run(clientRequest: "PLANTED-key"))
        #expect(flow.id == flowRun && flow.flow == "planted-flow" && flow.session == "PLANTED-session")
        #expect(flow.error?.code.number == 329 && flow.failedStep == "bad" && flow.confidence == 0.25)
        let journal = try store.journal(of: flowRun)
        #expect(journal.map(\.sequence) == Array(1...8))
        guard case .attemptResult(_, let success) = journal[2].event else {
            Issue.record("\(journal[2])")
            return
        }
        #expect(success.metrics.worker == "default·shared·1" && success.metrics.cpuNanoseconds == 311_197)
        let key = EffectKey(
            step: "bad", lineage: 1, service: "corral.host.tool/1", method: "PLANTED/tool", requestHash: "PLANTED-hash",
            ordinal: 0)
        #expect(journal[6].event == .effectIntent(key, attempt: 1, request: large))
        #expect(try store.effect(key, of: flowRun) == .pending && store.unresolvedEffects(of: flowRun) == [key])
        let artifact = ArtifactRef(
            sha256: ContentHash(of: file).hex, name: "PLANTED-NAME.csv", bytes: 38, mediaType: "text/csv")
        #expect(try store.artifacts(of: agentRun) == [artifact])
        #expect(try store.artifacts.read(artifact.sha256) == file)
        var filter = RunFilter()
        filter.changeClass = "PLANTED-class"
        #expect(try store.runs(filter).map(\.id) == [flowRun])
        #expect(try store.usage(from: 0)["executions"] == 2 && store.epoch == 2)
    }

    @Test func whatADamagedStoreStillHasIsKept() throws {
        let name = ContentHash(of: file).hex
        let path = "\(home.tenantFolder)/artifacts/\(name.prefix(2))/\(name)"
        try Data("changed".utf8).write(to: URL(fileURLWithPath: path))
        try home.sqlite("UPDATE blobs SET bytes = x'00' WHERE id = 1")
        let store = try home.open()
        #expect(code { _ = try store.artifacts.read(name) } == .artifactMissing)
        #expect(code { _ = try store.creation(of: agentRun) } == .payloadCorrupt)
        #expect(try store.journal(of: flowRun).count == 8)
    }

    @Test func goesOnWhereAnEarlierAttemptWasCutOff() throws {
        try Data("PLANTED half a database".utf8)
            .write(to: URL(fileURLWithPath: home.tenantFolder + "/state.db.sealing"))
        try Data("PLANTED log".utf8).write(to: URL(fileURLWithPath: home.tenantFolder + "/state.db.sealing-wal"))
        let store = try home.open()
        try expectEverything(store)
        #expect(try planted() == [])
    }

    @Test func plainFilesThatAnEarlierAttemptLeftAreRemoved() throws {
        _ = try home.open()
        try write(large, "blobs", ContentHash(of: large).hex)
        try home.sqlite("UPDATE sealing SET has_plain_files = 1")
        #expect(try planted().count == 1)
        try expectEpoch(3, try home.open())
        #expect(try planted() == [])
    }

    private func expectEpoch(_ epoch: Int64, _ store: TenantStore) throws {
        #expect(store.epoch == epoch)
        #expect(try store.journal(of: flowRun).count == 8)
    }

    @Test func aReaderKeepsItFromBeingSealedAndLosesNothing() throws {
        var configuration = Configuration()
        configuration.readonly = true
        var options = TenantStore.Options()
        options.busyMilliseconds = 20
        let reader = try DatabaseQueue(path: home.database, configuration: configuration)
        try reader.read { db in
            let runs = try Int.fetchOne(db, sql: "SELECT count(*) FROM runs")
            #expect(runs == 2)
            #expect(code { _ = try home.open(options) } == .storeLocked)
        }
        try reader.close()
        try expectEverything(try home.open())
    }

    /// The program is killed at seeded moments while it seals; in the end everything is there.
    @Test func losesNothingWhenKilled() throws {
        var random = SeededGenerator(seed: 20_261_126)
        for _ in 0..<12 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: storeWriter)
            process.arguments = ["append", home.tenantFolder, runID(9).text, "sync", "0"]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            usleep(UInt32.random(in: 0...60_000, using: &random))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let store = try home.open()
        #expect(try store.journal(of: flowRun).count == 8 && store.artifacts(of: agentRun).count == 1)
        #expect(try store.output(of: agentRun)?.isEmpty == false)
        #expect(try planted() == [])
        #expect(try store.verify().isEmpty)
    }

    @Test func anUnsealedStoreNamesItsPluginsToo() throws {
        try home.sqlite("UPDATE runs SET state = 'running' WHERE id = '\(flowRun)'")
        let before = try UnfinishedPlugins.digests(folder: home.tenantFolder)
        #expect(before.count >= 1)
        _ = try home.open()
        #expect(try UnfinishedPlugins.digests(folder: home.tenantFolder) == before)
    }

    /// What an older program would do: it knows the first two names.
    @Test func anOlderProgramRefusesIt() throws {
        _ = try home.open()
        let old = DatabaseKind(
            applicationID: DatabaseKind.state.applicationID, synchronous: "FULL",
            migrations: Array(DatabaseKind.state.migrations.prefix(2)))
        let folder = try StoreFolder(creating: home.tenantFolder)
        #expect(
            code { _ = try StoreDatabase(folder: folder, name: "state.db", kind: old, busyMilliseconds: 20) }
                == .storeNewer)
    }

    /// Never in place: SQLite's freed pages would keep what they held.
    @Test func theTablesAreNotDroppedUnderAnybodysRows() throws {
        let folder = try StoreFolder(creating: home.tenantFolder)
        #expect(
            code { _ = try StoreDatabase(folder: folder, name: "state.db", kind: .state, busyMilliseconds: 20) }
                == .storeIO)
        #expect(try home.sqlite("SELECT count(*) FROM runs") == "2")
    }
}
