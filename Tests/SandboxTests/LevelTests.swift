// SPDX-License-Identifier: Apache-2.0
// LevelTests: each level really has what it claims, seen from inside by a program that tries, and from the host.

import CorralBase
import Foundation
import Testing

@testable import CorralSandbox

@Suite struct LevelTests {
    static let levels = IsolationLevel.allCases

    /// A file that the host's user can read and its sandboxed processes must not.
    private static let secret: String = {
        let path = Built.scratch + "/secret"
        #expect(FileManager.default.createFile(atPath: path, contents: Data("secret".utf8)))
        chmod(path, 0o644)
        return path
    }()

    private func folder(_ name: String) -> String {
        let path = Built.scratch + "/\(name)-\(UInt64.random(in: 0...UInt64.max))"
        mkdir(path, 0o777)
        chmod(path, 0o777)
        return path
    }

    // MARK: What every level has

    @Test(arguments: levels) func hasNoPrivilegeAndAFilter(_ level: IsolationLevel) async throws {
        let answers = try await ask(
            ["capabilities", "privileges", "seccomp", "thread", "pair"], policy: SandboxPolicy(level: level))
        #expect(
            answers == ["capabilities": "0", "privileges": "1", "seccomp": "2", "thread": "1", "pair": "0"])
    }

    /// What the filter answers, by question.
    static let refused = [
        "fork": "EPERM", "vfork": "EPERM", "namespace": "EPERM", "clone3": "ENOSYS", "newest": "ENOSYS",
        "socket=1": "EPERM", "socket=2": "EPERM", "socket=10": "EPERM", "socket=16": "EPERM", "socket=40": "EPERM",
        "raw": "EPERM", "memfd": "EPERM", "tiocsti": "EPERM", "raise-limit": "EPERM", "dumpable": "EPERM",
        "death-signal": "EPERM", "scheduler=1": "EPERM", "suid": "EPERM", "chmod=/tmp": "EPERM",
    ]

    @Test(arguments: levels) func refusesWhatAWorkerHasNoUseFor(_ level: IsolationLevel) async throws {
        let answers = try await ask(Self.refused.keys.sorted(), policy: SandboxPolicy(level: level))
        #expect(answers == Self.refused)
    }

    @Test(arguments: levels, ["mount", "ptrace", "wrong-architecture", "x32"])
    func killsWhatOnlyAnAttackDoes(_ level: IsolationLevel, _ attack: String) async throws {
        let child = try TestChild(.worker, Built.inside, [attack, "user"], policy: SandboxPolicy(level: level))
        let spawner = makeSpawner()
        try await child.launch(spawner)
        #expect(child.printed() == "")
        #expect(child.exit()?.status == .signaled(SIGSYS))
    }

    @Test(arguments: levels) func hasTheLimitsOfItsPolicy(_ level: IsolationLevel) async throws {
        var limits = ResourceLimits()
        limits.fileBytes = 1 << 20
        limits.openFiles = 50
        let child = try TestChild(.worker, Built.inside, ["wait"], policy: SandboxPolicy(level: level, limits: limits))
        let spawner = makeSpawner()
        let launched = try await child.launch(spawner)
        let text = try String(contentsOfFile: "/proc/\(launched.pid)/limits", encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        for expected in [
            "Max file size 1048576 1048576 bytes", "Max open files 50 50 files", "Max core file size 0 0 bytes",
            "Max locked memory 0 0 bytes", "Max msgqueue size 0 0 bytes", "Max pending signals 128 128 signals",
        ] { #expect(lines.contains(expected), "\(expected)") }
    }

    @Test(arguments: levels) func isSeenSoFromTheHost(_ level: IsolationLevel) async throws {
        let child = try TestChild(.worker, Built.inside, ["wait"], policy: SandboxPolicy(level: level))
        let spawner = makeSpawner()
        let launched = try await child.launch(spawner)
        #expect(launched.level == level)
        let status = try String(contentsOfFile: "/proc/\(launched.pid)/status", encoding: .utf8)
        for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000"] {
            #expect(status.contains(line), "\(line)")
        }
        let names = ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"]
        let own = try names.filter { name in
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(launched.pid)/ns/\(name)")
                != FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/\(name)")
        }
        #expect(own == (level == .strict ? names : []))
        if level == .strict { #expect(status.contains("CapBnd:\t0000000000000000")) }
    }

    // MARK: Files

    @Test func strictHasNothingButWhatItWasGiven() async throws {
        let answers = try await ask(
            [
                "stat=/etc/shadow", "stat=/root", "stat=/home", "stat=/proc", "stat=/sys", "stat=/dev/mem",
                "stat=/dev/tty", "stat=/var", "read=\(Self.secret)", "list=/", "read=/dev/urandom", "write=/dev/null",
                "write=/new", "write=/usr/lib/new", "write=\(Built.inside)", "host", "user", "process",
            ], policy: SandboxPolicy(level: .strict))
        for path in ["/etc/shadow", "/root", "/home", "/proc", "/sys", "/dev/mem", "/dev/tty", "/var"] {
            #expect(answers["stat=\(path)"] == "ENOENT", "\(path)")
        }
        #expect(answers["read=\(Self.secret)"] == "ENOENT")
        #expect(answers["list=/"] == "EACCES")
        #expect(answers["read=/dev/urandom"] == "1")
        #expect(answers["write=/dev/null"] == "1")
        for path in ["/new", "/usr/lib/new", Built.inside] {
            // The program itself is also busy.
            #expect(["EACCES", "EROFS", "ETXTBSY"].contains(answers["write=\(path)"]), "\(path)")
        }
        #expect(answers["host"] == "corral")
        #expect(answers["user"] == "1000")
        #expect(answers["process"] == "1")
    }

    @Test func moderateReadsNothingButWhatItWasGiven() async throws {
        let answers = try await ask(
            [
                "read=/etc/passwd", "list=/", "list=/proc", "read=/proc/1/environ", "read=\(Self.secret)",
                "read=/dev/urandom", "write=/dev/null", "write=/tmp/new", "write=\(Built.inside)",
            ], policy: SandboxPolicy(level: .moderate))
        for question in [
            "read=/etc/passwd", "list=/", "list=/proc", "read=/proc/1/environ", "read=\(Self.secret)",
            "write=/tmp/new",
        ] { #expect(answers[question] == "EACCES", "\(question)") }
        #expect(["EACCES", "ETXTBSY"].contains(answers["write=\(Built.inside)"]))
        #expect(answers["read=/dev/urandom"] == "1")
        #expect(answers["write=/dev/null"] == "1")
    }

    @Test(arguments: [IsolationLevel.moderate, .strict])
    func readsWhatIsReadableAndWritesWhatIsWritable(_ level: IsolationLevel) async throws {
        let (given, data) = (folder("given"), folder("data"))
        try "x".write(toFile: given + "/file", atomically: false, encoding: .utf8)
        try FileManager.default.copyItem(atPath: Built.inside, toPath: data + "/program")
        let answers = try await ask(
            [
                "list=\(given)", "read=\(given)/file", "write=\(given)/new", "write=\(data)/new", "read=\(data)/new",
                "execute=\(data)/program",
            ], policy: SandboxPolicy(level: level), readable: [given], writable: [data])
        #expect(answers["list=\(given)"] == "file")
        #expect(answers["read=\(given)/file"] == "1")
        #expect(["EACCES", "EROFS"].contains(answers["write=\(given)/new"]))
        #expect(answers["write=\(data)/new"] == "1")
        #expect(answers["read=\(data)/new"] == "1")
        #expect(answers["execute=\(data)/program"] == "EACCES")
        #expect(FileManager.default.fileExists(atPath: data + "/new"))
    }

    @Test(arguments: [IsolationLevel.moderate, .strict])
    func refusesALinkInPlaceOfAWritableFolder(_ level: IsolationLevel) async throws {
        let link = folder("links") + "/data"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder("elsewhere"))
        let error = await #expect(throws: CorralError.self) {
            try await ask(["list=/"], policy: SandboxPolicy(level: level), writable: [link])
        }
        #expect("\(String(describing: error))".contains(link))
    }

    @Test func strictMapsNoCodeOfWritableFiles() async throws {
        let data = folder("code")
        try FileManager.default.copyItem(atPath: Built.inside, toPath: data + "/program")
        let answers = try await ask(
            ["map=\(data)/program", "map=\(Built.inside)"], policy: SandboxPolicy(level: .strict), writable: [data])
        #expect(answers["map=\(data)/program"] == "EPERM")
        #expect(answers["map=\(Built.inside)"] == "1")
    }

    @Test func aPrivateTemporaryFolderIsBounded() async throws {
        var limits = ResourceLimits()
        limits.temporaryBytes = 1 << 20
        let answers = try await ask(
            ["append=/tmp/large"], policy: SandboxPolicy(level: .strict, limits: limits))
        #expect(answers["append=/tmp/large"] == "1048576 ENOSPC")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/large"))
    }

    // MARK: Users and signals

    @Test(.enabled(if: geteuid() == 0, "only root gives users"), arguments: levels)
    func runsAsTheUserOfItsTenant(_ level: IsolationLevel) async throws {
        let child = try TestChild(.worker, Built.inside, ["wait"], policy: SandboxPolicy(level: level, user: 212_345))
        let spawner = makeSpawner()
        let launched = try await child.launch(spawner)
        let status = try String(contentsOfFile: "/proc/\(launched.pid)/status", encoding: .utf8)
        #expect(status.contains("Uid:\t212345\t212345\t212345\t212345"))
        #expect(status.contains("Gid:\t212345\t212345\t212345\t212345"))
        #expect(status.contains("CapBnd:\t0000000000000000"))
        #expect(status.contains("Groups:\t\n") || status.contains("Groups:\t \n"))
    }

    @Test func strictAndLandlockKeepSignalsInside() async throws {
        for level in [IsolationLevel.strict, .moderate] {
            let answers = try await ask(["kill=\(getpid())"], policy: SandboxPolicy(level: level))
            #expect(answers["kill=\(getpid())"] == (level == .strict ? "ESRCH" : "EPERM"))
        }
    }

    // MARK: What the host has in its environment

    @Test(arguments: levels) func nothingOfTheHostsEnvironmentArrives(_ level: IsolationLevel) async throws {
        let names = ["LD_PRELOAD", "LD_AUDIT", "GLIBC_TUNABLES", "CORRAL_TEST_SECRET"]
        for name in names { setenv(name, name == "GLIBC_TUNABLES" ? "glibc.malloc.check=0" : "", 1) }
        defer { for name in names { unsetenv(name) } }
        let answers = try await ask(
            ["environment"], policy: SandboxPolicy(level: level), environment: ["ONLY=this"])
        #expect(answers == ["environment": "ONLY=this"])
    }
}
