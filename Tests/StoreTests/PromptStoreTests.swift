// SPDX-License-Identifier: Apache-2.0
// PromptStoreTests: versions of prompts stay as they were written, and labels remember where they have been.

import CorralBase
import Testing

@testable import CorralStore

@Suite struct PromptStoreTests {
    let home: StoreHome
    let store: TenantStore
    let key: PromptKey

    init() throws {
        home = try StoreHome()
        store = try home.open()
        key = PromptKey(plugin: try PluginID("acme/greeter"), name: "greet")
    }

    private func add(_ text: String, _ source: String = "operator") throws -> Int {
        try store.addPromptVersion(key, text: text, note: "n", source: source, author: "ann", now: 5)
    }

    @Test func versionsOutliveTheStoreByteForByte() throws {
        let long = "ä\n" + String(repeating: "x", count: 100_000)
        #expect(try add("one") == 1 && add(long, "review") == 2)
        let again = try home.open()
        #expect(try again.promptContent(key, 1)?.text == "one")
        #expect(try again.promptContent(key, 2)?.text == long)
        #expect(try again.promptContent(key, 3) == nil)
        let versions = try again.promptVersions(key)
        #expect(versions.map(\.version) == [1, 2] && versions.map(\.source) == ["operator", "review"])
        #expect(versions.allSatisfy { $0.state == .proposed && $0.author == "ann" && $0.createdAt == 5 })
        #expect(try again.promptKeys() == [key])
    }

    @Test func collectingGarbageLeavesVersions() throws {
        _ = try add("kept")
        let day: Int64 = 86_400_000_000_000
        _ = try store.collectGarbage(now: 10 * day)
        #expect(try store.promptContent(key, 1)?.text == "kept")
    }

    @Test func labelsMoveAndRemember() throws {
        _ = try add("one")
        try store.decidePrompt(key, 1, .approved, label: "production", by: "bob", now: 6)
        #expect(try store.promptLabels(key) == ["production": 1])
        try store.movePromptLabel(key, "staging", to: 0, by: "ann", now: 7)
        try store.movePromptLabel(key, "production", to: nil, by: "ann", now: 8)
        #expect(try store.promptLabels(key) == ["staging": 0])
        #expect(try store.promptMoves(key).map(\.version) == [nil, 0, 1])
        #expect(try store.promptMoves(key, label: "production", limit: 1).map(\.actor) == ["ann"])
        let decided = try #require(try store.promptVersions(key).first)
        #expect(decided.state == .approved && decided.decidedBy == "bob" && decided.decidedAt == 6)
        let other = PromptKey(plugin: key.plugin, name: "other")
        #expect(try store.promptLabels(other).isEmpty && store.promptVersions(other).isEmpty)
    }
}
