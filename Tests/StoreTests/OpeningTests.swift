// SPDX-License-Identifier: Apache-2.0
// OpeningTests: what is refused when a store is opened, and how it says so.

import CorralBase
import Foundation
import Testing

@testable import CorralStore

@Suite struct OpeningTests {
    let home: StoreHome

    init() throws { home = try StoreHome() }

    @Test func makesFoldersAndFilesPrivate() throws {
        let store = try home.open()
        try store.add(runID(1), .runCreated(creation()))
        for name in ["", "/artifacts", "/blobs"] { #expect(try mode(home.tenantFolder + name) == 0o700) }
        for name in ["state.db", "state.db-wal", "state.db-shm"] {
            #expect(try mode(home.tenantFolder + "/" + name) == 0o600)
        }
    }

    @Test func refusesATenantFolderThatIsASymbolicLink() throws {
        try FileManager.default.createDirectory(atPath: home.path + "/elsewhere", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: home.path + "/tenants", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: home.tenantFolder, withDestinationPath: home.path + "/elsewhere")
        #expect(code { _ = try home.open() } == .storeFolderRefused)
        #expect(try home.files(in: home.path + "/elsewhere").isEmpty)
    }

    @Test(arguments: ["state.db", "blobs", "artifacts"])
    func refusesALinkInsideTheFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: home.tenantFolder, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: home.tenantFolder + "/" + name, withDestinationPath: home.path)
        #expect(code { _ = try home.open() } == .storeFolderRefused)
    }

    @Test func refusesAFolderWhereAFileIs() throws {
        #expect(
            code {
                _ = try TenantStore(
                    folder: home.write("file", []), tenant: .standard, keys: home.keys, now: 1)
            }
                == .storeFolderRefused)
    }

    @Test func refusesADatabaseOfANewerVersion() throws {
        _ = try home.open()
        try home.sqlite("INSERT INTO schema_version (number, name) VALUES (99, '99 telepathy')")
        #expect { _ = try home.open() } throws: { error in
            let error = error as? CorralError
            return error?.code == .storeNewer && error?.message.contains("\"99 telepathy\"") ?? false
        }
    }

    @Test func refusesAForeignDatabase() throws {
        try FileManager.default.createDirectory(atPath: home.tenantFolder, withIntermediateDirectories: true)
        try home.sqlite("CREATE TABLE mine (a)")
        #expect(code { _ = try home.open() } == .storeForeign)
        #expect(try home.sqlite("SELECT name FROM sqlite_schema") == "mine")
    }

    @Test func refusesTheStoreOfAnotherTenant() throws {
        _ = try home.open()
        let globex = try TenantID("globex")
        let open = { [home] in
            try TenantStore(folder: home.tenantFolder, tenant: globex, keys: home.keys, now: 1)
        }
        #expect(code { _ = try open() } == .keyMissing)
        _ = try home.keys.make(for: globex)
        #expect(code { _ = try open() } == .keyWrong)
    }

    @Test func refusesAFileThatIsNoDatabase() throws {
        try FileManager.default.createDirectory(atPath: home.tenantFolder, withIntermediateDirectories: true)
        try Data(repeating: 0x41, count: 8_192).write(to: URL(fileURLWithPath: home.database))
        #expect(code { _ = try home.open() } == .storeCorrupt)
    }

    @Test func reportsADamagedPage() throws {
        try autoreleased {
            let store = try home.open()
            try store.add(runID(1), .runCreated(creation()))
            for number in 0..<200 { try store.add(runID(1), .note(topic: "\(number)", nil), durability: .async) }
            try store.checkpoint()
        }
        // All pages but the first, which opening needs.
        let size = try #require(FileManager.default.attributesOfItem(atPath: home.database)[.size] as? Int)
        let file = try #require(FileHandle(forWritingAtPath: home.database))
        try file.seek(toOffset: 4_096 * 8)
        file.write(Data(repeating: 0xEE, count: size - 4_096 * 8))
        try file.close()
        let result = code {
            let store = try home.open()
            let problems = try store.verify()
            guard problems.isEmpty else { throw problems[0] }
        }
        #expect(result == .storeCorrupt)
    }

    @Test func saysThatAnotherProcessHoldsTheLock() throws {
        var options = TenantStore.Options()
        options.busyMilliseconds = 20
        let store = try home.open(options)
        try store.add(runID(1), .runCreated(creation()))
        let other = try StoreDatabase(
            folder: StoreFolder(creating: home.tenantFolder), name: "state.db", kind: .state, busyMilliseconds: 20)
        try other.perform { db in try db.execute(sql: "BEGIN IMMEDIATE") }
        #expect(code { try store.add(runID(1), .note(topic: "a", nil)) } == .storeLocked)
        #expect(code { _ = try home.open(options) } == .storeLocked)
        try other.perform { db in try db.execute(sql: "ROLLBACK") }
        try store.add(runID(1), .note(topic: "a", nil))
    }

    @Test func everyErrorHasAHint() {
        let errors: [CorralError] = [
            .storeIO("use", "p", cause: "c"), .storeLocked("p"), .storeNewer("p", version: "9"),
            .storeCorrupt("p", cause: "c"), .storeFull("write", "p", cause: "c"), .storeReadOnly("p", cause: "c"),
            .storeForeign("p", applicationID: -1), .folderRefused("p", "r"), .storeFenced("p", ours: 1, current: 2),
            .storeBroken("p", cause: "c"), .runUnknown("r", nearest: nil), .runAmbiguous("r", matches: [runID(1)]),
            .runExists("id"), .runUnfinished(runID(1)), .artifactRefused("n", "a pipe"),
            .artifactTooLarge("n", limitBytes: 1), .artifactMissing("h"), .artifactCorrupt("h", cause: "c"),
            .payloadCorrupt("h", cause: "c"), .recordUnreadable(runID(1), sequence: 1, cause: "c"),
            .spansReset("p", movedTo: "q", cause: "c"), .keyMissing("p", tenant: .standard),
            .keyUnreadable("p", cause: "c"), .keyExposed("p", "r"), .keyWrong("p", tenant: .standard),
        ]
        #expect(Set(errors.map(\.code.number)) == Set(600...620).union(940...943))
        for error in errors {
            #expect(error.hint?.isEmpty == false, "\(error.code.name)")
            #expect(error.message.first?.isLowercase ?? false, "\(error.code.name)")
        }
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    /// Closes what `body` opened when it returns.
    private func autoreleased(_ body: () throws -> Void) rethrows { try body() }
}
