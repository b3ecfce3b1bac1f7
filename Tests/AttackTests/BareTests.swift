// SPDX-License-Identifier: Apache-2.0
// BareTests: the attempts without a sandbox. An attempt that never escapes proves nothing about one.

import Breakout
import Foundation
import Testing

@Suite struct BareTests {
    struct Line {
        var name: String
        var outcome: String
        var detail: String
    }

    /// As an ordinary user: the program leaves root before it tries anything.
    private static func lines(_ command: [String]) throws -> [Line] {
        let output = try Products.run(command)
        try #require(output.status == 0, "\(output.standardError)")
        return output.standardOutput.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            return parts.count == 3 ? Line(name: parts[0], outcome: parts[1], detail: parts[2]) : nil
        }
    }

    /// The rest needs root's rights, or things this machine does not have. 240 of 364 escape on Debian 12, Linux 6.18,
    /// as the user 65534 (`.build/debug/corral-breakout-bare`); other kernels and containers refuse a few more.
    private static let escapedLeast = 180

    @Test func mostAttemptsEscapeWithoutASandbox() throws {
        let lines = try Self.lines([Products.path("corral-breakout-bare")])
        let escaped = lines.filter { $0.outcome == "escaped" }
        print("without a sandbox, as an ordinary user: \(escaped.count) of \(lines.count) attempts escape")
        #expect(escaped.count >= Self.escapedLeast)
        #expect(lines.count == everyAttempt().count { $0.attempt.judge == BREAKOUT_JUDGE_SELF })
        // An attempt that dies without a sandbox is broken, not blocked.
        for line in lines { #expect(!line.detail.contains("killed by") && !line.detail.contains("without an answer")) }
    }

    /// What needs no right and no luck must escape everywhere but in a sandbox.
    @Test func theSimplestAttemptsAllEscape() throws {
        let lines = try Self.lines([Products.path("corral-breakout-bare")])
        let outcomes = Dictionary(uniqueKeysWithValues: lines.map { ($0.name, $0.outcome) })
        for name in [
            "new-privileges", "read-secret", "list-folder", "dots", "symlink-out", "create-in-folder",
            "append-host-file",
            "rename-host-file", "environment", "cwd", "fd-folder", "tcp4", "udp4", "unix-path", "af-unix", "fork",
            "posix-spawn", "exec-shell", "exec-data", "kill-host", "kill-scan", "pidfd-open", "fork-bomb", "file-large",
            "file-sparse", "inode-fill", "sysv-memory", "wx-memory",
        ] {
            #expect(outcomes[name] == "escaped", "\(name): \(outcomes[name] ?? "not run")")
        }
    }
}
