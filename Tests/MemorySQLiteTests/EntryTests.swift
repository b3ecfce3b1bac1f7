// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import Testing

@testable import MemorySQLite

@Suite struct EntryTests {
    private let folder = Folder()
    private var store: MemoryStore { MemoryStore(folder: folder.path) }

    @Test func givesBackWhatWasPut() async throws {
        let store = store
        var put = MemoryPut.note("buy at 100", key: "decision", until: 9_000, tags: ["sp500", "flip"])
        put.value = ["side": "buy", "size": 0.25, "ids": [1, .null, true]]
        put.author = MemoryAuthor(agent: "corral/portfolio-manager", run: "r7", session: "s1", user: "ann")
        let answer = try await store.put(put)
        let entry = try #require(try await store.get(.key("decision")))
        #expect(!answer.replaced && entry.id == answer.id && entry.createdAtMilliseconds == 1_000)
        #expect(entry.text == "buy at 100" && entry.value == put.value && entry.tags == ["sp500", "flip"])
        #expect(entry.author == put.author && entry.layer == .longTerm && entry.expiresAtMilliseconds == 9_000)
        #expect(try await store.get(.id(answer.id)) == entry)
    }

    @Test func replacesByKeyAndKeepsItsId() async throws {
        let store = store
        let first = try await store.put(.note("old words", key: "k"))
        let second = try await store.put(.note("new words", key: "k", at: 1_500))
        #expect(second.replaced && second.id == first.id)
        #expect(second.createdAtMilliseconds == 1_000 && second.updatedAtMilliseconds == 1_500)
        #expect(try await store.search(.find("old")).isEmpty)
        #expect(try await store.search(.find("new")).map(\.id) == [first.id])
    }

    @Test func keepsNamespacesAndLayersApart() async throws {
        let store = store
        let mine = try await store.put(.note("mine", key: "k"))
        _ = try await store.put(.note("theirs", key: "k", in: "agent:x/y"))
        _ = try await store.put(.note("now", key: "k", .shortTerm))
        #expect(try await store.get(.id(mine.id, in: "agent:x/y")) == nil)
        #expect(try await store.get(.key("k", in: "agent:x/y"))?.text == "theirs")
        #expect(try await store.get(.key("k"))?.text == "now", "the shortest layer first")
        #expect(try await store.get(.key("k", .longTerm))?.text == "mine")
        #expect(try await store.get(.key("k", in: "nobody")) == nil)
        #expect(try await store.forget(.these(all: true, in: "agent:x/y")) == 1)
        #expect(try await store.get(.key("k", .longTerm))?.text == "mine")
    }

    @Test func doesOneEffectOnce() async throws {
        let store = store
        let first = try await store.put(.note("once", effect: "run/step/0"))
        let again = try await store.put(.note("once", at: 1_900, effect: "run/step/0"))
        #expect(first == again)
        #expect(try await store.list(.all()).entries.count == 1)
    }

    @Test func hidesAndSweepsWhatExpired() async throws {
        let store = store
        _ = try await store.put(.note("short lived", key: "k", until: 1_800))
        #expect(try await store.get(.key("k", at: 1_799)) != nil)
        #expect(try await store.get(.key("k", at: 1_800)) == nil)
        #expect(try await store.search(.find("lived")).isEmpty)
        #expect(try await store.list(.all()).entries.isEmpty)
        let again = try await store.put(.note("lives again", key: "k", at: 1_900, until: 2_500))
        #expect(!again.replaced, "an expired entry does not exist")
        #expect(try await store.forget(.these(in: nil, expired: true, at: 2_499)) == 0)
        #expect(try await store.forget(.these(in: nil, expired: true, at: 2_500)) == 1)
        #expect(!folder.contains("lives again"))
    }

    @Test func putsSweepInBoundedSteps() async throws {
        let store = store
        for index in 0..<100 { _ = try await store.put(.note("gone soon \(index)", until: 1_500)) }
        _ = try await store.put(.note("stays", at: 3_000))
        #expect(try await store.forget(.these(in: nil, expired: true, at: 3_000)) == 100 - MemoryBounds.sweptByPutMax)
    }

    @Test func forgetsByIdKeyAgeAndAll() async throws {
        let store = store
        let one = try await store.put(.note("alpha secretword", at: 1_000))
        _ = try await store.put(.note("beta", key: "b", at: 1_100))
        _ = try await store.put(.note("gamma", .mediumTerm, at: 1_200))
        _ = try await store.put(.note("delta", at: 1_300))
        #expect(try await store.forget(.these(id: one.id)) == 1)
        #expect(!folder.contains("secretword"), "neither in the table, the index nor the log")
        #expect(try await store.forget(.these(key: "b", layers: [.shortTerm])) == 0)
        #expect(try await store.forget(.these(key: "b")) == 1)
        #expect(try await store.forget(.these(olderThan: 1_300)) == 1)
        #expect(try await store.list(.all()).entries.map(\.text) == ["delta"])
        #expect(try await store.forget(.these(all: true)) == 1)
        #expect(try await store.list(.all()).entries.isEmpty)
    }

    @Test func listsNewestFirstByPages() async throws {
        let store = store
        for index in 0..<25 {
            let layer: MemoryLayer = index % 2 == 0 ? .longTerm : .mediumTerm
            _ = try await store.put(.note("n\(index)", in: index % 3 == 0 ? "tenant" : "agent:a/b", layer, at: 1_000))
        }
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try await store.list(.all(in: ["tenant", "agent:a/b"], limit: 7, after: cursor))
            seen += page.entries.map(\.text)
            cursor = page.cursor
        } while cursor != nil
        #expect(seen == (0..<25).reversed().map { "n\($0)" })
        let tagged = try await store.put(.note("tagged", tags: ["x", "y"]))
        #expect(try await store.list(.all(tags: ["y"])).entries.map(\.id) == [tagged.id])
        #expect(try await store.list(.all(tags: ["y", "z"])).entries.isEmpty)
    }

    @Test func refusesWhatIsTooLargeOrUnclear() async throws {
        let store = store
        var put = MemoryPut.note(String(repeating: "x", count: MemoryBounds.textBytesMax + 1))
        #expect(await code { try await store.put(put) } == "memory_too_large")
        put = .note("x")
        put.value = .text(String(repeating: "x", count: MemoryBounds.valueBytesMax))
        #expect(await code { try await store.put(put) } == "memory_too_large")
        #expect(
            await code { try await store.put(.note("x", tags: Array(repeating: "t", count: 17))) } == "memory_too_large"
        )
        #expect(await code { try await store.put(.note("x\0y")) } == "memory_invalid")
        #expect(await code { try await store.put(.note("x", key: "")) } == "memory_invalid")
        #expect(await code { try await store.get(MemoryGet(nowMilliseconds: 1, namespace: "n")) } == "memory_invalid")
        #expect(await code { try await store.forget(.these(key: "k", all: true)) } == "memory_invalid")
        #expect(await code { try await store.list(.all(after: "x")) } == "memory_invalid")
        #expect(await code { try await store.search(.find("x", limit: 0)) } == "memory_invalid")
        #expect(try await store.get(.id("no id")) == nil)
    }

    @Test func showsAllNamespacesToWhoAsksForAll() async throws {
        let store = store
        let mine = try await store.put(.note("word one"))
        _ = try await store.put(.note("word two", in: "tenant", at: 1_100))
        #expect(try await store.list(.all(in: ["*"])).entries.map(\.text) == ["word two", "word one"])
        #expect(try await store.search(.find("word", in: ["*"])).count == 2)
        #expect(try await store.get(.id(mine.id, in: "*"))?.namespace == "agent:a/b")
        #expect(await code { try await store.put(.note("nowhere", in: "*")) } == "memory_invalid")
        #expect(try await store.forget(.these(all: true, in: "*")) == 2)
    }
}
