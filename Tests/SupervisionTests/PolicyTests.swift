// SPDX-License-Identifier: Apache-2.0
// PolicyTests: the small state machines of supervision, with time passed in.

import CorralBase
import CorralCatalog
import CorralWire
import Testing

@testable import CorralSupervision

struct CompartmentTests {
    @Test func plugInsOfOneOriginShareAndOthersDoNot() throws {
        let compartments = Compartments()
        let (a, b) = (try entry("a"), try entry("b"))
        #expect(compartments.compartment(of: a) == compartments.compartment(of: b))
        var signed = try entry("c")
        signed.origin = "SHA256:abc"
        #expect(compartments.compartment(of: signed) != compartments.compartment(of: a))
        var native = try entry("d")
        native.form = .native
        #expect(compartments.compartment(of: native).isAlone)
        #expect(compartments.compartment(of: try entry("e", isIsolated: true)).isAlone)
        #expect(compartments.mates(of: a, among: [a, b, signed, native]).map(\.text) == ["test/b"])
    }

    @Test func pluginsShareOnlyWithEqualGrants() throws {
        let compartments = Compartments()
        func granted(_ name: String, _ grants: Grants) throws -> CatalogEntry {
            var entry = try entry(name)
            entry.granted = grants
            return entry
        }
        let redis = Endpoint(host: "redis", port: 6379)
        let plain = try entry("a")
        let (tool, sameTool) = (try granted("b", Grants(tools: ["x/y.z"])), try granted("c", Grants(tools: ["x/y.z"])))
        let one = try granted("d", Grants(connect: [redis], secrets: ["A", "B"]))
        let same = try granted("e", Grants(connect: [redis], secrets: ["B", "A"]))
        let less = try granted("f", Grants(connect: [redis], secrets: ["A"]))
        let inside = try granted(
            "g", Grants(connect: [Endpoint(host: "redis", port: 6379, isInternal: true)], secrets: ["A", "B"]))
        let all = [plain, tool, sameTool, one, same, less, inside]
        #expect(compartments.compartment(of: plain).text == "shared")
        #expect(compartments.mates(of: tool, among: all).map(\.text) == ["test/c"])
        #expect(compartments.mates(of: one, among: all).map(\.text) == ["test/e"])
        for entry in [plain, less, inside] { #expect(compartments.mates(of: entry, among: all).isEmpty) }
    }

    @Test func theOperatorsScannersAreNeverWithWhatTheyPolice() throws {
        let compartments = Compartments()
        let agent = try entry("a")
        var scanner = try entry("b")
        scanner.manifest.provides = ["corral.scanner/1"]
        var judge = try entry("c")
        judge.manifest.provides = ["corral.judge/1"]
        var own = try entry("d")
        own.manifest.provides = ["corral.scanner/1"]
        own.origin = CatalogEntry.tenantOrigin
        var notifier = try entry("e")
        notifier.manifest.provides = ["corral.notifier/1"]
        notifier.granted = Grants(secrets: ["KEY"])
        let all = [agent, scanner, judge, own, notifier]
        #expect(compartments.compartment(of: scanner).text == "operator")
        #expect(compartments.mates(of: scanner, among: all).map(\.text) == ["test/c"])
        #expect(compartments.mates(of: agent, among: all).isEmpty)
        #expect(compartments.compartment(of: own).text == "origin:tenant")
        #expect(compartments.compartment(of: notifier).text.hasPrefix("operator:"))
        #expect(compartments.mates(of: notifier, among: all).isEmpty)
    }

    @Test func aPluginWithAFolderOfItsOwnIsAloneAndNeverTwice() throws {
        var keeper = try entry("a")
        keeper.granted = Grants(storage: true)
        #expect(Compartments().compartment(of: keeper).isAlone)
        #expect(keeper.isSingleton)
        keeper.granted = Grants()
        #expect(!Compartments().compartment(of: keeper).isAlone)
        #expect(!keeper.isSingleton)
    }

    @Test func aSuspectIsAloneByContent() throws {
        var compartments = Compartments()
        let (bad, repaired) = (try entry("a", digest: "1"), try entry("a", digest: "2"))
        let isNews = [compartments.suspect(bad.digest), compartments.suspect(bad.digest)]
        #expect(isNews == [true, false])
        #expect(compartments.compartment(of: bad).isAlone)
        #expect(!compartments.compartment(of: repaired).isAlone)
    }
}

struct BackoffTests {
    @Test func doublesUpToItsMostAndForgetsAfterHealth() {
        var backoff = Backoff()
        var random = SeededGenerator(seed: 1)
        let settings = SupervisionSettings()
        var waits: [UInt64] = []
        for _ in 0..<12 {
            backoff.crashed(at: 1000, lived: 0, settings: settings, random: &random)
            waits.append(backoff.wait(at: 1000))
        }
        for (index, wait) in waits.enumerated() {
            let full = min(100_000_000 << UInt64(index), 30_000_000_000)
            #expect(wait >= full - full / 4 && wait <= full, "crash \(index): \(wait)")
        }
        backoff.crashed(at: 1000, lived: 60_000_000_000, settings: settings, random: &random)
        #expect(backoff.wait(at: 1000) <= 100_000_000)
        #expect(backoff.wait(at: .max) == 0)
    }
}

struct QuarantineTests {
    @Test func refusesTheThirdCrashWithinTheWindowOnly() {
        var quarantine = Quarantine()
        let digest = ContentDigest("x")
        let settings = SupervisionSettings()
        let second: UInt64 = 1_000_000_000
        let early = [0, 50, 100].map { quarantine.crashedAlone(digest, at: $0 * second, settings: settings) }
        #expect(early == [false, false, false])
        #expect(!quarantine.isRefused(digest))
        let last = quarantine.crashedAlone(digest, at: 105 * second, settings: settings)
        #expect(last)
        #expect(quarantine.isRefused(digest))
    }
}

struct CallQueueTests {
    private let a = CallQueue.Line(plugin: ContentDigest("a"), isNested: false)
    private let b = CallQueue.Line(plugin: ContentDigest("b"), isNested: false)

    @Test func firstComeFirstServedAmongLinesThatCanGo() {
        var queue = CallQueue()
        for (id, line) in [(1, a), (2, a), (3, b), (4, a)] { queue.append(UInt64(id), to: line) }
        #expect(queue.takeFirst { $0 == b } == 3)
        #expect(queue.takeFirst { _ in true } == 1)
        queue.remove(2, from: a)
        #expect(queue.count == 1)
        #expect(queue.takeFirst { _ in true } == 4)
        #expect(queue.takeFirst { _ in true } == nil)
        #expect(queue.isEmpty)
    }

    /// Against a plain list, with random operations.
    @Test func behavesLikeAList() {
        var random = SeededGenerator(seed: 7)
        var queue = CallQueue()
        var model: [(id: UInt64, line: CallQueue.Line)] = []
        for id in 1...20_000 as ClosedRange<UInt64> {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1, 2:
                let line = Bool.random(using: &random) ? a : b
                queue.append(id, to: line)
                model.append((id, line))
            case 3:
                let only = Bool.random(using: &random) ? a : b
                let expected = model.firstIndex { $0.line == only }.map { model.remove(at: $0).id }
                #expect(queue.takeFirst { $0 == only } == expected)
            default:
                guard let gone = model.indices.randomElement(using: &random) else { continue }
                let item = model.remove(at: gone)
                queue.remove(item.id, from: item.line)
            }
            #expect(queue.count == model.count)
        }
        #expect(queue.takeAll() == model.map(\.id))
    }
}

struct GateTests {
    @Test func passesSoManyASecondAndCountsTheRest() {
        var gate = RateGate(perSecond: 3)
        let passed = (0..<10).count { _ in gate.passes(at: 5) }
        #expect(passed == 3)
        let dropped = [gate.takeDropped(at: 6), gate.takeDropped(at: 1_000_000_000)]
        #expect(dropped == [0, 7])
        let passesAgain = gate.passes(at: 1_000_000_001)
        #expect(passesAgain)
    }

    @Test func linesAreSplitAndCut() {
        var splitter = LineSplitter()
        var lines: [String] = []
        splitter.append("one\ntw".utf8) { lines.append($0) }
        splitter.append("o\n\nlong".utf8) { lines.append($0) }
        splitter.append([UInt8](repeating: 0x78, count: 3 * Limits.logLineBytesMax)) { lines.append($0) }
        splitter.finish { lines.append($0) }
        #expect(lines.count == 3)
        #expect(lines.prefix(2) == ["one", "two"])
        #expect(lines[2].hasPrefix("longxxx") && lines[2].hasSuffix(" … (cut)"))
        #expect(lines[2].utf8.count < Limits.logLineBytesMax + 20)
    }

    @Test func controlCharactersAreEscaped() {
        #expect(printable("a\u{1B}[31mred\r\nb\tc\u{202E}d ü") == "a\\u{1b}[31mred\\u{d}\\nb\\tc\\u{202e}d ü")
    }
}

struct CallOutputTests {
    @Test func limitsNameThemselves() {
        var output = CallOutput(spoolFolder: nil)
        let piece = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0..<(Limits.partialBytesMax >> 20) { #expect(output.append(.partial(piece)) == nil) }
        #expect(output.append(.partial([1]))?.contains("\(Limits.partialBytesMax) bytes") == true)
        for _ in 0..<(Limits.resultBytesMax >> 20) { #expect(output.append(.result(piece)) == nil) }
        #expect(output.append(.result([1]))?.contains("\(Limits.resultBytesMax) bytes") == true)
    }

    @Test func artifactsKeepTheirOrderAndLargeOnesGoToAFile() throws {
        var output = CallOutput(spoolFolder: "/tmp")
        let piece = [UInt8](repeating: 7, count: 700_000)
        #expect(output.append(.artifact(name: "b", mediaType: "text/plain", bytes: [1, 2])) == nil)
        for _ in 0..<5 { #expect(output.append(.artifact(name: "a", mediaType: "x/y", bytes: piece)) == nil) }
        #expect(output.append(.artifact(name: "b", mediaType: "ignored", bytes: [3])) == nil)
        let artifacts = try output.takeArtifacts()
        #expect(artifacts.map(\.name) == ["b", "a"])
        #expect(artifacts.map(\.mediaType) == ["text/plain", "x/y"])
        #expect(artifacts.map(\.bytes) == [3, 3_500_000])
        guard case .bytes([1, 2, 3]) = artifacts[0].content, case .file(let file, 3_500_000) = artifacts[1].content
        else {
            Issue.record("not as expected: \(artifacts)")
            return
        }
        #expect(fileSize(file.number) == 3_500_000)
    }

    @Test(arguments: ["", ".", "..", "a/b", "a\0b", String(repeating: "x", count: 129)])
    func namesThatAreNoFileNamesAreRefused(_ name: String) {
        var output = CallOutput(spoolFolder: nil)
        #expect(output.append(.artifact(name: name, mediaType: "", bytes: [])) != nil)
    }

    @Test func moreArtifactsThanAllowedAreRefused() {
        var output = CallOutput(spoolFolder: nil)
        for index in 0..<Limits.artifactsPerCallMax {
            #expect(output.append(.artifact(name: "\(index)", mediaType: "", bytes: [])) == nil)
        }
        #expect(output.append(.artifact(name: "more", mediaType: "", bytes: [])) != nil)
    }
}

struct CrashRecordSuspicionTests {
    @Test func signalsHaveNames() {
        #expect(signalName(11) == "SIGSEGV")
        #expect(signalName(60) == "signal 60")
    }
}
