// SPDX-License-Identifier: Apache-2.0
// AuditTests: the audit log cannot be changed unseen. Each way to tamper with it is tried on the file, as somebody who has
// the home would.

import CorralBase
import CorralIdentity
import Foundation
import Testing

@testable import CorralStore

@Suite struct AuditTests {
    let home: StoreHome
    let store: HostStore

    init() throws {
        home = try StoreHome()
        store = try HostStore(home: home.path)
        for number in 1...6 {
            try store.appendAudit(
                [
                    AuditDraft(
                        actor: number % 2 == 0 ? "ann" : "bob", credential: "uid:\(number)",
                        action: number < 4 ? "tenant.add" : "user.grant", outcome: .allowed,
                        tenant: number == 6 ? .standard : nil, subject: "s\(number)", detail: ["n": .int(Int64(number))]
                    )
                ], now: Int64(number) * 1_000)
        }
    }

    /// What `sqlite3` does to the file, without the triggers, which stop only who does not mean it.
    private func tamper(_ sql: String) throws {
        try home.sqlite(
            "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; " + sql, home.path + "/host.db")
    }

    private func problems() throws -> [String] { try HostStore(home: home.path).verifyAudit().problems }

    @Test func aLogThatNobodyTouchedIsWhole() throws {
        let verdict = try store.verifyAudit()
        #expect(verdict.problems == [] && verdict.entries == 6 && verdict.head.sequence == 6)
        #expect(try AuditChain.verify(home: home.path) == verdict)
        // Another process goes on where this one ended.
        let again = try HostStore(home: home.path)
        try again.appendAudit([AuditDraft(action: "x", outcome: .noticed)], now: 9)
        #expect(try again.verifyAudit().problems == [])
        #expect(try again.verifyAudit(expecting: verdict.head).problems == [])
    }

    @Test func theChainCanBeComputedByAnyone() throws {
        let script = """
            import sqlite3, hashlib, json, sys
            last = bytes(32)
            for seq, entry, stored in sqlite3.connect(sys.argv[1]).execute("SELECT seq, entry, hash FROM audit ORDER BY seq"):
                last = hashlib.sha256(last + entry.encode()).digest()
                assert last == stored and json.loads(entry)["seq"] == seq
            print(last.hex())
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, home.path + "/host.db"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(text == (try store.verifyAudit().head.hash) + "\n")
    }

    @Test func filtersFindWhatTheyName() throws {
        func numbers(_ filter: AuditFilter) throws -> [Int64] { try store.audit(filter).map(\.sequence) }
        #expect(try numbers(AuditFilter()) == [1, 2, 3, 4, 5, 6])
        #expect(try numbers(AuditFilter(limit: 2)) == [5, 6])
        #expect(try numbers(AuditFilter(since: 4_000)) == [4, 5, 6])
        #expect(try numbers(AuditFilter(actor: "ann")) == [2, 4, 6])
        #expect(try numbers(AuditFilter(action: "tenant")) == [1, 2, 3])
        #expect(try numbers(AuditFilter(action: "user.grant", tenant: .standard)) == [6])
        #expect(try numbers(AuditFilter(action: "tenant.ad")) == [])
        #expect(try numbers(AuditFilter(actor: "' OR 1 --")) == [])
    }

    @Test func triggersRefuseChanges() throws {
        let output = Process()
        output.executableURL = URL(filePath: "/usr/bin/env")
        output.arguments = ["sqlite3", home.path + "/host.db", "DELETE FROM audit; UPDATE audit SET entry = ''"]
        output.standardError = FileHandle.nullDevice
        try output.run()
        output.waitUntilExit()
        #expect(output.terminationStatus != 0)
        #expect(try problems() == [])
    }

    @Test func aChangedEntryShows() throws {
        try tamper("UPDATE audit SET entry = replace(entry, 's3', 'sX') WHERE seq = 3")
        #expect(try problems() == ["entry 3 or the one before it is not what was recorded: the hash does not follow"])
    }

    @Test func aChangedEntryWithAHashOfItsOwnShows() throws {
        let entry = try #require(try store.audit(AuditFilter()).first { $0.sequence == 3 })
        var changed = entry
        changed.draft.subject = "other"
        let before = try home.sqlite("SELECT hex(hash) FROM audit WHERE seq = 2", home.path + "/host.db").lowercased()
        let hash = AuditChain.hash(after: before, changed.text).hex
        try tamper("UPDATE audit SET entry = '\(changed.text)', hash = x'\(hash)' WHERE seq = 3")
        #expect(try problems() == ["entry 4 or the one before it is not what was recorded: the hash does not follow"])
    }

    @Test func aDeletedEntryShows() throws {
        try tamper("DELETE FROM audit WHERE seq IN (2, 3)")
        #expect(try problems() == ["entries 2 to 3 are missing"])
    }

    @Test func reorderedEntriesShow() throws {
        try tamper(
            "UPDATE audit SET seq = 100 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 4; "
                + "UPDATE audit SET seq = 4 WHERE seq = 100")
        let found = try problems()
        #expect(found.first == "entry 2 is not the entry that was recorded under this number", "\(found)")
        #expect(found.count >= 2)
    }

    @Test func anInsertedEntryShows() throws {
        let forged = AuditEntry(sequence: 7, at: 1, draft: AuditDraft(action: "x", outcome: .allowed))
        try tamper("INSERT INTO audit VALUES (7, '\(forged.text)', x'\(String(repeating: "ab", count: 32))')")
        #expect(
            try problems() == [
                "entry 7 or the one before it is not what was recorded: the hash does not follow",
                "the head in host.db ends at entry 6, before the log",
            ])
        // The next act neither stumbles over it nor covers it.
        let again = try HostStore(home: home.path)
        try again.appendAudit([AuditDraft(action: "y", outcome: .noticed)], now: 9)
        #expect(try again.verifyAudit().problems.isEmpty == false)
    }

    @Test func aTailCutOffTheTableShows() throws {
        try tamper("DELETE FROM audit WHERE seq > 4")
        #expect(
            try problems() == [
                "entries 5 to 6 are missing at the end: the head in host.db names 6",
                "entries 5 to 6 are missing at the end: the file audit.head names 6",
            ])
    }

    @Test func aTailCutOffWithItsHeadShowsByTheFile() throws {
        let four = try home.sqlite("SELECT lower(hex(hash)) FROM audit WHERE seq = 4", home.path + "/host.db")
        try tamper("DELETE FROM audit WHERE seq > 4; UPDATE settings SET value = '4:\(four)' WHERE name = 'audit_head'")
        #expect(try problems() == ["entries 5 to 6 are missing at the end: the file audit.head names 6"])
        // What is recorded next leaves the gap for all time.
        let again = try HostStore(home: home.path)
        try again.appendAudit([AuditDraft(action: "y", outcome: .noticed)], now: 9)
        #expect(try again.verifyAudit().problems == ["entries 5 to 6 are missing"])
    }

    @Test func aLogCutOffEverywhereShowsByAHeadNotedElsewhereOnly() throws {
        let head = try store.verifyAudit().head
        let four = try home.sqlite("SELECT lower(hex(hash)) FROM audit WHERE seq = 4", home.path + "/host.db")
        try tamper("DELETE FROM audit WHERE seq > 4; UPDATE settings SET value = '4:\(four)' WHERE name = 'audit_head'")
        try "4:\(four)\n".write(toFile: home.path + "/audit.head", atomically: true, encoding: .utf8)
        #expect(try problems() == [])
        let verdict = try HostStore(home: home.path).verifyAudit(expecting: head)
        #expect(verdict.problems == ["entries 5 to 6 are missing at the end: the head that was given names 6"])
    }

    @Test func aLogWrittenAnewShowsByAHeadNotedElsewhereOnly() throws {
        let head = try store.verifyAudit().head
        try tamper("DELETE FROM audit; DELETE FROM settings WHERE name = 'audit_head'")
        try FileManager.default.removeItem(atPath: home.path + "/audit.head")
        let forger = try HostStore(home: home.path)
        for number in 1...7 {
            try forger.appendAudit([AuditDraft(action: "z\(number)", outcome: .allowed)], now: 1)
        }
        #expect(try forger.verifyAudit().problems == [])
        #expect(
            try forger.verifyAudit(expecting: head).problems == [
                "entry 6 is not the one that the head that was given names"
            ])
    }

    @Test func aMissingHeadShows() throws {
        try FileManager.default.removeItem(atPath: home.path + "/audit.head")
        #expect(try problems() == ["the file audit.head is missing or cannot be read"])
        try tamper("DELETE FROM settings WHERE name = 'audit_head'")
        #expect(try problems().first == "the head in host.db is missing or cannot be read")
    }

    @Test func aCrashBetweenLogAndFileIsNoTampering() throws {
        let file = home.path + "/audit.head"
        let before = try String(contentsOfFile: file, encoding: .utf8)
        try store.appendAudit([AuditDraft(action: "x", outcome: .noticed)], now: 7)
        try before.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try problems() == [])
    }

    @Test func aLongDetailIsLeftOut() throws {
        let text = String(repeating: "x", count: 5_000)
        try store.appendAudit([AuditDraft(action: "x", outcome: .noticed, detail: ["t": .string(text)])], now: 1)
        #expect(try store.audit(AuditFilter(limit: 1)).first?.draft.detail == ["omitted_bytes": 5_008])
    }
}

@Suite struct NoticingTests {
    let home: StoreHome
    let store: HostStore

    init() throws {
        home = try StoreHome()
        store = try HostStore(home: home.path)
    }

    private func notice(_ now: [String: String], _ kind: Noticed = .plugins(nil)) throws -> [String] {
        try store.notice(kind, now, at: 1) { change in
            AuditDraft(action: "plugin.\(change.kind.rawValue)", outcome: .noticed, subject: change.name)
        }.map { "\($0.kind.rawValue) \($0.name)" }
    }

    @Test func onlyWhatChangedIsRecorded() throws {
        #expect(try notice(["a": "1", "b": "1"]) == ["added a", "added b"])
        #expect(try notice(["a": "1", "b": "1"]) == [])
        #expect(try notice(["a": "2", "c": "1"]) == ["changed a", "removed b", "added c"])
        #expect(try notice(["a": "9"], .plugins(.standard)) == ["added a"])
        #expect(try store.audit(AuditFilter()).count == 6)
        #expect(try store.verifyAudit().problems == [])
    }

    @Test func whatHasAnEntryAlreadyIsRememberedWithoutOne() throws {
        try store.notice(.configuration(.standard), ["f": "1"], at: 1) { _ in nil }
        #expect(try store.audit(AuditFilter()).isEmpty)
        #expect(try notice(["f": "1"], .configuration(.standard)) == [])
    }
}

@Suite struct PeopleStoreTests {
    let home: StoreHome
    let store: HostStore

    init() throws {
        home = try StoreHome()
        store = try HostStore(home: home.path)
    }

    @Test func peopleOutliveTheHost() throws {
        let grant = try RoleGrant(.developer, tenant: .standard)
        try store.addPrincipal("ann", .user(1000), grant, now: 1)
        try store.grant(try RoleGrant(.viewer), to: "ann", now: 2)
        try store.grant(try RoleGrant(.viewer), to: "ann", now: 3)
        let ann = try #require(try HostStore(home: home.path).principal(with: .user(1000)))
        let everywhere = try RoleGrant(.viewer)
        #expect(ann.name == "ann" && ann.grants == [grant, everywhere])
        #expect(try store.principal(with: .user(1001)) == nil)
    }

    @Test func namesAndCredentialsAreTakenOnce() throws {
        try store.addPrincipal("ann", .user(1000), nil, now: 1)
        #expect(code { try store.addPrincipal("ann", .user(1001), nil, now: 1) } == .principalExists)
        #expect(code { try store.addPrincipal("bob", .user(1000), nil, now: 1) } == .principalExists)
        try store.removePrincipal("ann")
        try store.addPrincipal("bob", .user(1000), nil, now: 1)
        #expect(try store.principals().map(\.name) == ["bob"])
    }

    @Test func aRemovedPersonsRolesDoNotComeBackWithTheName() throws {
        try store.addPrincipal("ann", .user(1000), .operatorOfHost, now: 1)
        #expect(try store.revoke(try RoleGrant(.viewer), from: "ann") == false)
        try store.removePrincipal("ann")
        try store.addPrincipal("ann", .user(1000), nil, now: 2)
        #expect(try store.principal(named: "ann")?.grants == [])
    }

    @Test func rolesInATenantEndWithIt() throws {
        let acme = try TenantID("acme")
        try store.addTenant(acme, now: 1)
        try store.addPrincipal("ann", .user(1000), try RoleGrant(.tenantAdmin, tenant: acme), now: 1)
        try store.removeTenant(acme)
        try store.addTenant(acme, now: 2)
        #expect(try store.principal(named: "ann")?.grants == [])
    }
}
