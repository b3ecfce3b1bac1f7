// SPDX-License-Identifier: Apache-2.0
// TenantIsolationTests: two tenants of one host; whatever is one's is tried from the other. What a hostile worker tries is
// in the attack program; this is what a person or a client could ask for.

import Foundation
import Testing

@Suite(.serialized)
struct TenantIsolationTests {
    private func two() throws -> Corral {
        let corral = try Corral()
        try corral.install("echo", "spender")
        for tenant in ["acme", "globex"] { try #require(try corral("tenant", "add", tenant).status == 0) }
        return corral
    }

    private func id(of run: Corral.Output) throws -> String { try #require(try run.json()["run"] as? String, "\(run)") }

    @Test func aRunOfTheOtherIsUnknownHoweverItIsAskedFor() throws {
        let corral = try two()
        let run = try id(of: corral("run", "test/echo", "--tenant", "acme", "--input", "s=private-words", "--json"))
        let going = try #require(
            try corral("run", "test/spender", "--tenant", "acme", "--input", "ms=60000", "--detach", "--json").json()[
                "run"] as? String)
        try #require(try corral("run", "test/echo", "--tenant", "globex").status == 0)
        for verb in [["show"], ["show", "--trace", "--json"], ["resume"], ["cancel"]] {
            for asked in [run, String(run.dropLast(2)), going] {
                let output = try corral.run(["runs"] + verb + [asked, "--tenant", "globex"])
                #expect(output.status == 3, "\(verb) \(asked) \(output)")
                let said = output.standardOutput + output.standardError
                #expect(!said.contains("private-words"), "\(said)")
            }
        }
        // A near miss gets no suggestion from another tenant.
        let near = try corral("runs", "show", String(run.dropLast()) + "0", "--tenant", "globex")
        #expect(!(near.standardError + near.standardOutput).contains(run), "\(near)")
        let last = try corral("runs", "show", "last", "--tenant", "globex", "--json").json()["run"] as? String
        #expect(last != run && last != going)
        #expect(try !corral("runs", "list", "--tenant", "globex").standardOutput.contains(run))
        #expect(try corral("runs", "show", going, "--tenant", "acme", "--json").json()["state"] as? String == "running")
        #expect(try corral("runs", "cancel", going, "--tenant", "acme").status == 0)
    }

    @Test func keysAndSessionsAreEachTenantsOwn() throws {
        let corral = try two()
        func run(_ tenant: String, _ value: String) throws -> Corral.Output {
            try corral(
                "run", "test/echo", "--tenant", tenant, "--idempotency-key", "once", "--session", "s1", "--input",
                "v=\(value)", "--json")
        }
        let first = try run("acme", "from-acme")
        let other = try run("globex", "from-globex")
        let again = try run("globex", "ignored")
        #expect(try id(of: first) != id(of: other) && id(of: other) == id(of: again))
        #expect(!again.standardOutput.contains("from-acme") && again.standardOutput.contains("from-globex"))
    }

    @Test func aFileOfTheOtherCannotBeClaimedByItsHash() throws {
        let corral = try two()
        try #require(
            try corral("run", "test/spender", "--tenant", "acme", "--input", "artifact_kb=100").status == 0)
        let run = try corral("runs", "show", "last", "--tenant", "acme", "--json").json()
        let file = try #require((run["artifacts"] as? [[String: Any]])?.first)
        let hash = try #require(file["sha256"] as? String)
        let claim = #"{"$artifact":"sha256:\#(hash)","bytes":102400,"name":"file","type":"text/plain"}"#
        let mine = try corral("run", "test/echo", "--tenant", "acme", "--input", "file=\(claim)")
        #expect(mine.status == 0, "\(mine)")
        let stolen = try corral("run", "test/echo", "--tenant", "globex", "--input", "file=\(claim)")
        #expect(stolen.status != 0, "\(stolen)")
        let folder = corral.home.appending(path: "tenants/globex/artifacts").path()
        let kept = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        #expect(!kept.contains { $0.hasSuffix(hash) }, "\(kept)")
    }

    @Test(arguments: [
        "..", ".", "", "acme/../globex", "/tmp", "a/b", "Acme", "ACME", "acme ", "acm\u{e9}",
        "acme\u{301}", "acme\u{200B}", "\u{FF41}cme", "-acme", "_acme", ".removed-acme", "acme.",
        String(repeating: "a", count: 64),
    ]) func otherSpellingsAreNoTenants(_ name: String) throws {
        let corral = try Corral()
        for verb in [["tenant", "add"], ["tenant", "show"], ["tenant", "set"], ["tenant", "remove", "--yes"]] {
            let last = verb[1] == "set" ? ["max_storage_mb=1"] : []
            let output = try corral.run(verb + ["--", name] + last)
            #expect(output.status == 2, "\(verb) \(output)")
        }
        let run = try corral("run", "test/echo", "--tenant=\(name)")
        #expect(run.status == 2, "\(run)")
        let folders = try? FileManager.default.contentsOfDirectory(
            atPath: corral.home.appending(path: "tenants").path())
        #expect((folders ?? []) == [], "\(folders ?? [])")
    }

    @Test func theHostsOwnTenantIsNobodys() throws {
        let corral = try two()
        for arguments in [
            ["tenant", "add", "system"], ["tenant", "show", "system"], ["tenant", "set", "system", "max_storage_mb=1"],
            ["tenant", "remove", "system", "--yes"], ["run", "test/echo", "--tenant", "system"],
        ] {
            let output = try corral.run(arguments)
            #expect(output.status == 4 && output.standardError.contains("CRL-0728"), "\(arguments) \(output)")
        }
    }

    @Test func aDamagedDatabaseOfOneHurtsNobodyElse() throws {
        let corral = try two()
        for tenant in ["acme", "globex"] {
            try #require(try corral("run", "test/echo", "--tenant", tenant).status == 0)
        }
        corral.stop()
        let database = corral.home.appending(path: "tenants/acme/state.db")
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database.path() + suffix) }
        try Data(repeating: 0x5A, count: 40_000).write(to: database)
        let broken = try corral("run", "test/echo", "--tenant", "acme")
        #expect(broken.status == 1 && broken.standardError.contains("state.db"), "\(broken)")
        #expect(try corral("run", "test/echo", "--tenant", "globex").status == 0)
        #expect(try corral("runs", "list", "--tenant", "globex").status == 0)
        let usage = try corral("tenant", "usage")
        #expect(usage.status == 0 && usage.standardOutput.contains("error:"), "\(usage)")
        #expect(usage.standardOutput.contains("max_daily_executions"), "\(usage)")
        #expect(try corral("tenant", "list").standardOutput.contains("acme"))
        #expect(try corral("tenant", "remove", "acme", "--yes").status == 0)
        try #require(try corral("tenant", "add", "acme").status == 0)
        #expect(try corral("run", "test/echo", "--tenant", "acme").status == 0)
    }

    @Test func aFolderThatBecameALinkToTheOthersIsNotUsed() throws {
        let corral = try two()
        let secret = try id(of: corral("run", "test/echo", "--tenant", "globex", "--json"))
        corral.stop()
        let folder = corral.home.appending(path: "tenants/acme").path()
        try FileManager.default.moveItem(atPath: folder, toPath: folder + "-away")
        symlink(corral.home.appending(path: "tenants/globex").path(), folder)
        for arguments in [
            ["run", "test/echo", "--tenant", "acme"], ["runs", "show", secret, "--tenant", "acme"],
            ["tenant", "show", "acme"], ["tenant", "set", "acme", "max_storage_mb=1"], ["tenant", "usage", "acme"],
        ] {
            let output = try corral.run(arguments)
            #expect(output.status == 1 && output.standardError.contains("CRL-0736"), "\(arguments) \(output)")
        }
        #expect(try corral("runs", "show", secret, "--tenant", "globex").status == 0)
        // Removing it takes the link away and nothing behind it.
        try #require(try corral("tenant", "remove", "acme", "--yes", "--no-archive").status == 0)
        #expect(try corral("runs", "show", secret, "--tenant", "globex").status == 0)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func aPluginDroppedWhereItIsNotAllowedIsNotLoaded() throws {
        let corral = try two()
        let folder = corral.home.appending(path: "tenants/acme/plugins.d")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            at: corral.pluginFolder.appending(path: "echo.so"), to: folder.appending(path: "echo.so"))
        let run = try corral("run", "test/echo", "--tenant", "acme")
        #expect(run.status == 3 && run.standardError.contains("CRL-0419"), "\(run)")
        let shown = try corral("tenant", "show", "acme").standardOutput
        #expect(shown.contains("not used") && shown.contains("CRL-0437"), "\(shown)")
        #expect(try corral("plugin", "list", "--tenant", "acme").standardOutput.contains("CRL-0437"))
        #expect(try !corral("plugin", "list", "--tenant", "globex").standardOutput.contains("CRL-0437"))
    }

    @Test func aPluginOfOneIsInvisibleToTheOtherAndGoesWithIt() throws {
        let corral = try Corral()
        try corral.install("echo")
        _ = try corral.write("corral.yaml", "multi_tenancy: {tenant_config: {allow_custom_agents: true}}\n")
        for tenant in ["acme", "globex"] { try #require(try corral("tenant", "add", tenant).status == 0) }
        let folder = corral.home.appending(path: "tenants/acme/plugins.d")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            at: corral.pluginFolder.appending(path: "echo.so"), to: folder.appending(path: "echo.so"))
        try #require(try corral("run", "test/echo", "--tenant", "acme").status == 0)
        #expect(try corral("tenant", "show", "acme").standardOutput.contains("test/echo"))
        for arguments in [["run", "test/echo"], ["plugin", "show", "test/echo"]] {
            let output = try corral.run(arguments + ["--tenant", "globex"])
            #expect(output.status == 3, "\(output)")
        }
        #expect(try !corral("plugin", "list", "--tenant", "globex").standardOutput.contains("test/echo"))
        #expect(try !corral("plugin", "list").standardOutput.contains("test/echo"))
        // The tenant's own file can give it up again.
        try #require(try corral("tenant", "set", "acme", "allow_custom_agents=false").status == 0)
        #expect(try corral("run", "test/echo", "--tenant", "acme").status == 3)
        try #require(try corral("tenant", "remove", "acme", "--yes", "--no-archive").status == 0)
        try #require(try corral("tenant", "add", "acme").status == 0)
        #expect(try corral("run", "test/echo", "--tenant", "acme").status == 3)
    }
}
