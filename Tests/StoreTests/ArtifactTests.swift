// SPDX-License-Identifier: Apache-2.0
// ArtifactTests: files that come in, are found again by their hash, and go.

import CorralBase
import Foundation
import Glibc
import Testing

@testable import CorralStore

@Suite struct ArtifactTests {
    let home: StoreHome
    let store: TenantStore
    let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    init() throws {
        home = try StoreHome()
        store = try home.open()
    }

    var files: [String] { get throws { try home.files(in: home.tenantFolder + "/artifacts") } }

    @Test func copiesAFileUnderItsHash() throws {
        let reference = try importing(home.write("prices.csv", Array("hello".utf8)))
        #expect(reference == ArtifactRef(sha256: hello, name: "prices.csv", bytes: 5, mediaType: "text/csv"))
        #expect(try files.count == 1 && !files[0].contains(hello))
        #expect(try store.artifacts.read(hello) == Array("hello".utf8))
        let descriptor = try store.artifacts.open(hello, bytes: 5)
        defer { close(descriptor) }
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        // Sealed memory: 1034 is F_GET_SEALS, 15 all four seals.
        #expect(fcntl(descriptor, 1034) & 15 == 15 && Glibc.write(descriptor, "x", 1) == -1)
        var bytes = [UInt8](repeating: 0, count: 9)
        #expect(Glibc.read(descriptor, &bytes, 9) == 5 && bytes.prefix(5) == Array("hello".utf8)[...])
    }

    @Test func readsFromTheStartAndLeavesTheOffset() throws {
        let descriptor = open(try home.write("a", Array("hello".utf8)), O_RDONLY)
        defer { close(descriptor) }
        lseek(descriptor, 3, SEEK_SET)
        let reference = try store.artifacts.importFile(descriptor: descriptor, name: "../x/a", mediaType: "")
        #expect(reference.sha256 == hello && reference.name == "a")
        #expect(lseek(descriptor, 0, SEEK_CUR) == 3)
    }

    @Test func storesTheSameContentOnce() throws {
        let a = try importing(home.write("a", Array("hello".utf8)))
        let b = try store.artifacts.importBytes(Array("hello".utf8), name: "b", mediaType: "text/plain")
        #expect(a.sha256 == b.sha256 && b.name == "b")
        #expect(try files.count == 1)
    }

    @Test func copiesMoreThanOneChunk() throws {
        let bytes = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let reference = try importing(home.write("a", bytes))
        #expect(reference.sha256 == ContentHash(of: bytes).hex)
        try store.artifacts.verify(reference.sha256)
    }

    @Test func refusesWhatIsTooLargeBeforeReadingIt() throws {
        let file = try home.write("sparse", [])
        #expect(truncate(file, 1 << 40) == 0)
        #expect(code { _ = try importing(file) } == .artifactTooLarge)
        #expect(code { _ = try importing(home.write("a", [1, 2, 3]), limit: 2) } == .artifactTooLarge)
        #expect(
            code { _ = try store.artifacts.importBytes([1, 2], name: "", mediaType: "", limitBytes: 1) }
                == .artifactTooLarge)
        #expect(try files.isEmpty)
    }

    @Test func refusesWhatIsNoFile() throws {
        mkfifo(home.path + "/fifo", 0o600)
        #expect(code { _ = try importing(home.path + "/fifo", flags: O_RDWR | O_NONBLOCK) } == .artifactRefused)
        #expect(code { _ = try importing(home.path) } == .artifactRefused)
        #expect(code { _ = try importing("/dev/zero") } == .artifactRefused)
        #expect(code { _ = try store.artifacts.importFile(descriptor: -1, name: "", mediaType: "") } == .storeIO)
    }

    @Test func readsAPipeWhenAllowedAndStopsAtTheLimit() throws {
        func importing(_ text: String, limit: Int) throws -> ArtifactRef {
            let pipe = Pipe()
            pipe.fileHandleForWriting.write(Data(text.utf8))
            try pipe.fileHandleForWriting.close()
            return try store.artifacts.importFile(
                descriptor: pipe.fileHandleForReading.fileDescriptor, name: "p", mediaType: "", limitBytes: limit,
                allowsPipe: true)
        }
        #expect(try importing("hello", limit: 5).sha256 == hello)
        #expect(code { _ = try importing("hello!", limit: 5) } == .artifactTooLarge)
    }

    @Test func noticesAMissingTruncatedOrChangedFile() throws {
        _ = try store.artifacts.importBytes(Array("hello".utf8), name: "a", mediaType: "")
        let file = home.tenantFolder + "/artifacts/" + (try #require(files.first))
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[SealedFile.headBytes] ^= 1
        try bytes.write(to: URL(fileURLWithPath: file))
        #expect(code { try store.artifacts.verify(hello) } == .artifactCorrupt)
        #expect(code { _ = try store.artifacts.read(hello) } == .artifactCorrupt)
        #expect(code { _ = try store.artifacts.open(hello, bytes: 6) } == .artifactCorrupt)
        try FileManager.default.removeItem(atPath: file)
        #expect(code { _ = try store.artifacts.open(hello) } == .artifactMissing)
        #expect(code { _ = try store.artifacts.open("../../state.db") } == .artifactMissing)
    }

    @Test func belongsToTheRunThatNamesIt() throws {
        let a = try store.artifacts.importBytes([1], name: "a", mediaType: "x")
        let b = try store.artifacts.importBytes([2], name: "b", mediaType: "y")
        try store.add(runID(1), at: 1, .runCreated(creation(artifacts: [a])), .artifactKept(a, by: nil))
        try store.add(runID(1), at: 2, .artifactKept(b, by: attempt("report")))
        #expect(try store.artifacts(of: runID(1)) == [a, b])
        #expect(try store.creation(of: runID(1))?.artifacts == [a])
        #expect(try store.journal(of: runID(1)).last?.event == .artifactKept(b, by: attempt("report")))
    }

    @Test func refusesToReferToAFileThatIsNotThere() throws {
        let ghost = ArtifactRef(sha256: hello, name: "a", bytes: 5, mediaType: "")
        #expect(code { try store.add(runID(1), .runCreated(creation(artifacts: [ghost]))) } == .artifactMissing)
        #expect(try store.run(runID(1)) == nil)
    }

    @Test func collectsFilesOfDeletedRunsAndOfNone() throws {
        let a = try store.artifacts.importBytes([1], name: "a", mediaType: "")
        let b = try store.artifacts.importBytes([2], name: "b", mediaType: "")
        _ = try store.artifacts.importBytes([3], name: "c", mediaType: "")
        try store.add(runID(1), .runCreated(creation(artifacts: [a, b])), .runFinished(.cancelled(reason: "")))
        try store.add(runID(2), .runCreated(creation(artifacts: [b])))
        try store.deleteRun(runID(1), now: 1)
        let collected = try store.collectGarbage(now: PayloadTests.later)
        #expect(collected.artifacts == 1 && collected.orphans == 1)
        #expect(try files.count == 1)
        try store.artifacts.verify(b.sha256)
    }

    private func importing(
        _ file: String, limit: Int = Limits.artifactFileBytesMax, flags: Int32 = O_RDONLY
    ) throws -> ArtifactRef {
        let descriptor = open(file, flags)
        defer { close(descriptor) }
        return try store.artifacts.importFile(
            descriptor: descriptor, name: URL(fileURLWithPath: file).lastPathComponent, mediaType: "text/csv",
            limitBytes: limit)
    }
}
