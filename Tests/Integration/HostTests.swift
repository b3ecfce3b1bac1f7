// SPDX-License-Identifier: Apache-2.0
// HostTests: who starts the host, who may, and what happens when it is gone; and the verbs that run without one.

import Foundation
import Testing

@Suite(.serialized)
struct HostTests {
    @Test func letsOneHostServeAHome() throws {
        let corral = try Corral()
        try #require(try corral("plugin", "list").status == 0)
        let second = try corral("serve")
        #expect(second.status == 1)
        #expect(second.standardError.contains("CRL-0553"), "\(second)")
        #expect(second.standardError.contains(String(try #require(corral.hostProcess))), "\(second)")
    }

    @Test func startsOneHostForManyClients() throws {
        let corral = try Corral()
        try corral.install("echo")
        let clients = try (0..<6).map {
            try corral.start(["run", "test/echo", "--json"], output: corral.project.appending(path: "out\($0)"))
        }
        for (number, client) in clients.enumerated() {
            client.waitUntilExit()
            let said = try String(contentsOf: corral.project.appending(path: "out\(number)"), encoding: .utf8)
            #expect(client.terminationStatus == 0, "\(said)")
        }
        let host = try #require(corral.hostProcess)
        #expect(try corral("host", "status", "--json").json()["pid"] as? Int == Int(host))
    }

    @Test func startsANewHostWhileTheOldOneIsStillEnding() throws {
        let corral = try Corral()
        try corral.install("echo")
        for _ in 0..<8 {
            let run = try corral("run", "test/echo", "--json")
            #expect(run.status == 0, "\(run)")
            corral.stop()
        }
    }

    @Test func startsANewHostWhenTheOldOneWasKilled() throws {
        let corral = try Corral()
        try corral.install("echo")
        try #require(try corral("run", "test/echo").status == 0)
        let first = try #require(corral.hostProcess)
        kill(first, SIGKILL)
        try eventually("the host is gone") { !Processes.isAlive(first) }
        // Its socket is still there, and nobody listens.
        #expect(FileManager.default.fileExists(atPath: corral.home.appending(path: "control.sock").path()))
        let status = try corral("host", "status")
        #expect(status.status == 3, "\(status)")
        let again = try corral("run", "test/echo")
        #expect(again.status == 0, "\(again)")
        #expect(corral.hostProcess != first)
    }

    @Test func refusesAHomeThatOthersCanWriteTo() throws {
        let corral = try Corral()
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: corral.home.path())
        let output = try corral("run", "market-review")
        #expect(output.status == 4, "\(output)")
        #expect(output.standardError.contains("chmod"), "\(output)")
    }

    @Test func loadsTheReferenceConfiguration() throws {
        let corral = try Corral()
        let fixtures = Corral.repository.appending(path: "Tests/ConfigTests/Fixtures")
        try FileManager.default.copyItem(at: fixtures, to: corral.project.appending(path: "config"))
        let check = try corral("config", "check")
        #expect(check.status == 0, "\(check)")
        #expect(check.standardOutput.contains("degraded"), "\(check)")
        #expect(try corral("config", "check", "--json").json().isEmpty == false)
        try corral.install("echo")
        let run = try corral("run", "test/echo", "--input", "n=1")
        #expect(run.status == 0, "\(run)")
    }

    @Test func explainsEveryCode() throws {
        let corral = try Corral()
        let list = try corral("explain", "--json")
        let pages = try #require(
            try JSONSerialization.jsonObject(with: Data(list.standardOutput.utf8)) as? [[String: Any]])
        #expect(pages.count > 100)
        for page in pages {
            let text = try corral("explain", try #require(page["code"] as? String))
            #expect(text.status == 0 && text.standardOutput.contains("What to do"), "\(text)")
        }
    }

    @Test func examinesTheMachine() throws {
        let corral = try Corral()
        let output = try corral("doctor", "--json")
        let findings = try #require(
            try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [[String: Any]], "\(output)")
        #expect(findings.allSatisfy { $0["topic"] is String && $0["state"] is String })
    }

    static let canMount =
        geteuid() == 0
        && (try? Corral.execute("/usr/bin/env", ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]))?.status == 0

    @Test(.enabled(if: canMount, "needs root and mount(2)"))
    func saysThatTheDiskIsFullAndGoesOnWhenItIsNot() throws {
        let corral = try Corral()
        try corral.install("echo", "append-line")
        let home = corral.home.path()
        try #require(
            try Corral.execute("/usr/bin/env", ["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "none", home]).status
                == 0)
        defer {
            corral.stop()
            _ = try? Corral.execute("/usr/bin/env", ["umount", "-l", home])
        }
        let log = try corral.effects().appending(path: "log").path()
        let steps = (0..<60).map {
            "  s\($0): {agent: test/append-line\($0 == 0 ? "" : ", after: s\($0 - 1)"), with: {file: \"\(log)\", line: s\($0)}}"
        }
        let flow = try corral.write("long.yaml", "flow: long\nsteps:\n" + steps.joined(separator: "\n") + "\n")
        try #require(try corral("run", "test/echo").status == 0)
        let client = try corral.start(["run", flow], output: corral.project.appending(path: "said"))
        try eventually("some steps are done") { FileManager.default.fileExists(atPath: log) }
        _ = try? Corral.execute("/usr/bin/env", ["dd", "if=/dev/zero", "of=\(home)/filler", "bs=4k"])
        client.waitUntilExit()
        let said = try String(contentsOf: corral.project.appending(path: "said"), encoding: .utf8)
        // Larger than the room that the journal keeps ahead of its end.
        let large = try corral.write("large", String(repeating: "x", count: 8 << 20))
        let another = try corral("run", "test/echo", "--input", "data=@\(large)")
        #expect(another.status == 1, "\(another)")
        #expect(another.standardError.contains("full") || another.standardError.contains("No space"), "\(another)")
        try FileManager.default.removeItem(atPath: "\(home)/filler")
        if client.terminationStatus != 0 {
            let resumed = try corral("runs", "list", "--flow", "long", "--json").standardOutput
            #expect(resumed.contains("interrupted"), "\(said)\n\(resumed)")
            let id = try #require(resumed.split(separator: "\"").first { $0.hasPrefix("r1") })
            let output = try corral("runs", "resume", String(id))
            #expect(output.status == 0, "\(output)")
        }
        let after = try corral("run", "test/echo", "--input", "n=1")
        #expect(after.status == 0, "\(after)")
    }
}
