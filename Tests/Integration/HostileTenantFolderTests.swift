// SPDX-License-Identifier: Apache-2.0
// HostileTenantFolderTests: a tenant's folder in which something is not what it was: a link, a pipe, a file of a terabyte.
// The tenant's runs end soon, with an error or well; the host stays, shows nothing of what a link leads to, and serves the
// others as before.

import Foundation
import Testing

@Suite(.serialized) struct HostileTenantFolderTests {
    struct Swap: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What is replaced, below the tenant's folder; empty for the folder itself.
        var name: String
        /// Puts something else at that path; `elsewhere` is a folder of the test's with a secret in it.
        var put: @Sendable (_ path: String, _ elsewhere: String) -> Void
    }

    static let swaps = [
        Swap(testDescription: "configuration, a pipe", name: "corral.yaml") { path, _ in mkfifo(path, 0o666) },
        Swap(testDescription: "configuration, a link", name: "corral.yaml") { symlink($1 + "/secret", $0) },
        Swap(testDescription: "configuration, a terabyte", name: "corral.yaml") { path, _ in sparse(path) },
        Swap(testDescription: "journal, a pipe", name: "state.db") { path, _ in mkfifo(path, 0o666) },
        Swap(testDescription: "journal, a link", name: "state.db") { symlink($1 + "/secret", $0) },
        Swap(testDescription: "journal, a terabyte", name: "state.db") { path, _ in sparse(path) },
        Swap(testDescription: "traces, a pipe", name: "spans.db") { path, _ in mkfifo(path, 0o666) },
        Swap(testDescription: "artifacts, a link", name: "artifacts") { symlink($1, $0) },
        Swap(testDescription: "artifacts, a pipe", name: "artifacts") { path, _ in mkfifo(path, 0o666) },
        Swap(testDescription: "own plugins, a link to the root", name: "plugins.d") { path, _ in symlink("/", path) },
        Swap(testDescription: "own plugins, a pipe", name: "plugins.d") { path, _ in mkfifo(path, 0o666) },
        Swap(testDescription: "the folder, a link", name: "") { symlink($1, $0) },
        Swap(testDescription: "the folder, a pipe", name: "") { path, _ in mkfifo(path, 0o666) },
    ]

    @Test(arguments: swaps) func hurtsNobodyElse(_ swap: Swap) throws {
        let corral = try Corral()
        try corral.install("echo")
        let elsewhere = try corral.write("elsewhere/secret", "the secret of somebody else\n")
        let folder = URL(filePath: elsewhere).deletingLastPathComponent().path()
        for tenant in ["odd", "other"] { try #require(try corral("tenant", "add", tenant).status == 0) }
        try #require(try corral("run", "test/echo", "--tenant", "other", "--input", "n=1").status == 0)
        // Whatever the host has open of the tenant, it opens anew.
        corral.stop()
        let path = corral.home.appending(path: "tenants/odd").path() + (swap.name.isEmpty ? "" : "/" + swap.name)
        try? FileManager.default.removeItem(atPath: path)
        swap.put(path, folder)

        let began = Date()
        let outputs = [
            try corral("run", "test/echo", "--tenant", "odd", "--input", "n=1"),
            try corral("tenant", "show", "odd"), try corral("runs", "list", "--tenant", "odd"),
        ]
        #expect(Date().timeIntervalSince(began) < 30)
        for output in outputs {
            #expect(output.status <= 5, "\(output)")
            #expect(!(output.standardOutput + output.standardError).contains("the secret"), "\(output)")
        }
        #expect(try String(contentsOfFile: elsewhere, encoding: .utf8) == "the secret of somebody else\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["secret"])
        let host = try #require(corral.hostProcess)
        let beside = try corral("run", "test/echo", "--tenant", "other", "--input", "n=2")
        #expect(beside.status == 0, "\(beside)")
        #expect(corral.hostProcess == host)
    }
}

private func sparse(_ path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    ftruncate(file, 1 << 40)
    close(file)
}
