// SPDX-License-Identifier: Apache-2.0
// PeopleTests: a second user of the system comes to a host that lets him in, and may do there what his roles say and
// nothing else.

import Foundation
import Testing

/// A user of no account: 4343 on any machine, started by `setpriv` (util-linux, essential in Debian).
private let stranger: UInt32 = 4343

/// Whether that user can start the built program: its folders may be root's alone.
private let strangerCanRun: Bool = {
    guard geteuid() == 0 else { return false }
    let program = Corral.products.appending(path: "corral").path()
    let output = try? Corral.execute("/usr/bin/setpriv", asStranger(program, ["--version"]))
    return output?.status == 0
}()

private func asStranger(_ program: String, _ arguments: [String], groups: String? = nil) -> [String] {
    ["--reuid", "\(stranger)", "--regid", "\(stranger)"] + (groups.map { ["--groups", $0] } ?? ["--clear-groups"])
        + [program] + arguments
}

extension Corral {
    fileprivate func asUser(_ arguments: String..., groups: String? = nil) throws -> Output {
        try Corral.execute(
            "/usr/bin/setpriv",
            asStranger(
                Corral.products.appending(path: "corral").path(), arguments + ["--home", home.path()], groups: groups),
            folder: URL(filePath: "/tmp"), environment: environment)
    }

    /// Lets others come as far as the home.
    fileprivate func share(_ configuration: String) throws {
        _ = try write("corral.yaml", configuration)
        chmod(project.path(), 0o755)
    }
}

@Suite(.serialized, .enabled(if: strangerCanRun, "needs root, and a build that other users can run"))
struct PeopleTests {
    private let everyone = "host:\n  control:\n    access: everyone\n"

    @Test func nobodyElseComesUnlessTheOperatorSaysSo() throws {
        let corral = try Corral()
        try corral.share("host:\n  defaults:\n    mode: sync\n")
        try #require(try corral("tenant", "list").status == 0)
        #expect(try mode(corral.home) == 0o700)
        #expect(try mode(corral.home.appending(path: "control.sock")) == 0o600)
        let output = try corral.asUser("tenant", "list")
        #expect(output.status != 0 && output.standardOutput.isEmpty, "\(output)")
    }

    @Test func aRefusalSaysWhoWhatAndTheCommandThatGrantsIt() throws {
        let corral = try Corral()
        try corral.share(everyone)
        try corral.install("echo")
        try #require(try corral("tenant", "add", "acme").status == 0)
        // Nobody knows him, and he learns of no tenant, there or not.
        for tenant in ["acme", "nowhere"] {
            let output = try corral.asUser("run", "test/echo", "--tenant", tenant, "--output", "/tmp")
            #expect(output.status == 4, "\(output)")
            #expect(
                output.standardError.contains("\"uid:4343\" may not run.start in tenant \"\(tenant)\""), "\(output)")
            #expect(output.standardError.contains("CRL-0960"), "\(output)")
            #expect(
                output.standardError.contains("corral user add NAME --uid 4343 --role developer --tenant \(tenant)"),
                "\(output)")
        }
        #expect(try corral.asUser("tenant", "list").status == 4)
        #expect(try corral.asUser("host", "stop").status == 4)
        // The command that the hint names is one that works.
        let added = try corral(
            "user", "add", "bob", "--uid", "4343", "--role", "viewer", "--tenant", "acme", "--json")
        #expect(added.status == 0, "\(added)")
        #expect(try added.json()["name"] as? String == "bob")
        let run = try corral.asUser("run", "test/echo", "--tenant", "acme", "--input", "n=1", "--json")
        #expect(run.status == 4, "\(run)")
        #expect(run.standardError.contains("\"bob\" (uid:4343) may not run.start in tenant \"acme\""), "\(run)")
        #expect(run.standardError.contains("corral user role grant bob developer --tenant acme"), "\(run)")
        try #require(try corral("user", "role", "grant", "bob", "developer", "--tenant", "acme").status == 0)
        let allowed = try corral.asUser("run", "test/echo", "--tenant", "acme", "--input", "n=1", "--json")
        #expect(allowed.status == 0, "\(allowed)")
    }

    @Test func aRoleEndsAtItsTenant() throws {
        let corral = try Corral()
        try corral.share(everyone)
        try corral.install("echo")
        for tenant in ["acme", "globex"] { try #require(try corral("tenant", "add", tenant).status == 0) }
        try #require(
            try corral("user", "add", "bob", "--uid", "4343", "--role", "tenant-admin", "--tenant", "acme").status == 0)
        let list = try corral.asUser("tenant", "list", "--json")
        #expect(list.status == 0 && list.standardOutput.contains("acme"), "\(list)")
        #expect(!list.standardOutput.contains("globex") && !list.standardOutput.contains("default"), "\(list)")
        let usage = try corral.asUser("tenant", "usage", "--json").standardOutput
        #expect(usage.contains("acme") && !usage.contains("globex"), "\(usage)")
        #expect(try corral.asUser("tenant", "set", "acme", "max_storage_mb=50").status == 0)
        for refused in [
            ["tenant", "show", "globex"], ["runs", "list", "--tenant", "globex"], ["runs", "list"],
            ["plugin", "list", "--tenant", "globex"], ["tenant", "set", "globex", "max_storage_mb=50"],
            ["tenant", "add", "third"], ["tenant", "remove", "acme", "--yes"], ["host", "status"], ["audit"],
            ["user", "list"], ["user", "add", "eve", "--uid", "4344"], ["user", "role", "grant", "bob", "operator"],
            ["user", "role", "grant", "bob", "developer", "--tenant", "globex"],
        ] {
            let output = try Corral.execute(
                "/usr/bin/setpriv",
                asStranger(
                    Corral.products.appending(path: "corral").path(), refused + ["--home", corral.home.path()]),
                folder: URL(filePath: "/tmp"))
            #expect(output.status == 4 && output.standardError.contains("CRL-0960"), "\(refused): \(output)")
        }
        // What is his tenant's he may hand on, and he sees what was done there.
        try #require(try corral("user", "add", "eve", "--uid", "4344").status == 0)
        #expect(try corral.asUser("user", "role", "grant", "eve", "viewer", "--tenant", "acme").status == 0)
        let audit = try corral.asUser("audit", "--tenant", "acme", "--json")
        #expect(audit.status == 0 && !audit.standardOutput.contains("globex"), "\(audit)")
        #expect(audit.standardOutput.contains("user.grant") && audit.standardOutput.contains("bob"), "\(audit)")
        // Taken away, it is gone with the next request.
        try #require(try corral("user", "role", "revoke", "bob", "tenant-admin", "--tenant", "acme").status == 0)
        #expect(try corral.asUser("tenant", "list").status == 4)
    }

    @Test func aGroupIsLetInAndNobodyElse() throws {
        let corral = try Corral()
        // `nogroup` is on every Debian; the stranger is in it only when we say so.
        let group = try #require(getgrnam("nogroup")?.pointee.gr_gid)
        try corral.share("host:\n  control:\n    access: group\n    group: nogroup\n")
        try #require(try corral("user", "add", "bob", "--uid", "4343", "--role", "viewer").status == 0)
        #expect(try mode(corral.home.appending(path: "control.sock")) == 0o660)
        #expect(try mode(corral.home) == 0o710)
        #expect(try corral.asUser("runs", "list", groups: "\(group)").status == 0)
        #expect(try corral.asUser("runs", "list").status != 0)
        corral.stop()
        _ = try corral.write("corral.yaml", "host:\n  control:\n    access: group\n    group: no-such-group\n")
        let unknown = try corral("tenant", "list")
        #expect(unknown.status == 1 && unknown.standardError.contains("CRL-0969"), "\(unknown)")
    }

    @Test func aSharedHomeShowsNothingButItsSocket() throws {
        let corral = try Corral()
        try corral.share(everyone)
        try corral.install("echo")
        try #require(try corral("run", "test/echo", "--input", "n=1").status == 0)
        #expect(try mode(corral.home) == 0o711)
        let readable = try Corral.execute(
            "/usr/bin/setpriv",
            asStranger(
                "/bin/sh",
                [
                    "-c",
                    """
                    cd "$0" || exit 9
                    for f in . host.db host.db-wal host.log host.lock audit.head tenants tenants/default \
                        tenants/default/state.db cache cache/plugins archive; do
                        if [ -d "$f" ]; then ls "$f" >/dev/null 2>&1 && echo "$f"
                        else cat "$f" >/dev/null 2>&1 && echo "$f"; fi
                    done
                    exit 0
                    """, corral.home.path(),
                ]))
        #expect(readable.status == 0 && readable.standardOutput == "", "\(readable)")
    }

    @Test func aRunSaysWhoStartedIt() throws {
        let corral = try Corral()
        try corral.share(everyone)
        try corral.install("echo")
        try #require(try corral("user", "add", "bob", "--uid", "4343", "--role", "developer").status == 0)
        try #require(try corral.asUser("run", "test/echo", "--input", "n=1", "--json").status == 0)
        let own = try corral("runs", "show", "last", "--json").json()
        #expect(own["user"] as? String == "bob" && own["principal"] as? String == "bob", "\(own)")
        // For somebody else: the user is the word of who asks, the principal is not.
        try #require(try corral.asUser("run", "test/echo", "--user", "carol", "--input", "n=1", "--json").status == 0)
        let other = try corral("runs", "show", "last", "--json").json()
        #expect(other["user"] as? String == "carol" && other["principal"] as? String == "bob", "\(other)")
    }

    private func mode(_ file: URL) throws -> mode_t {
        var status = stat()
        try #require(lstat(file.path(), &status) == 0)
        return status.st_mode & 0o777
    }
}

@Suite(.serialized)
struct UserCommandTests {
    @Test func usersAreAddedListedChangedAndRemoved() throws {
        let corral = try Corral()
        let added = try corral("user", "add", "ann", "--uid", "61000")
        #expect(added.status == 0 && added.standardError.contains("corral user role grant ann"), "\(added)")
        #expect(try corral("user", "add", "ann", "--uid", "61001").status == 1)
        #expect(
            try corral("user", "add", "bob", "--uid", "61000").standardError.contains("is the user \"ann\" already"))
        #expect(try corral("user", "add", "host", "--uid", "61001").status == 2)
        #expect(try corral("user", "add", "root", "--uid", "61001").status == 2)
        #expect(try corral("user", "add", "no-such-unix-user-here").status == 3)
        #expect(try corral("user", "add", "daemon", "--role", "viewer").status == 0)
        #expect(try corral("user", "role", "grant", "ann", "operator", "--tenant", "default").status == 2)
        #expect(try corral("user", "role", "grant", "ann", "king").standardError.contains("CRL-0964"))
        #expect(try corral("user", "role", "grant", "ann", "viewer", "--tenant", "nowhere").status == 3)
        #expect(try corral("user", "role", "grant", "anne", "viewer").standardError.contains("did you mean \"ann\"?"))
        try #require(try corral("user", "role", "grant", "ann", "reviewer:risk", "--json").status == 0)
        #expect(try corral("user", "role", "revoke", "ann", "viewer").status == 3)
        let list = try corral("user", "list", "--json").standardOutput
        let users = try #require(try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [[String: Any]])
        let ann = try #require(users.first { $0["name"] as? String == "ann" })
        #expect((ann["roles"] as? [[String: Any]])?.first?["role"] as? String == "reviewer:risk", "\(ann)")
        #expect(users.contains { $0["name"] as? String == "root" && $0["created_at"] is NSNull }, "\(users)")
        #expect(try corral("user", "remove", "ann").status == 0)
        #expect(try corral("user", "remove", "ann").status == 3)
        #expect(try corral("user", "remove", "root").status == 2)
    }

    @Test func actsAreRecordedBeforeAndFailuresAfter() throws {
        let corral = try Corral()
        try #require(try corral("tenant", "add", "acme", "--set", "max_storage_mb=50").status == 0)
        #expect(try corral("tenant", "add", "acme").status == 1)
        try #require(try corral("tenant", "remove", "acme", "--yes", "--no-archive").status == 0)
        let entries = try audit(corral, "--action", "tenant")
        #expect(
            entries.map { "\($0["action"] ?? "") \($0["outcome"] ?? "")" } == [
                "tenant.add allowed", "tenant.add allowed", "tenant.add failed", "tenant.remove allowed",
            ])
        #expect((entries[0]["detail"] as? [String: Any])?["max_storage_mb"] as? String == "50", "\(entries[0])")
        #expect((entries[2]["detail"] as? [String: Any])?["error"] as? String == "tenant_exists", "\(entries[2])")
        #expect(entries.allSatisfy { $0["credential"] as? String == "uid:\(geteuid())" })
        #expect(try audit(corral, "--action", "tenant.remove", "--tenant", "acme").count == 1)
        #expect(try audit(corral, "--actor", "nobody").isEmpty)
        #expect(try audit(corral, "--since", "2199-01-01").isEmpty)
        #expect(try corral("audit", "--since", "yesterdayish").status == 2)
        #expect(try corral("audit").standardOutput.contains("tenant.remove"))
    }

    @Test func theHostNoticesWhatIsChangedByHand() throws {
        let corral = try Corral()
        try corral.install("echo")
        try #require(try corral("run", "test/echo", "--input", "n=1").status == 0)
        try eventually("the plugin is recorded") {
            try audit(corral, "--action", "plugin.added").contains { $0["subject"] as? String == "test/echo" }
        }
        corral.stop()
        _ = try corral.write("corral.yaml", "grants:\n  test/*:\n    tools: []\n")
        try FileManager.default.removeItem(at: corral.pluginFolder.appending(path: "echo.so"))
        try #require(try corral("tenant", "add", "acme").status == 0)
        let changes = try audit(corral, "--action", "configuration")
        #expect(changes.last?["subject"] as? String == "grants", "\(changes)")
        #expect(changes.last?["outcome"] as? String == "noticed" && changes.last?["actor"] as? String == "host")
        try eventually("the removal is recorded") {
            try audit(corral, "--action", "plugin.removed").contains { $0["subject"] as? String == "test/echo" }
        }
        // A tenant's file by the command has its own entry, and by hand one of the host.
        try #require(try corral("tenant", "set", "acme", "max_storage_mb=50").status == 0)
        #expect(try audit(corral, "--action", "configuration", "--tenant", "acme").isEmpty)
        _ = try corral.write(
            ".corral/tenants/acme/corral.yaml",
            "multi_tenancy:\n  resource_limits:\n    per_tenant:\n      max_storage_mb: 40\n")
        try #require(try corral("tenant", "set", "acme", "max_daily_executions=5").status == 0)
        #expect(try audit(corral, "--action", "configuration", "--tenant", "acme").count == 1)
    }

    @Test func tamperingIsSeenByVerifyAndByDoctor() throws {
        let corral = try Corral()
        try #require(try corral("tenant", "add", "acme").status == 0)
        try #require(try corral("tenant", "add", "globex").status == 0)
        let whole = try corral("audit", "verify", "--json")
        #expect(whole.status == 0, "\(whole)")
        let head = try #require(try whole.json()["head"] as? String)
        #expect(try corral("audit", "verify", "--expect", head).status == 0)
        #expect(try corral("audit", "verify", "--expect", "1:00").status == 2)
        let doctor = try corral("doctor").standardOutput
        #expect(
            doctor.split(separator: "\n").contains { $0.contains("audit log") && $0.contains("whole") }, "\(doctor)")
        let database = corral.home.appending(path: "host.db").path()
        let sql = """
            DROP TRIGGER audit_no_update;
            UPDATE audit SET entry = replace(entry, 'globex', 'nobody') WHERE entry ->> 'subject' = 'globex'
            """
        #expect(try Corral.execute("/usr/bin/sqlite3", [database, sql]).status == 0)
        let found = try corral("audit", "verify")
        #expect(found.status == 1 && found.standardOutput.contains("is not what was recorded"), "\(found)")
        for isRunning in [true, false] {
            if !isRunning { corral.stop() }
            let examined = try corral("doctor")
            #expect(examined.status == 1, "\(examined)")
            #expect(
                examined.standardOutput.split(separator: "\n").contains {
                    $0.hasPrefix("✖ audit log") && $0.contains("is not what was recorded")
                }, "running \(isRunning): \(examined.standardOutput)")
        }
    }

    private func audit(_ corral: Corral, _ arguments: String...) throws -> [[String: Any]] {
        let output = try corral.run(["audit"] + arguments + ["--json"])
        let value = try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8))
        return try #require(value as? [[String: Any]], "\(output)")
    }
}
