// SPDX-License-Identifier: Apache-2.0
// SuggestionTests: the nearest name is the one a person meant, and no name is better than a wild guess.

import CorralBase
import Testing

@Suite struct SuggestionTests {
    static let names = ["technical", "risk", "decide", "report", "load", "corral/market-data", "a"]

    @Test(arguments: [
        ("tecnical", "technical"), ("technicla", "technical"), ("Risk", "risk"), ("rsik", "risk"), ("reprot", "report"),
        ("laod", "load"), ("corral/marketdata", "corral/market-data"), ("loads", "load"), ("b", "a"),
    ]) func findsTheNearest(_ word: String, _ name: String) {
        #expect(nearestName(to: word, among: Self.names) == name)
        #expect(didYouMean(word, among: Self.names) == "did you mean \"\(name)\"?")
    }

    @Test(arguments: ["", "something else entirely", "xyz", "lxxd", String(repeating: "a", count: 1000)])
    func staysSilentWhenNothingIsNear(_ word: String) {
        #expect(nearestName(to: word, among: ["load", "report"]) == nil)
        #expect(didYouMean(word, among: [String]()) == nil)
    }

    @Test func prefersTheFirstOfEquallyNearNames() {
        #expect(nearestName(to: "cat", among: ["bat", "car", "cats"]) == "bat")
    }
}
