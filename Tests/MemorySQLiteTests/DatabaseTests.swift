// SPDX-License-Identifier: Apache-2.0
import CSQLite
import CorralSDK
import Glibc
import Testing

@testable import MemorySQLite

@Suite struct DatabaseTests {
    private let folder = Folder()

    @Test func saysThatAFileIsDamaged() async throws {
        folder.write(Array(repeating: 0x5A, count: 8_192), to: "memory.db")
        let store = MemoryStore(folder: folder.path)
        #expect(await code { try await store.put(.note("x")) } == "memory_corrupt")
    }

    @Test func saysThatPagesAreDamaged() async throws {
        let first = MemoryStore(folder: folder.path)
        for index in 0..<400 { _ = try await first.put(.note("words of entry \(index)", key: "k\(index)")) }
        _ = try await first.forget(.these(key: "k0"))
        var bytes = Array(repeating: UInt8(0xFF), count: 1)
        let file = open(folder.database, O_RDWR)
        let size = lseek(file, 0, SEEK_END)
        bytes = Array(repeating: 0xFF, count: Int(size) - 8_192)
        #expect(pwrite(file, bytes, bytes.count, 8_192) == bytes.count)
        close(file)
        let second = MemoryStore(folder: folder.path)
        #expect(await code { try await second.search(.find("words")) } == "memory_corrupt")
    }

    @Test func refusesANewerAndAForeignFile() async throws {
        let newer = MemoryStore(folder: folder.path, migrations: Schema.migrations + ["CREATE TABLE later (x)"])
        _ = try await newer.put(.note("x"))
        let older = MemoryStore(folder: folder.path)
        #expect(await code { try await older.put(.note("x")) } == "memory_newer")
        let other = Folder()
        let database = try Database(path: other.database)
        try database.execute("CREATE TABLE theirs (x)")
        #expect(await code { try await MemoryStore(folder: other.path).put(.note("x")) } == "memory_foreign")
    }

    @Test func migratesAnOlderFileAndKeepsItsEntries() async throws {
        let older = MemoryStore(folder: folder.path)
        _ = try await older.put(.note("kept", key: "k"))
        let next = Schema.migrations + ["ALTER TABLE entries ADD COLUMN weight INTEGER NOT NULL DEFAULT 7"]
        let newer = MemoryStore(folder: folder.path, migrations: next)
        #expect(try await newer.get(.key("k"))?.text == "kept")
        let database = try Database(path: folder.database)
        #expect(try database.first("SELECT weight FROM entries") { $0.integer(0) } == 7)
        #expect(try database.first("PRAGMA user_version") { $0.integer(0) } == Int64(next.count))
    }

    @Test func recoversWhenTheFileIsPutRight() async throws {
        folder.write(Array(repeating: 0x5A, count: 8_192), to: "memory.db")
        let store = MemoryStore(folder: folder.path)
        #expect(await code { try await store.put(.note("x")) } == "memory_corrupt")
        unlink(folder.database)
        #expect(try await store.put(.note("x")).replaced == false)
    }

    @Test func saysThatTheFolderIsNotThere() async {
        #expect(await code { try await MemoryStore(folder: "/nowhere").put(.note("x")) } == "memory_unavailable")
    }

    @Test func takesManyCallsAtOnce() async throws {
        let store = MemoryStore(folder: folder.path)
        let other = MemoryStore(folder: folder.path)
        try await withThrowingTaskGroup { group in
            for index in 0..<200 {
                group.addTask {
                    let side = index % 2 == 0 ? store : other
                    _ = try await side.put(.note("shared \(index)", key: "k\(index % 50)", at: Int64(index)))
                    _ = try await side.search(.find("shared"))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.list(.all()).entries.count == 50)
    }

    /// A child puts and says so, and dies in the middle; the parent finds everything that it was told of.
    @Test func keepsWhatItAcknowledgedWhenKilled() async throws {
        var acknowledged = 0
        for round in 0..<5 {
            let count = try WriterProcess.killedAfter(acknowledgements: 20 + round, folder: folder.path, round: round)
            #expect(count >= 20 + round)
            let store = MemoryStore(folder: folder.path)
            for index in 0..<count {
                #expect(try await store.get(.key("r\(round)-\(index)"))?.text == "entry \(index)")
            }
            acknowledged += count
        }
        #expect(acknowledged >= 110)
        let database = try Schema.open(folder.database)
        #expect(try database.first("PRAGMA integrity_check") { $0.text(0) } == "ok")
        try database.run("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
    }

    @Test func staysQuickWithManyEntries() async throws {
        let database = try Schema.open(folder.database)
        let table = MemoryTable(database: database)
        try database.execute("PRAGMA synchronous = OFF")
        try database.transaction {
            try database.run("INSERT INTO namespaces (name) VALUES ('agent:a/b'), ('agent:x/y')")
            try database.execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
                INSERT INTO entries (namespace, layer, key, text, tags, created_at, updated_at)
                SELECT 1, 2, 'k' || i, 'note ' || i || ' about market regime ' || (i % 997), '[]', i, i FROM n
                """)
        }
        _ = try table.put(.note("rare pearl", in: "agent:x/y", at: 200_000))
        let clock = ContinuousClock()
        var start = clock.now
        func lap() -> Duration {
            defer { start = clock.now }
            return start.duration(to: clock.now)
        }
        for index in 0..<200 { _ = try table.put(.note("new \(index)", key: "k\(index * 7)", at: 300_000)) }
        let put = lap()
        for index in 0..<200 { #expect(try table.get(.key("k\(index + 1)", at: 300_000)) != nil) }
        let got = lap()
        #expect(try table.list(.all(at: 300_000, limit: 50)).entries.count == 50)
        let listed = lap()
        #expect(try KeywordSearch(table: table).search(.find("pearl", in: ["agent:x/y"])).count == 1)
        let found = lap()
        #expect(try KeywordSearch(table: table).search(.find("market regime 500")).count == 10)
        let common = lap()
        print("100000 entries: put \(put / 200), get \(got / 200), list \(listed), rare \(found), common \(common)")
        #expect(
            try plan(database, "SELECT number FROM entries WHERE namespace = 1 AND layer = 2 AND key = 'k1'")
                .contains("entries_key"))
        #expect(put / 200 < .milliseconds(20) && got / 200 < .milliseconds(20) && listed < .milliseconds(500))
    }

    private func plan(_ database: Database, _ sql: String) throws -> String {
        try database.rows("EXPLAIN QUERY PLAN " + sql) { $0.text(3) }.joined()
    }
}
