// SPDX-License-Identifier: Apache-2.0
// SealTests: a home as it lies on the disk, with the built program: nothing of what a person typed is in it, and it opens
// with the tenant's key and with nothing else.

import Foundation
import Testing

@Suite(.serialized)
struct SealTests {
    /// Files of the home that hold a word, but for those that hold redacted copies: spans, logs, and what is exported to plugins
    /// (docs/sealing.md).
    private func holding(_ word: String, _ corral: Corral) throws -> [String] {
        try Corral.execute("/bin/grep", ["-rla", word, corral.home.path()]).standardOutput.split(separator: "\n")
            .map(String.init)
            .filter { !$0.contains("spans.db") && !$0.hasSuffix("host.log") && !$0.contains("/storage/") }
    }

    @Test func nothingThatAPersonTypedIsInTheHome() throws {
        let corral = try Corral()
        try corral.install("echo", "tools")
        let file = try corral.write("PLANTED-name.csv", "PLANTED content\n")
        let large = String(repeating: "PLANTED large ", count: 9_000)
        let flow = try corral.write(
            "flow.yaml",
            """
            flow: planted
            description: PLANTED description
            input: {text: {type: string}, file: {type: file}}
            steps:
              echo: {agent: test/echo, with: {text: "${input.text}", file: "${input.file}"}}
              fail: {tool: test/tools.fail, after: echo, with: {text: "${input.text}"}}
            """)
        let ran = try corral(
            "run", flow, "--input", "text=" + large, "--input", "file=" + file, "--user", "PLANTED-user",
            "--feature", "PLANTED-feature", "--session", "PLANTED-session", "--task-type", "PLANTED-type",
            "--complexity",
            "PLANTED-complexity", "--label", "PLANTED=PLANTED", "--idempotency-key", "PLANTED-key")
        #expect(ran.status == 1, "\(ran)")
        // While the host runs, with the log beside the database, and after its end.
        #expect(try holding("PLANTED", corral) == [])
        let shown = try corral("runs", "show", "last", "--json").standardOutput
        #expect(shown.contains("PLANTED-user") && shown.contains("PLANTED-name.csv"))
        let host = try #require(corral.hostProcess)
        corral.stop()
        try eventually("the host has ended", within: 10) { !Processes.isAlive(host) }
        #expect(try holding("PLANTED", corral) == [])
        #expect(
            try holding("planted", corral).contains { $0.contains("state.db") }, "the search finds what is in the open")
        #expect(try corral("runs", "show", "last", "--json").standardOutput == shown)
    }

    @Test func opensWithItsKeyAndNothingElse() throws {
        let corral = try Corral()
        try corral.install("echo")
        try #require(try corral("run", "test/echo", "--input", "n=1").status == 0)
        let key = corral.home.appending(path: "keys/default.key").path()
        func restart() throws {
            let host = try #require(corral.hostProcess)
            corral.stop()
            try eventually("the host has ended", within: 10) { !Processes.isAlive(host) }
        }
        func doctor() throws -> String { try corral("doctor").standardOutput }
        #expect(try doctor().contains("sealed; its key \(key) is there, private and right"))
        try restart()
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        let missing = try corral("runs", "list")
        #expect(missing.status == 1 && missing.standardError.contains("CRL-0940"), "\(missing)")
        #expect(!FileManager.default.fileExists(atPath: key))
        #expect(try doctor().contains("is missing"))
        try FileManager.default.copyItem(atPath: key + ".away", toPath: key)
        chmod(key, 0o644)
        let exposed = try corral("runs", "list")
        #expect(exposed.standardError.contains("CRL-0942") && exposed.standardError.contains("644"), "\(exposed)")
        #expect(try doctor().contains("others may enter or read it"))
        chmod(key, 0o600)
        #expect(try corral("runs", "list").standardOutput.contains("test/echo"))
    }

    @Test func keysLieWhereTheOperatorWantsThem() throws {
        let corral = try Corral()
        try corral.install("echo")
        let folder = corral.project.appending(path: "elsewhere").path()
        _ = try corral.write("corral.yaml", "host: {keys: \(folder)}\n")
        try #require(try corral("run", "test/echo").status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["default.key"])
        #expect(!FileManager.default.fileExists(atPath: corral.home.appending(path: "keys").path()))
        #expect(try corral("doctor").standardOutput.contains("keys in \(folder)"))
    }

    @Test func aRemovedTenantsKeyIsDroppedOrKeptApart() throws {
        let corral = try Corral()
        try corral.install("echo")
        let keys = corral.home.appending(path: "keys").path()
        for name in ["gone", "kept"] {
            try #require(try corral("tenant", "add", name).status == 0)
            try #require(try corral("run", "test/echo", "--tenant", name, "--input", "n=1").status == 0)
        }
        let gone = try corral("tenant", "remove", "gone", "--yes", "--no-archive", "--json")
        #expect(try gone.json()["key"] is NSNull, "\(gone)")
        let kept = try corral("tenant", "remove", "kept", "--yes", "--json").json()
        let (archive, key) = (try #require(kept["archive"] as? String), try #require(kept["key"] as? String))
        #expect(key.hasPrefix(keys + "/removed/kept-"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: keys) == ["removed"])

        // As docs/sealing.md says.
        let tenants = corral.home.appending(path: "tenants").path()
        try #require(try Corral.execute("/usr/bin/tar", ["-xf", archive, "-C", tenants]).status == 0)
        try FileManager.default.copyItem(atPath: key, toPath: keys + "/kept.key")
        try #require(try corral("tenant", "add", "kept").status == 0)
        #expect(try corral("runs", "list", "--tenant", "kept").standardOutput.contains("test/echo"))
        #expect(
            try corral("runs", "show", "last", "--tenant", "kept", "--json").json()["output"] as? [String: Int] == [
                "n": 1
            ])
    }
}
