// SPDX-License-Identifier: Apache-2.0
// SealTests: what users and agents wrote is in no file of the store, and a sealed value opens where it was put and nowhere
// else.

import CorralBase
import Foundation
import Testing

@testable import CorralStore

@Suite struct SealTests {
    let home: StoreHome
    let store: TenantStore
    let run = runID(1)

    init() throws {
        home = try StoreHome()
        store = try home.open()
    }

    // MARK: Nothing in the open

    /// A value for each place where words of people or agents can come in.
    private func plant(_ word: (String) -> String) throws {
        func json(_ name: String) -> [UInt8] { Array(#"{"v":"\#(word(name))"}"#.utf8) }
        let file = try store.artifacts.importBytes(
            Array(word("file").utf8), name: word("name") + ".csv", mediaType: word("type"))
        let big = try store.artifacts.importBytes(
            Array(String(repeating: word("big file"), count: 40_000).utf8), name: "b", mediaType: "")
        let error = CorralError(
            ErrorCode(901, word("code")), word("message"), hint: word("hint"), cause: word("cause"))
        let effect = EffectKey(
            step: "load", lineage: 1, service: "corral.host.tool/1", method: word("method"),
            requestHash: ContentHash(of: json("request")).hex, ordinal: 0)
        let created = RunCreation(
            flow: "review", flowDigest: ContentHash(of: json("definition")).hex, definition: json("definition"),
            input: json("input"), seed: 1, mode: .sync, user: word("user"), feature: word("feature"),
            session: word("session"), taskType: word("task"), complexity: word("complexity"),
            labels: [word("label"): word("label value")], clientRequest: word("client"), artifacts: [file, big],
            context: ["file": .string("/home/" + word("path"))])
        let large = Array(String(repeating: word("large"), count: 20_000).utf8)
        try store.add(
            run, .runCreated(created), .attemptIntent(attempt("load"), target: "a/b", request: json("body")),
            .effectIntent(effect, attempt: 1, request: json("request")),
            .effectResult(effect, attempt: 1, .failed(error)), .artifactKept(file, by: attempt("load")),
            .attemptResult(
                attempt("load"),
                AttemptSuccess(
                    value: large, confidence: 0.5, changes: [Change(changeClass: word("class"), target: word("target"))]
                )),
            .attemptFailed(attempt("load", 2), error, isInfrastructure: false, metrics: AttemptMetrics(worker: "w")),
            .stepSkipped(step: "report", item: nil, reason: word("skip")), .cancelRequested(reason: word("cancel")),
            .timerSet(key: word("timer"), delayNanoseconds: 1), .note(topic: word("topic"), [.string(word("note"))]),
            .runFinished(.failed(error, step: "load")))
        try store.add(runID(2), .runCreated(creation(flow: "second")), .runFinished(.cancelled(reason: word("reason"))))
        // Also in pages that were freed, and in the log.
        try store.deleteRun(runID(2), now: 1)
    }

    @Test func noFileOfTheStoreHoldsWhatSomebodyWrote() throws {
        try plant { "PLANTED \($0) 4111-1111" }
        let files = try home.files(in: home.path).map { home.path + "/" + $0 }
        #expect(files.contains { $0.hasSuffix("state.db-wal") } && files.contains { $0.contains("/blobs/") })
        // The search finds what is meant to be in the open.
        #expect(try files.contains { try Data(contentsOf: URL(fileURLWithPath: $0)).contains(Data("review".utf8)) })
        for file in files {
            let content = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(!content.contains(Data("PLANTED".utf8)), "\(file)")
            #expect(!file.contains("PLANTED"))
        }
    }

    /// Whoever guesses a short secret could try its hash.
    @Test func noFileOfTheStoreHoldsAHashThatCouldBeGuessed() throws {
        let pin = Array("1234".utf8)
        let file = try store.artifacts.importBytes(pin, name: "pin", mediaType: "")
        let hash = ContentHash(of: pin)
        try store.add(
            run, .runCreated(creation(artifacts: [file])),
            .attemptIntent(attempt("a"), target: "t", request: pin),
            .effectIntent(
                EffectKey(step: "a", lineage: 1, service: "s", method: "m", requestHash: hash.hex, ordinal: 0),
                attempt: 1, request: pin))
        for file in try home.files(in: home.path) {
            let content = try Data(contentsOf: URL(fileURLWithPath: home.path + "/" + file))
            #expect(!content.contains(Data(hash.bytes)) && !content.contains(Data(hash.hex.utf8)), "\(file)")
            #expect(!file.contains(hash.hex.prefix(12)))
        }
        #expect(try store.artifacts(of: run) == [file])
    }

    // MARK: Bound to its place

    @Test func neverSealsTheSameTwice() throws {
        let place = SealPlace("t", "1")
        let sealed = try (0..<1_000).map { _ in try store.sealer.seal([1, 2, 3], at: place) }
        #expect(Set(sealed).count == 1_000 && Set(sealed.map { $0[1...24] }).count == 1_000)
        #expect(try sealed.allSatisfy { try store.sealer.open($0, at: place) == [1, 2, 3] })
    }

    @Test func opensOnlyWhereItWasPutAndUnchanged() throws {
        let sealer = store.sealer
        let sealed = try sealer.seal(Array("hello".utf8), at: SealPlace("t", "1", "23"))
        for place in [SealPlace("t", "2", "23"), SealPlace("u", "1", "23"), SealPlace("t", "12", "3")] {
            #expect(throws: Sealer.Broken.self) { try sealer.open(sealed, at: place) }
        }
        let other = Sealer(TenantKey(), tenant: .standard)
        #expect(throws: Sealer.Broken.self) { try other.open(sealed, at: SealPlace("t", "1", "23")) }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: Sealer.Broken.self) { try sealer.open(changed, at: SealPlace("t", "1", "23")) }
        }
        for count in 0..<sealed.count {
            #expect(throws: Sealer.Broken.self) {
                try sealer.open(Array(sealed.prefix(count)), at: SealPlace("t", "1", "23"))
            }
        }
    }

    @Test func theSameKeyOfAnotherTenantOpensNothing() throws {
        let key = TenantKey()
        let (a, b) = (Sealer(key, tenant: .standard), Sealer(key, tenant: try TenantID("globex")))
        let sealed = try a.seal([1], at: SealPlace("t", "1"))
        #expect(throws: Sealer.Broken.self) { try b.open(sealed, at: SealPlace("t", "1")) }
        #expect(a.token("x", "c") != b.token("x", "c") && a.fingerprint != b.fingerprint)
    }

    @Test func aRecordThatWasMovedIsNotRead() throws {
        try store.add(run, .runCreated(creation()), .note(topic: "a", nil), .note(topic: "b", nil))
        try home.sqlite(
            """
            CREATE TEMP TABLE both AS SELECT seq, detail FROM journal WHERE seq > 1;
            UPDATE journal SET detail = (SELECT detail FROM both WHERE both.seq = 5 - journal.seq) WHERE seq > 1
            """)
        #expect(code { _ = try store.journal(of: run) } == .recordUnreadable)
    }

    @Test func aValueThatWasMovedIsNotRead() throws {
        try store.add(run, .runCreated(creation()), .attemptIntent(attempt("a"), target: "t", request: [1, 1]))
        try store.add(run, .attemptIntent(attempt("b"), target: "t", request: [2, 2]))
        try home.sqlite("UPDATE blobs SET bytes = (SELECT bytes FROM blobs ORDER BY id DESC LIMIT 1) WHERE size = 2")
        #expect(code { _ = try store.journal(of: run) } == .payloadCorrupt)
    }

    // MARK: Files in chunks

    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Data) -> Void
    }

    private static let sealedChunk = SealedFile.chunkBytes + SealedFile.tagBytes

    static let damages = [
        Damage(testDescription: "the last chunk is missing") { data in
            let end = data.suffix(SealedFile.tagBytes)
            data = data.prefix(SealedFile.headBytes + 2 * sealedChunk) + end
        },
        Damage(testDescription: "the end is missing") { $0.removeLast(SealedFile.tagBytes) },
        Damage(testDescription: "all but the head and the end is missing") { data in
            data = data.prefix(SealedFile.headBytes) + data.suffix(SealedFile.tagBytes)
        },
        Damage(testDescription: "two chunks changed places") { data in
            let head = SealedFile.headBytes
            let (first, second) = (
                data[head..<(head + sealedChunk)], data[(head + sealedChunk)..<(head + 2 * sealedChunk)]
            )
            data = data.prefix(head) + second + first + data.dropFirst(head + 2 * sealedChunk)
        },
        Damage(testDescription: "a chunk is there twice") { data in
            let head = SealedFile.headBytes
            let first = data[head..<(head + sealedChunk)]
            data = data.prefix(head) + first + first + data.dropFirst(head + 2 * sealedChunk)
        },
        Damage(testDescription: "one bit of the head changed") { $0[10] ^= 1 },
        Damage(testDescription: "one bit of the last chunk changed") { $0[$0.count - 40] ^= 1 },
        Damage(testDescription: "something was added") { $0.append(contentsOf: [1, 2, 3]) },
    ]

    @Test(arguments: damages)
    func noticesAChangedFile(_ damage: Damage) throws {
        let content = (0..<(2 * SealedFile.chunkBytes + 100)).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        let file = try store.artifacts.importBytes(content, name: "a", mediaType: "")
        #expect(try store.artifacts.read(file.sha256) == content)
        let path =
            try home.tenantFolder + "/artifacts/" + #require(home.files(in: home.tenantFolder + "/artifacts").first)
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        damage.change(&data)
        try Data(Array(data)).write(to: URL(fileURLWithPath: path))
        #expect(code { _ = try store.artifacts.read(file.sha256) } == .artifactCorrupt)
        #expect(code { _ = try store.artifacts.open(file.sha256) } == .artifactCorrupt)
    }

    @Test func aFileInThePlaceOfAnotherIsNoticed() throws {
        let a = try store.artifacts.importBytes([1, 2, 3], name: "a", mediaType: "")
        let b = try store.artifacts.importBytes([4, 5, 6], name: "b", mediaType: "")
        let folder = store.artifacts.content
        let paths = [a, b].compactMap { ContentHash(hex: $0.sha256) }.map { folder.path(of: folder.place(of: $0)) }
        try Data(contentsOf: URL(fileURLWithPath: paths[1])).write(to: URL(fileURLWithPath: paths[0]))
        #expect(code { _ = try store.artifacts.read(a.sha256) } == .artifactCorrupt)
        #expect(try store.artifacts.read(b.sha256) == [4, 5, 6])
    }

    @Test(arguments: [0, 1, SealedFile.chunkBytes - 1, SealedFile.chunkBytes, SealedFile.chunkBytes + 1, 3 << 20])
    func keepsFilesOfEverySize(_ count: Int) throws {
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = try store.artifacts.importBytes(content, name: "a", mediaType: "")
        #expect(try store.artifacts.read(file.sha256) == content)
        #expect(store.artifacts.content.size(of: store.artifacts.content.place(of: ContentHash(of: content))) == count)
    }

    /// Whole chunks go through memory one by one, whatever the file's size; in a process of its own, which has nothing else.
    @Test func aLargeFilePassesThroughLittleMemory() throws {
        _ = try StoreTests.run(
            "/bin/dd", ["if=/dev/urandom", "of=\(home.path)/large", "bs=1M", "count=192", "status=none"])
        let output = try StoreTests.run(storeWriter, ["large", home.tenantFolder, run.text, "sync", "192"])
        let words = output.split(separator: " ")
        #expect(words.first == "kept" && words.dropFirst().first == "\(192 << 20)", "\(output)")
        #expect(try #require(words.last.flatMap { Int($0) }) < 96 << 10, "\(output)")
    }
}
