// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import PortfolioManager

/// Against the rules written down a second time in Python; `reference/make_reference.py` says how.
@Suite struct ReferenceTests {
    struct Reference: Decodable {
        struct Expected: Decodable {
            let action: String
            let weight: Double
            let score: Double
            let confidence: Double
            let parts: [String: Double]
        }
        struct Case: Decodable {
            let evidence: Evidence
            let expected: Expected
        }
        let cases: [Case]
    }

    @Test func decidesAsThePythonRulesDo() throws {
        let reference = try JSONDecoder().decode(Reference.self, from: Sample.file("reference/reference.json"))
        #expect(Set(reference.cases.map(\.expected.action)) == ["buy", "hold", "sell"])
        for (index, item) in reference.cases.enumerated() {
            let decision = try Decision.make(item.evidence, previous: item.evidence.previous)
            let expected = item.expected
            #expect(decision.action.rawValue == expected.action, "case \(index)")
            #expect(abs(decision.score - expected.score) < 1e-12, "case \(index)")
            #expect(
                abs(decision.weight - expected.weight) < 6e-5, "case \(index): \(decision.weight), \(expected.weight)")
            #expect(abs(decision.confidence - expected.confidence) < 6e-5, "case \(index)")
            #expect(Set(decision.contributions.map(\.factor)) == Set(expected.parts.keys), "case \(index)")
            for part in decision.contributions {
                #expect(abs(part.contribution - (expected.parts[part.factor] ?? .nan)) < 1e-12, "case \(index)")
            }
            let sum = decision.contributions.map(\.contribution).reduce(0, +)
            #expect(abs(sum - decision.score) < 1e-12, "the reasons sum to the score")
            #expect((0...1).contains(decision.confidence))
            _ = try JSONEncoder().encode(decision)
        }
    }
}
