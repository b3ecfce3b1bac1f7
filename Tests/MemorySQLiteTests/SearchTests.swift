// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import Testing

@testable import MemorySQLite

@Suite struct SearchTests {
    private let folder = Folder()
    private var store: MemoryStore { MemoryStore(folder: folder.path) }

    @Test func ranksByRelevanceFromZeroToOne() async throws {
        let store = store
        let both = try await store.put(.note("volatility rose and the drawdown deepened"))
        let one = try await store.put(.note("volatility fell"))
        let none = try await store.put(.note("earnings season begins"))
        for index in 0..<20 { _ = try await store.put(.note("filler volatility \(index)")) }
        let found = try await store.search(.find("volatility drawdown", limit: 30))
        #expect(found.first?.id == both.id)
        #expect(found.contains { $0.id == one.id } && !found.contains { $0.id == none.id })
        let scores = found.compactMap(\.score)
        #expect(scores == scores.sorted(by: >) && scores.allSatisfy { (0...1).contains($0) })
        #expect(scores[0] >= Relevance.present, "every word is there")
        #expect(scores[1] < 0.3, "the rare word is missing")
    }

    @Test func scoresOneEntryAsHighAsOneAmongMany() async throws {
        let store = store
        _ = try await store.put(.note("last decision: sell"))
        let alone = try #require(try await store.search(.find("last decision")).first?.score)
        #expect(alone >= Relevance.present, "bm25() would say 0.000001 here")
    }

    @Test func findsOtherFormsOfAWord() async throws {
        let store = store
        _ = try await store.put(.note("Décisions were reverted"))
        #expect(try await store.search(.find("decision REVERT")).count == 1)
    }

    @Test(arguments: [
        "\"", "\"\"\"", "a AND", "NEAR(", "text:x", "place:n1", "-x", "(", ")", "*", "x*", "^x", "{text}:x", "a + b",
        "'; DROP TABLE entries; --", "\u{0}", "🙂", "", "   ", "NOT", "OR OR", "n1 OR n2", "é\u{301}", "٣", "中文字",
    ])
    func takesAnyQueryAsWords(_ query: String) async throws {
        let store = store
        _ = try await store.put(.note("mine"))
        _ = try await store.put(.note("secret of another", in: "agent:x/y"))
        let found = try await store.search(.find(query))
        #expect(found.allSatisfy { $0.namespace == "agent:a/b" })
        #expect(try await store.search(.find("mine")).count == 1, "nothing was harmed")
    }

    @Test func takesNoMoreWordsThanItsBound() async throws {
        let words = (0..<100).map { "w\($0)" }.joined(separator: " ")
        #expect(try KeywordSearch.words(in: words).count == MemoryBounds.queryWordsMax)
        #expect(try KeywordSearch.words(in: "A b a B") == ["a", "b"])
        let long = String(repeating: "x", count: MemoryBounds.queryBytesMax + 1)
        #expect(await code { try KeywordSearch.words(in: long) } == "memory_too_large")
    }

    @Test func filtersByNamespaceLayerAndTags() async throws {
        let store = store
        _ = try await store.put(.note("word", in: "tenant", tags: ["x"]))
        _ = try await store.put(.note("word", .mediumTerm, tags: ["x", "y"]))
        #expect(try await store.search(.find("word")).map(\.layer) == [.mediumTerm])
        #expect(try await store.search(.find("word", in: ["tenant", "agent:a/b"])).count == 2)
        #expect(try await store.search(.find("word", layers: [.longTerm])).isEmpty)
        #expect(try await store.search(.find("word", in: ["tenant", "agent:a/b"], tags: ["x", "y"])).count == 1)
        #expect(try await store.search(.find("word", in: ["unknown"])).isEmpty)
    }

    /// The independent computation is the formula itself, by hand: N=2, the word in one, lengths 1 and 3, one hit.
    @Test func computesTheFormulaItStates() async throws {
        let store = store
        _ = try await store.put(.note("alpha"))
        _ = try await store.put(.note("beta gamma delta"))
        let score = try #require(try await store.search(.find("alpha")).first?.score)
        #expect(abs(score - (0.75 + 0.25 * (1 / (1 + 1.2 * (0.25 + 0.75 * 1 / 2))))) < 1e-12)
    }
}
