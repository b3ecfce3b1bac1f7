// SPDX-License-Identifier: Apache-2.0
// KeyTests: a tenant's key is made once, private and durable, and a store without its own key stays shut.

import CorralBase
import Foundation
import Testing

@testable import CorralStore

@Suite struct KeyTests {
    let home: StoreHome

    init() throws { home = try StoreHome() }

    private var file: String { home.keys.path(of: .standard) }

    private func sealed() throws -> [JournalEntry] {
        let store = try home.open()
        try store.add(runID(1), .runCreated(creation()), .note(topic: "a", nil))
        return try store.journal(of: runID(1))
    }

    @Test func isMadeOnceAndPrivate() throws {
        let entries = try sealed()
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.hasPrefix("corral tenant key 1\ntenant default\nkey "))
        #expect(try mode(file) == 0o600 && mode(home.keys.path) == 0o700)
        #expect(try home.files(in: home.keys.path) == ["default.key"])
        #expect(try home.open().journal(of: runID(1)) == entries)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
    }

    @Test func liesOutsideOfTheTenantsFolder() throws {
        _ = try sealed()
        #expect(!file.hasPrefix(home.tenantFolder))
        let key = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")[2].dropFirst(4)
        for name in try home.files(in: home.tenantFolder) {
            let content = try Data(contentsOf: URL(fileURLWithPath: home.tenantFolder + "/" + name))
            #expect(!content.contains(Data(key.utf8)))
            #expect(!content.contains(Data(try #require(ContentHash(hex: String(key))).bytes)), "\(name)")
        }
    }

    @Test func aMissingKeyIsNeverReplaced() throws {
        _ = try sealed()
        try FileManager.default.removeItem(atPath: file)
        #expect(code { _ = try home.open() } == .keyMissing)
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    /// Values lie there that the missing key sealed, though the database that names them is gone.
    @Test func noKeyIsMadeBesideSealedFiles() throws {
        let store = try home.open()
        _ = try store.artifacts.importBytes([1], name: "a", mediaType: "")
        for name in ["state.db", "state.db-wal", "state.db-shm"] {
            try? FileManager.default.removeItem(atPath: home.tenantFolder + "/" + name)
        }
        try FileManager.default.removeItem(atPath: file)
        #expect(code { _ = try home.open() } == .keyMissing)
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test func aWrongKeyOpensNothing() throws {
        _ = try sealed()
        try FileManager.default.removeItem(atPath: file)
        _ = try home.keys.make(for: .standard)
        #expect(code { _ = try home.open() } == .keyWrong)
    }

    @Test func aKeyThatIsThereIsNeverReplaced() throws {
        let first = try home.keys.make(for: .standard).text(of: .standard)
        #expect(try home.keys.make(for: .standard).text(of: .standard) == first)
        #expect(try home.files(in: home.keys.path) == ["default.key"])
    }

    @Test func everyByteOfTheFileCounts() throws {
        _ = try sealed()
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        for count in 0..<whole.count {
            try rewrite(whole.prefix(count))
            #expect(code { _ = try home.keys.key(of: .standard) } == .keyUnreadable, "\(count) bytes")
        }
        for index in whole.indices {
            var changed = whole
            changed[index] ^= 1
            try rewrite(changed)
            #expect(code { _ = try home.keys.key(of: .standard) } == .keyUnreadable, "byte \(index)")
        }
        try rewrite(whole + Data(repeating: 10, count: 2_000))
        #expect(code { _ = try home.open() } == .keyUnreadable)
        try rewrite(whole)
        #expect(try home.open().journal(of: runID(1)).count == 2)
    }

    @Test func theKeyOfAnotherTenantIsRefusedByName() throws {
        let globex = try TenantID("globex")
        _ = try home.keys.make(for: globex)
        try FileManager.default.moveItem(atPath: home.keys.path(of: globex), toPath: file)
        #expect { _ = try home.open() } throws: { error in
            let error = error as? CorralError
            return error?.code == .keyUnreadable && error?.cause?.contains("default") ?? false
        }
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o644, 0o610])
    func aKeyThatOthersCouldReadIsRefused(_ rights: Int) throws {
        _ = try sealed()
        #expect(chmod(file, mode_t(rights)) == 0)
        #expect(code { _ = try home.open() } == .keyExposed)
        #expect(chmod(file, 0o400) == 0)
        #expect(try home.open().journal(of: runID(1)).count == 2)
    }

    @Test func aFolderThatOthersCouldEnterIsRefused() throws {
        _ = try sealed()
        #expect(chmod(home.keys.path, 0o750) == 0)
        #expect(code { _ = try home.open() } == .keyExposed)
        #expect(try mode(home.keys.path) == 0o750, "an open folder is the operator's to close")
    }

    @Test func aLinkOrPipeIsNoKey() throws {
        _ = try sealed()
        try FileManager.default.moveItem(atPath: file, toPath: home.path + "/elsewhere")
        symlink(home.path + "/elsewhere", file)
        #expect(code { _ = try home.open() } == .keyExposed)
        unlink(file)
        mkfifo(file, 0o600)
        #expect(code { _ = try home.open() } == .keyExposed)
    }

    /// Root owns what nobody else could change; any other stranger's key could be one that the stranger knows.
    @Test(.enabled(if: geteuid() == 0))
    func theKeyOfAnotherUserIsRefused() throws {
        _ = try sealed()
        #expect(chown(file, 65_534, 65_534) == 0)
        #expect(code { _ = try home.open() } == .keyExposed)
    }

    @Test func aDroppedKeyLeavesNothingThatOpens() throws {
        _ = try sealed()
        try home.keys.drop(.standard)
        try home.keys.drop(.standard)
        #expect(try home.files(in: home.keys.path).isEmpty)
        #expect(code { _ = try home.open() } == .keyMissing)
    }

    @Test func aKeySetAsideOpensTheStoreAgain() throws {
        let entries = try sealed()
        let place = try #require(try home.keys.setAside(.standard, as: "default-1"))
        #expect(try mode(place) == 0o600)
        #expect(code { _ = try home.open() } == .keyMissing)
        #expect(try home.keys.setAside(.standard, as: "default-1") == place)
        #expect(try home.keys.setAside(.standard, as: "default-2") == nil)
        try FileManager.default.copyItem(atPath: place, toPath: file)
        #expect(try home.open().journal(of: runID(1)) == entries)
    }

    @Test func theExaminationSaysWhatIsWrong() throws {
        func state() -> SealState { SealExamination.state(of: .standard, home: home.path, keys: home.keys) }
        #expect(state().journal == .none && state().key == .none && state().problem == nil)
        _ = try sealed()
        #expect(state().journal == .sealed && state().key == .present && state().problem == nil)
        #expect(SealExamination.states(home: home.path, keys: home.keys).map(\.tenant) == [.standard])
        #expect(chmod(file, 0o644) == 0)
        #expect(state().problem?.code == .keyExposed)
        try FileManager.default.removeItem(atPath: file)
        #expect(state().problem?.code == .keyMissing)
        _ = try home.keys.make(for: .standard)
        #expect(state().key == .wrong && state().problem?.code == .keyWrong)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    private func rewrite(_ content: Data) throws {
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.truncate(atOffset: 0)
        handle.write(content)
        try handle.close()
    }
}
