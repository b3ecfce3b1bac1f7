// SPDX-License-Identifier: Apache-2.0
// HostStoreTests: tenants, probe answers and settings outlive the host.

import CorralBase
import Foundation
import Testing

@testable import CorralStore

@Suite struct HostStoreTests {
    let home: StoreHome
    let store: HostStore

    init() throws {
        home = try StoreHome()
        store = try HostStore(home: home.path)
    }

    @Test func remembersTenantsOnce() throws {
        try store.addTenant(try TenantID("globex"), now: 2)
        try store.addTenant(.standard, now: 1)
        try store.addTenant(.standard, now: 9)
        let tenants = try HostStore(home: home.path).tenants()
        #expect(tenants.map(\.id.text) == ["default", "globex"] && tenants.map(\.createdAt) == [1, 2])
    }

    @Test func aTenantsNumberIsNeverGivenAgain() throws {
        let (acme, globex) = (try TenantID("acme"), try TenantID("globex"))
        #expect(try store.addTenant(acme, now: 1) && store.addTenant(globex, now: 2))
        #expect(try store.addTenant(globex, now: 3) == false)
        try store.removeTenant(globex)
        let again = try HostStore(home: home.path)
        #expect(try again.tenant(globex) == nil)
        try again.addTenant(globex, now: 4)
        #expect(try again.tenants().map(\.number) == [1, 3])
    }

    @Test func nothingOfARemovedTenantStaysInTheFile() throws {
        let acme = try TenantID("acme-remnant")
        try store.addTenant(acme, now: 1)
        try store.putProbeAnswer("probe/1/ab", Array("manifest-of-acme".utf8), now: 1)
        try store.beginRemoval(of: acme, now: 2)
        try store.removeTenant(acme)
        #expect(try store.probeAnswer("probe/1/ab", now: 3) == nil)
        for suffix in ["", "-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: home.path + "/host.db" + suffix))
            for remnant in ["acme-remnant", "manifest-of-acme"] {
                #expect(bytes.range(of: Data(remnant.utf8)) == nil, "\(remnant) in host.db\(suffix)")
            }
        }
    }

    @Test func aRemovalThatBeganIsRememberedWithItsFirstTime() throws {
        let acme = try TenantID("acme")
        try store.addTenant(acme, now: 1)
        try store.beginRemoval(of: acme, now: 5)
        try store.beginRemoval(of: acme, now: 6)
        #expect(try HostStore(home: home.path).tenant(acme)?.removingAt == 5)
    }

    @Test func tenantsOfAnOlderHomeGetNumbers() throws {
        let folder = home.path + "/old"
        try home.sqlite(
            """
            PRAGMA application_id = 1129468488;
            CREATE TABLE schema_version (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
            INSERT INTO schema_version VALUES (1, '1 host');
            CREATE TABLE tenants (id TEXT NOT NULL PRIMARY KEY, created_at INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE settings (
                name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, changed_at INTEGER NOT NULL) WITHOUT ROWID;
            INSERT INTO tenants VALUES ('default', 1), ('acme', 2);
            """, folder + ".db")
        try run("/bin/mkdir", ["-m", "700", folder])
        try run("/bin/mv", [folder + ".db", folder + "/host.db"])
        let old = try HostStore(home: folder)
        #expect(try old.tenants().map { "\($0.id) \($0.number)" } == ["acme 1", "default 2"])
        try old.addTenant(try TenantID("new"), now: 3)
        #expect(try old.tenant(try TenantID("new"))?.number == 3)
    }

    @Test func remembersProbeAnswersByteForByte() throws {
        #expect(try store.probeAnswer("k", now: 1) == nil)
        try store.putProbeAnswer("k", [0, 1, 255], now: 1)
        try store.putProbeAnswer("empty", [], now: 1)
        let again = try HostStore(home: home.path)
        #expect(try again.probeAnswer("k", now: 1) == [0, 1, 255])
        #expect(try again.probeAnswer("empty", now: 1) == [])
        try again.putProbeAnswer("k", [7], now: 2)
        #expect(try again.probeAnswer("k", now: 2) == [7])
        try again.forgetProbeAnswers()
        #expect(try again.probeAnswer("k", now: 2) == nil)
    }

    @Test func forgetsTheAnswerThatWasUsedLongestAgo() throws {
        let day: Int64 = 86_400_000_000_001
        try store.putProbeAnswer("used", [1], now: 1)
        try store.putProbeAnswer("unused", [1], now: 2)
        #expect(try store.probeAnswer("used", now: day + 2) == [1])
        try home.sqlite(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(HostStore.probesMax - 2))
            INSERT INTO probes SELECT 'k' || i, x'01', 3, 3 FROM n
            """, home.path + "/host.db")
        try store.putProbeAnswer("new", [1], now: day + 3)
        #expect(try store.probeAnswer("used", now: day + 3) == [1])
        #expect(try store.probeAnswer("unused", now: day + 3) == nil)
    }

    @Test func remembersSettings() throws {
        #expect(try store.setting("a") == nil)
        try store.set("a", "1", now: 1)
        try store.set("a", "2", now: 2)
        #expect(try HostStore(home: home.path).setting("a") == "2")
        try store.set("a", nil, now: 3)
        #expect(try store.setting("a") == nil)
    }

    @Test func aTenantsDatabaseIsNoHostDatabase() throws {
        _ = try home.open()
        try run("/bin/cp", [home.database, home.tenantFolder + "/host.db"])
        #expect(code { _ = try HostStore(home: home.tenantFolder) } == .storeForeign)
    }
}
