// SPDX-License-Identifier: Apache-2.0
// StorageTests: a plugin's own folder, through the whole product: SQLite works in it, it outlives processes, it is alone in
// its process, nothing around it opens, and it goes with the tenant.

import Foundation
import Testing

@Suite(.serialized)
struct StorageTests {
    private func install(in corral: Corral, name: String = "keeper") throws {
        let output = try Corral.execute(
            "/usr/bin/env",
            [
                "cc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-fPIC", "-shared", "-fvisibility=hidden",
                "-I\(Corral.repository.appending(path: "PluginSDK/include").path())", "-DNAME=\"\(name)\"", "-o",
                corral.pluginFolder.appending(path: "\(name).so").path(),
                Corral.repository.appending(path: "Tests/StoragePlugins/keeper.c").path(), "-lsqlite3",
            ])
        guard output.status == 0 else { throw Corral.BuildFailure(text: output.standardError) }
    }

    private func act(_ corral: Corral, _ act: String, name: String = "keeper") throws -> [String: Any] {
        let output = try corral.run(["run", "test/\(name)", "--json", "--input", "act=\(act)"])
        let json = try output.json()
        return try #require(json["output"] as? [String: Any], "\(output)")
    }

    @Test(arguments: ["wal", "delete"])
    func aDatabaseInTheFolderOutlivesItsProcesses(mode: String) throws {
        let corral = try Corral()
        try install(in: corral)
        for count in 1...2 {
            let result = try act(corral, mode)
            #expect(result["count"] as? Int == count)
            #expect(result["mode"] as? String == mode)
        }
        corral.stop()
        #expect(try act(corral, mode)["count"] as? Int == 3)
        let file = corral.home.appending(path: "tenants/default/storage/test/keeper/rows-\(mode).db")
        #expect(FileManager.default.fileExists(atPath: file.path()))
    }

    @Test func theFolderOpensNothingAroundIt() throws {
        let corral = try Corral()
        try install(in: corral)
        let result = try act(corral, "reach")
        for what in ["journal", "code"] {
            #expect((result[what] as? Int ?? 0) != 0, "\(what) is open: \(result)")
        }
        // Where the home lies below /tmp, the way to the folder is made in the process's own /tmp, which nobody else sees.
        let planted = corral.home.appending(path: "tenants/default/storage/test/planted")
        #expect(!FileManager.default.fileExists(atPath: planted.path()))
    }

    @Test func aPluginWithAFolderIsAloneInItsProcess() throws {
        let corral = try Corral()
        try install(in: corral)
        try install(in: corral, name: "other")
        let show = try corral("plugin", "show", "test/keeper", "--json").json()
        #expect(show["compartment"] as? String == "alone:test/keeper")
        #expect((show["compartment_mates"] as? [String] ?? []).isEmpty)
        let grants = try #require(show["grants"] as? [[String: Any]])
        let storage = try #require(grants.first { $0["kind"] as? String == "storage" })
        #expect((storage["granted"] as? [String])?.isEmpty == false)
        #expect(storage["origin"] as? String == "default")
        #expect(try act(corral, "wal")["count"] as? Int == 1)
        #expect(try act(corral, "wal", name: "other")["count"] as? Int == 1)
    }

    @Test func anOperatorsNoIsANo() throws {
        let corral = try Corral()
        try install(in: corral)
        _ = try corral.write("corral.yaml", "grants:\n  test/keeper: {storage: false}\n")
        let output = try corral.run(["run", "test/keeper", "--json", "--input", "act=wal"])
        #expect(output.status != 0)
        #expect("\(output)".contains("no storage"), "\(output)")
        #expect(!FileManager.default.fileExists(atPath: corral.home.appending(path: "tenants/default/storage").path()))
    }

    /// As root the host gives tenants users of their own, who come to the host's folders behind mounts only.
    @Test(arguments: ["moderate", "basic"])
    func weakerLevelsGiveItOrSayWhyNot(level: String) throws {
        let corral = try Corral()
        corral.environment["CORRAL_ISOLATION"] = level
        try install(in: corral)
        let output = try corral.run(["run", "test/keeper", "--json", "--input", "act=wal"])
        if geteuid() == 0 {
            #expect("\(output)".contains("CRL-0904") || "\(output)".contains("\"count\":1"), "\(output)")
        } else {
            #expect("\(output)".contains("\"count\""), "\(output)")
        }
    }

    @Test func whatIsStoredCountsAndGoesWithTheTenant() throws {
        let corral = try Corral()
        try install(in: corral)
        #expect(try corral("tenant", "add", "acme").status == 0)
        let output = try corral.run(["run", "test/keeper", "--tenant", "acme", "--json", "--input", "act=wal"])
        #expect(output.status == 0, "\(output)")
        let folder = corral.home.appending(path: "tenants/acme/storage/test/keeper")
        #expect(FileManager.default.fileExists(atPath: folder.path()))
        let removed = try corral("tenant", "remove", "acme", "--yes")
        #expect(removed.status == 0, "\(removed)")
        #expect(!FileManager.default.fileExists(atPath: folder.path()))
    }
}
