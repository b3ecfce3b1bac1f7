// SPDX-License-Identifier: Apache-2.0
// PayloadTests: values once each, in the database or in files, until nothing refers to them.

import CorralBase
import Foundation
import Testing

@testable import CorralStore

@Suite struct PayloadTests {
    let home: StoreHome
    let store: TenantStore
    let run = runID(1)
    let small = [UInt8](repeating: 1, count: 100)
    let large = [UInt8](repeating: 2, count: Limits.blobInlineBytesMax + 1)
    /// Seconds after which a collection counts everything as old.
    static let later = Int64(Date().timeIntervalSince1970 * 1e9) + 7_200_000_000_000

    init() throws {
        home = try StoreHome()
        store = try home.open()
        try store.add(run, .runCreated(creation()))
    }

    var files: [String] { get throws { try home.files(in: home.tenantFolder + "/blobs") } }

    @Test(arguments: [0, 1, Limits.blobInlineBytesMax, Limits.blobInlineBytesMax + 1, 3 << 20])
    func keepsValuesOfEverySize(_ count: Int) throws {
        let value = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try store.add(run, .attemptIntent(attempt("a"), target: "t", request: value))
        #expect(try store.journal(of: run).last?.event == .attemptIntent(attempt("a"), target: "t", request: value))
        #expect(try files.count == (count > Limits.blobInlineBytesMax ? 1 : 0))
    }

    @Test func storesEqualValuesOnce() throws {
        for number in 0..<3 {
            try store.add(run, .attemptIntent(attempt("a\(number)"), target: "t", request: small))
            try store.add(run, .attemptIntent(attempt("b\(number)"), target: "t", request: large))
        }
        #expect(
            try home.sqlite("SELECT size, refs FROM blobs WHERE refs = 3 ORDER BY size") == "100|3\n\(large.count)|3")
        #expect(try files.count == 1)
    }

    @Test func collectsOnlyWhatNothingRefersToAnyMore() throws {
        let other = runID(2)
        try store.add(other, .runCreated(creation()))
        try store.add(run, .attemptIntent(attempt("a"), target: "t", request: large))
        try store.add(run, .attemptIntent(attempt("b"), target: "t", request: small))
        try store.add(other, .attemptIntent(attempt("a"), target: "t", request: small))
        try store.add(run, .runFinished(.succeeded(output: large)))
        #expect(code { try store.deleteRun(other, now: 1) } == .runUnfinished)
        try store.deleteRun(run, now: Self.later - 7_200_000_000_000)
        #expect(try store.run(run) == nil && store.journal(of: run).isEmpty)
        #expect(try store.collectGarbage(now: Self.later - 7_200_000_000_000) == TenantStore.Collected())
        #expect(try files.count == 1)
        #expect(try store.collectGarbage(now: Self.later) == TenantStore.Collected(blobs: 1))
        #expect(try files.isEmpty)
        #expect(try store.journal(of: other).count == 2)
        #expect(try store.creation(of: other) == creation())
        #expect(try store.verify().isEmpty)
    }

    @Test func aValueThatIsReferredToAgainStays() throws {
        try store.add(
            run, .attemptIntent(attempt("a"), target: "t", request: large), .runFinished(.cancelled(reason: "")))
        try store.deleteRun(run, now: 1)
        try store.add(runID(2), .runCreated(creation()), .attemptIntent(attempt("a"), target: "t", request: large))
        #expect(try store.collectGarbage(now: Self.later).blobs == 0)
        #expect(try store.journal(of: runID(2)).count == 2)
    }

    @Test func sweepsWhatACrashLeft() throws {
        let folder = try ContentFolder(
            folder: StoreFolder(creating: home.tenantFolder + "/blobs"), space: .blobs, sealer: store.sealer)
        try folder.write([9, 9], at: folder.place(of: ContentHash(of: [9, 9])))
        try Data([1]).write(to: URL(fileURLWithPath: home.tenantFolder + "/blobs/.new-abc"))
        try Data([1]).write(to: URL(fileURLWithPath: home.tenantFolder + "/blobs/keep-me"))
        try store.add(run, .attemptIntent(attempt("a"), target: "t", request: large))
        #expect(try store.collectGarbage(now: Self.later - 7_200_000_000_000).orphans == 0)
        #expect(try store.collectGarbage(now: Self.later).orphans == 2)
        #expect(try files.count == 2)
        #expect(try store.journal(of: run).count == 2)
    }

    @Test func noticesADamagedValue() throws {
        try store.add(run, .attemptIntent(attempt("a"), target: "t", request: small))
        try home.sqlite("UPDATE blobs SET bytes = x'00' WHERE size = 100")
        #expect(code { _ = try store.journal(of: run) } == .payloadCorrupt)
        #expect(try store.journal(of: run, includesPayloads: false).count == 2)
    }

    @Test(arguments: ["truncate", "change", "delete"])
    func noticesADamagedFile(_ damage: String) throws {
        try store.add(run, .attemptIntent(attempt("a"), target: "t", request: large))
        let file = home.tenantFolder + "/blobs/" + (try #require(files.first))
        switch damage {
        case "truncate": #expect(truncate(file, off_t(large.count)) == 0)
        case "change":
            var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            bytes[1_000] ^= 1
            try bytes.write(to: URL(fileURLWithPath: file))
        default: try FileManager.default.removeItem(atPath: file)
        }
        #expect(code { _ = try store.journal(of: run) } == .payloadCorrupt)
        #expect(try store.verify().map(\.code) == [.payloadCorrupt])
    }
}
