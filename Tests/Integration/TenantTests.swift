// SPDX-License-Identifier: Apache-2.0
// TenantTests: tenants come, change and go, with a running host.

import Foundation
import Testing

@Suite(.serialized)
struct TenantTests {
    @Test func aTenantIsAddedBeforeItIsUsed() throws {
        let corral = try Corral()
        try corral.install("echo")
        let unknown = try corral("run", "test/echo", "--tenant", "acme")
        #expect(unknown.status == 3 && unknown.standardError.contains("CRL-0730"), "\(unknown)")
        try #require(try corral("tenant", "add", "acme").status == 0)
        #expect(try corral("run", "test/echo", "--tenant", "acme").status == 0)
        let mistyped = try corral("run", "test/echo", "--tenant", "acmee")
        #expect(mistyped.standardError.contains("did you mean \"acme\"?"), "\(mistyped)")
        #expect(try corral("run", "test/echo").status == 0)
        let twice = try corral("tenant", "add", "acme")
        #expect(twice.status == 1 && twice.standardError.contains("CRL-0731"), "\(twice)")
        let list = try corral("tenant", "list").standardOutput
        #expect(list.contains("acme") && list.contains("default"), "\(list)")
    }

    @Test func aTenantWithMistakenSettingsIsNotAdded() throws {
        let corral = try Corral()
        let output = try corral(
            "tenant", "add", "acme", "--set", "max_storage_mb=0", "--set", "host.defaults.mode=sync")
        #expect(output.status == 1 && output.standardError.contains("CRL-0505"), "\(output)")
        #expect(output.standardError.contains("CRL-0510"), "\(output)")
        #expect(try corral("tenant", "show", "acme").status == 3)
        #expect(!FileManager.default.fileExists(atPath: corral.home.appending(path: "tenants/acme").path()))
    }

    @Test func aChangeHoldsWithoutARestart() throws {
        let corral = try Corral()
        try corral.install("echo")
        try #require(try corral("tenant", "add", "acme").status == 0)
        try #require(try corral("run", "test/echo", "--tenant", "acme").status == 0)
        try #require(try corral("tenant", "set", "acme", "max_storage_mb=77", "allow_custom_agents=false").status == 0)
        let shown = try corral("tenant", "show", "acme", "--json").json()
        let limits = try #require(shown["limits"] as? [[String: Any]])
        let storage = try #require(limits.first { $0["limit"] as? String == "max_storage_mb" })
        #expect(storage["value"] as? Int == 77 << 20, "\(storage)")
        #expect((storage["origin"] as? String)?.hasSuffix("tenants/acme/corral.yaml:5:23") == true, "\(storage)")
        #expect(shown["open"] as? Bool == true, "\(shown)")
        // The next call gets a worker that was started with the new limits.
        try #require(try corral("run", "test/echo", "--tenant", "acme").status == 0)
        let workers = try corral("tenant", "show", "acme", "--json").json()["worker_list"] as? [[String: Any]]
        #expect(workers?.contains { $0["key"] as? String == "acme·shared·2" } == true, "\(workers ?? [])")
        try #require(try corral("tenant", "set", "acme", "--unset", "max_storage_mb").status == 0)
        #expect(try corral("tenant", "show", "acme").standardOutput.contains("10.0 GiB"))
    }

    @Test func removalAsksAndRefusesWhileRunsAreUnderWay() throws {
        let corral = try Corral()
        try corral.install("spender")
        try #require(try corral("tenant", "add", "acme").status == 0)
        try #require(
            try corral("run", "test/spender", "--tenant", "acme", "--input", "ms=60000", "--detach").status == 0)
        let unasked = try corral("tenant", "remove", "acme")
        #expect(unasked.status == 2 && unasked.standardError.contains("--yes"), "\(unasked)")
        let busy = try corral("tenant", "remove", "acme", "--yes")
        #expect(busy.status == 4 && busy.standardError.contains("CRL-0732"), "\(busy)")
        #expect(try corral("run", "test/spender", "--tenant", "acme", "--input", "ms=1").status == 0)
        let forced = try corral("tenant", "remove", "acme", "--yes", "--force", "--json")
        #expect(forced.status == 0, "\(forced)")
        #expect(try forced.json()["runs_cancelled"] as? Int == 1)
        let standing = try corral("tenant", "remove", "default", "--yes")
        #expect(standing.status == 4, "\(standing)")
    }

    @Test func nothingOfARemovedTenantIsLeft() throws {
        let corral = try Corral()
        try corral.install("echo", "spender")
        try #require(try corral("tenant", "add", "acme-remnant", "--set", "max_storage_mb=50").status == 0)
        try #require(try corral("run", "test/echo", "--tenant", "acme-remnant", "--input", "n=1").status == 0)
        try #require(
            try corral("run", "test/spender", "--tenant", "acme-remnant", "--input", "artifact_kb=80").status == 0)
        let host = try #require(corral.hostProcess)
        let folder = corral.home.appending(path: "tenants/acme-remnant").path()
        // As deep as a plugin likes, a link out, a pipe.
        let deep = "d/" + String(repeating: "x/", count: 400)
        try FileManager.default.createDirectory(atPath: "\(folder)/\(deep)", withIntermediateDirectories: true)
        let outside = try corral.write("outside", "stays")
        symlink(corral.project.path(), "\(folder)/out")
        mkfifo("\(folder)/pipe", 0o600)
        try #require(!corral.workers(of: "acme-remnant").isEmpty)

        let removed = try corral("tenant", "remove", "acme-remnant", "--yes", "--json")
        #expect(removed.status == 0, "\(removed)")
        let archive = try #require(try removed.json()["archive"] as? String)
        let listing = try Corral.execute("/usr/bin/tar", ["tf", archive]).standardOutput
        #expect(listing.contains("acme-remnant/state.db") && listing.contains("acme-remnant/corral.yaml"), "\(listing)")
        try FileManager.default.removeItem(atPath: archive)
        // Its key was taken away from where keys of tenants are, and kept apart because there was an archive.
        #expect(!FileManager.default.fileExists(atPath: corral.home.appending(path: "keys/acme-remnant.key").path()))
        try FileManager.default.removeItem(atPath: try #require(try removed.json()["key"] as? String))

        #expect(FileManager.default.fileExists(atPath: outside))
        #expect(corral.workers(of: "acme-remnant").isEmpty)
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(host)/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(host)/fd/\($0)")
        }
        #expect(open.filter { $0.contains("acme-remnant") } == [])
        let found = try Corral.execute("/bin/grep", ["-rl", "acme-remnant", corral.home.path()]).standardOutput
        // The rows are deleted; the host's log and the database's log say what happened.
        #expect(found.split(separator: "\n").filter { !$0.hasSuffix("host.log") && !$0.contains("host.db") } == [])
        #expect(try corral("tenant", "list").standardOutput.contains("acme-remnant") == false)

        try #require(try corral("tenant", "add", "acme-remnant").status == 0)
        #expect(try corral("runs", "list", "--tenant", "acme-remnant").standardError.contains("no runs"))
        #expect(
            try corral("tenant", "show", "acme-remnant", "--json").json()["own_settings"] as? [String: String] == [:])
    }
}
