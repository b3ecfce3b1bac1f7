// SPDX-License-Identifier: Apache-2.0
// HostileFolderTests: plugins folders that somebody made to hurt the host that reads them. Each entry is refused with a
// reason or is harmless; the good plugin beside it is always used, soon.

import CorralBase
import CorralCatalog
import CorralSupervision
import Foundation
import Testing

struct HostileFolderTests {
    struct Trap: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: ErrorCode?
        var says: String = ""
        /// Puts it into the folder and returns its name there.
        var set: @Sendable (Folder) throws -> String
    }

    static let traps = [
        Trap(testDescription: "link to a file outside", code: .pluginFileRefused, says: "a link to \"/etc/passwd\"") {
            symlink("/etc/passwd", $0.plugins + "/x.so")
            return "x.so"
        },
        Trap(testDescription: "link to the root folder", code: .pluginFileRefused, says: "a link to \"/\"") {
            symlink("/", $0.plugins + "/x")
            return "x"
        },
        Trap(testDescription: "link out of a plugin's folder", code: .pluginFileRefused, says: "outside of its folder")
        {
            try $0.plugin("x/lib.so", manifest: manifest("test/x"))
            symlink("/etc", $0.plugins + "/x/share")
            return "x"
        },
        Trap(testDescription: "folder that holds itself", code: .pluginFileRefused, says: "outside of its folder") {
            try $0.plugin("x/lib.so", manifest: manifest("test/x"))
            symlink("..", $0.plugins + "/x/again")
            return "x"
        },
        Trap(testDescription: "pipe", code: .pluginFileRefused, says: "a pipe") {
            mkfifo($0.plugins + "/x.so", 0o666)
            return "x.so"
        },
        Trap(testDescription: "pipe in a plugin's folder", code: .pluginFileRefused, says: "a pipe") {
            try $0.plugin("x/lib.so", manifest: manifest("test/x"))
            mkfifo($0.plugins + "/x/data", 0o666)
            return "x"
        },
        Trap(testDescription: "pipe for a sidecar", code: .pluginFileRefused, says: "a pipe") {
            try $0.plugin("x.so", manifest: manifest("test/x"))
            mkfifo($0.plugins + "/x.plugin.yaml", 0o666)
            return "x.so"
        },
        Trap(testDescription: "socket", code: .pluginFileRefused, says: "a socket") {
            #expect(run("python3", "-c", bindSocket, $0.plugins + "/x.so") == 0)
            return "x.so"
        },
        Trap(testDescription: "file of a terabyte", code: .pluginFileRefused, says: "larger than") {
            #expect(run("truncate", "-s", "1T", $0.plugins + "/x.so") == 0)
            return "x.so"
        },
        Trap(testDescription: "table of tools of a terabyte", code: .pluginFileRefused, says: "larger than") {
            #expect(run("truncate", "-s", "1T", $0.plugins + "/x.tools.yaml") == 0)
            return "x.tools.yaml"
        },
        Trap(testDescription: "folder with a hole of a terabyte", code: .pluginFileRefused, says: "more than") {
            try $0.plugin("x/lib.so", manifest: manifest("test/x"))
            #expect(run("truncate", "-s", "1T", $0.plugins + "/x/data") == 0)
            return "x"
        },
        Trap(testDescription: "a hundred folders deep", code: .pluginFileRefused, says: "nested deeper") {
            try $0.write("x/" + String(repeating: "d/", count: 100) + "lib.so", "x")
            return "x"
        },
        Trap(testDescription: "five thousand files in a folder", code: .catalogueUnreadable, says: "more than") {
            folder in
            try folder.plugin("x/lib.so", manifest: manifest("test/x"))
            for number in 0..<5000 { touch(folder.plugins + "/x/\(number)") }
            return "x"
        },
        Trap(testDescription: "control characters in a name", code: .pluginNotELF) {
            let name = "\u{1B}]0;owned\u{7}\u{202E}\r.so"
            try $0.write(name, "x")
            return name
        },
        Trap(testDescription: "name that is no text", code: .pluginFileRefused, says: "cannot be followed") {
            let bytes = Array(($0.plugins + "/").utf8) + [0x78, 0xFF, 0xFE] + Array(".so".utf8)
            touch(bytes: bytes)
            return "x\u{FFFD}\u{FFFD}.so"
        },
        Trap(testDescription: "hidden names by the thousand", code: nil) { folder in
            for number in 0..<5000 { touch(folder.plugins + "/.\(number)") }
            return ".0"
        },
        Trap(testDescription: "library of a mere header", code: .pluginDamaged, says: "after 4 bytes") {
            try $0.write("x.so", Data([0x7F, 0x45, 0x4C, 0x46]))
            return "x.so"
        },
    ]

    @Test(arguments: traps) func isRefusedAndItsNeighbourIsUsed(_ trap: Trap) async throws {
        let folder = try Folder()
        try folder.plugin("good.so", manifest: manifest("test/good"))
        let name = try trap.set(folder)
        let began = monotonicNanoseconds()
        let snapshot = try await scan(folder)
        // Reading a terabyte, or waiting for a pipe's writer, would take for ever.
        #expect(monotonicNanoseconds() - began < 20_000_000_000)
        #expect(snapshot.agentNames == ["test/good"])
        guard let code = trap.code else { return #expect(snapshot.problems.isEmpty) }
        let problem = try #require(snapshot.problem(name), "\(snapshot.problems)")
        #expect(problem.error.code == code, "\(problem.error)")
        let text = problem.error.message + (problem.error.cause ?? "")
        #expect(trap.says.isEmpty || text.contains(trap.says), "\(text)")
    }

    @Test(.enabled(if: geteuid() == 0, "only root makes devices"))
    func devicesAreRefused() async throws {
        let folder = try Folder()
        try folder.plugin("good.so", manifest: manifest("test/good"))
        // 1, 5 is /dev/zero, which never ends.
        guard mknod(folder.plugins + "/zero.so", S_IFCHR | 0o666, 1 << 8 | 5) == 0 else {
            // A container may refuse even root; then nobody can set this trap either.
            return #expect(errno == EPERM)
        }
        let snapshot = try await scan(folder)
        #expect(snapshot.agentNames == ["test/good"])
        #expect(snapshot.problem("zero.so")?.error.message.contains("a device") == true)
    }

    /// Of whoever may link there; what counts is that nobody changes a library that is already in use.
    @Test func aHardLinkedLibraryIsCopied() async throws {
        let folder = try Folder()
        try folder.plugin("a.so", manifest: manifest("test/a"))
        let outside = folder.path + "/outside.so"
        #expect(link(folder.plugins + "/a.so", outside) == 0)
        let entry = try await scan(folder).agent("test/a")
        let copy = try #require(FileManager.default.contents(atPath: entry.loadPath))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: outside))
        try file.write(contentsOf: Data(repeating: 0, count: 64))
        try file.close()
        #expect(FileManager.default.contents(atPath: entry.loadPath) == copy)
        #expect(try await scan(folder).problem("a.so")?.error.code == .pluginNotELF)
    }

    @Test func aHundredThousandNamesAreOneProblem() async throws {
        let folder = try Folder()
        for number in 0..<100_000 { touch(folder.plugins + "/\(number).so") }
        let began = monotonicNanoseconds()
        let snapshot = try await scan(folder)
        #expect(snapshot.problems.map(\.error.code) == [.catalogueUnreadable])
        #expect(monotonicNanoseconds() - began < 20_000_000_000)
    }

    /// Swift compares text by meaning, file systems by bytes: two names of one text are two files.
    @Test func namesThatOnlyLookAlikeAreTwoFiles() async throws {
        let folder = try Folder()
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        try folder.plugin("\(composed).so", manifest: manifest("test/composed"))
        try folder.plugin("\(decomposed).so", manifest: manifest("test/decomposed"))
        try folder.plugin("A.so", manifest: manifest("test/upper"))
        try folder.plugin("a.so", manifest: manifest("test/lower"))
        let snapshot = try await scan(folder)
        #expect(snapshot.problems.isEmpty)
        #expect(snapshot.agentNames == ["test/composed", "test/decomposed", "test/lower", "test/upper"])
    }

    /// A folder beside the plugins folder whose name is the same text in other bytes is outside of it.
    @Test func aFolderOfAnAlikeNameIsOutside() async throws {
        let folder = try Folder()
        let (inside, outside) = (folder.plugins + "/caf\u{E9}", folder.plugins + "/cafe\u{301}")
        try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: true)
        try folder.plugin("cafe\u{301}/x.so", manifest: manifest("test/x"))
        symlink(outside + "/x.so", inside + "/x.so")
        let snapshot = try await Scan(folder).run([inside])
        #expect(snapshot.entries.isEmpty)
        #expect(snapshot.problems.first?.error.message.contains("outside of its folder") == true)
    }
}

private let bindSocket = "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"

private func touch(_ path: String) { touch(bytes: Array(path.utf8)) }

private func touch(bytes: [UInt8]) {
    let path = bytes.map { CChar(bitPattern: $0) } + [0]
    let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    if descriptor >= 0 { close(descriptor) }
}
