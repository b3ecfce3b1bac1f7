// SPDX-License-Identifier: Apache-2.0
// BoundTests: no text and no data make an expression run long, grow large or trap.

import CorralBase
import CorralExpression
import Testing

@Suite struct BoundTests {
    static let costly = [
        "l.all(a, l.all(b, l.all(c, l.all(d, true))))",
        "l.map(a, l.map(b, l.map(c, l.map(d, d))))",
        "l.exists(a, l.exists(b, l.exists(c, l.exists(d, false)))) || true",
        "true || l.map(a, a).size() > 0 && l.all(a, l.all(b, l.all(c, l.all(d, true))))",
        "l.map(a, l + l + l + l + l + l + l + l + l + l).map(x, x + x + x + x + x + x + x + x).size()",
        "l.all(a, l.all(b, l.all(c, big == big)))",
        "l.map(a, l.map(b, s + s + s + s + s + s + s + s)).size()",
        "l.all(a, l.all(b, s.contains('aaaaaaaaaaaaaaaaab') || s.matches('(a*)*b') || true))",
    ]

    @Test(arguments: costly) func stopsAtTheCostLimit(_ text: String) throws {
        let ones = JSON.array(Array(repeating: 1, count: 60))
        let bindings: [String: JSON] = [
            "l": ones, "big": .array(Array(repeating: ones, count: 60)),
            "s": .string(String(repeating: "a", count: 2000)),
        ]
        let expression = try Expression(parsing: text)
        if text.hasPrefix("true ||") {
            #expect(try expression.json(bindings) == true)
        } else {
            let error = try #require(throws: ExpressionError.self) { try expression.json(bindings) }
            #expect(error.code == .expressionTooCostly)
        }
    }

    @Test func doublingValuesCannotBecomeLargeJSON() throws {
        let text = "[1]" + String(repeating: ".map(a, [a, a])", count: 40)
        let error = try #require(throws: ExpressionError.self) {
            try Expression(parsing: text).json([String: JSON]())
        }
        #expect(error.code == .expressionTooCostly)
    }

    @Test func absorbedErrorsAreCheap() throws {
        let keys = JSON.object(JSONObject((0..<20_000).map { ("key\($0)", .int($0)) }))
        let bindings: [String: JSON] = [
            "l": .array(Array(repeating: 1, count: 150)), "big": keys,
            "s": .string(String(repeating: "x\u{301}", count: 50_000)),
        ]
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            for text in [
                "l.all(a, l.all(b, big.zzz == 1 || true))", "l.all(a, l.all(b, int(s) == 1 || true))",
                "l.all(a, l.all(b, 'a'.matches('(a{900}){900}' + 'b') || true))",
            ] { _ = try? Expression(parsing: text).json(bindings) }
        }
        // Looking for the nearest of the keys each time, or counting the text, would take many minutes.
        #expect(elapsed < .seconds(60))
    }

    @Test func severalExpressionsCanShareABound() throws {
        var meter = ExpressionMeter(left: 1000)
        let expression = try Expression(parsing: "l.map(a, a + 1)")
        let bindings: [String: JSON] = ["l": .array(Array(repeating: 1, count: 50))]
        var error: ExpressionError?
        for _ in 0..<20 where error == nil {
            do throws(ExpressionError) { _ = try expression.json(bindings, &meter) } catch let caught { error = caught }
        }
        #expect(error?.code == .expressionTooCostly)
        #expect(error?.message.hasPrefix("the expressions of this step") == true)
    }

    @Test func nestingIsBounded() {
        let deep: [String] = [
            String(repeating: "(", count: 8000) + "1" + String(repeating: ")", count: 8000),
            String(repeating: "[", count: 8000), String(repeating: "{'a':", count: 3000),
            String(repeating: "!", count: 16_000) + "true",
            String(repeating: "- ", count: 8000) + "1", "1" + String(repeating: "+1", count: 8000),
            "a" + String(repeating: ".b", count: 8000), "a" + String(repeating: "[0]", count: 5000),
            String(repeating: "a?b:", count: 4000) + "c", String(repeating: "size(", count: 3000),
            String(repeating: "a[", count: 8000),
            "'a'.matches('" + String(repeating: "(", count: 8000) + "')",
            "a" + String(repeating: ".map(a,a)", count: 1500),
        ]
        for text in deep { #expect(throws: ExpressionError.self) { try Expression(parsing: text) } }
        #expect(throws: ExpressionError.self) { try Expression(parsing: String(repeating: " ", count: 20_000) + "1") }
    }

    @Test func ordinaryChainsFit() throws {
        let logic = Array(repeating: "a", count: 2000).joined(separator: " && ")
        #expect(try Expression(parsing: logic).json(["a": true]) == true)
        let sum = Array(repeating: "1", count: 200).joined(separator: " + ")
        #expect(try Expression(parsing: sum).json([String: JSON]()) == 200)
    }

    @Test func readingAMemberOfALargeValueCostsNothing() throws {
        let bars = JSON.array((0..<50_000).map { ["close": .int($0), "volume": 1] })
        let expression = try Expression(parsing: "load.bars")
        let clock = ContinuousClock()
        let elapsed = try clock.measure {
            for _ in 0..<1000 { _ = try expression.json(["load": ["bars": bars]]) }
        }
        // A copy of the value would take over ten milliseconds each time.
        #expect(elapsed < .seconds(2))
    }

    @Test func patternsAreLinear() throws {
        let text = String(repeating: "a", count: 5000)
        for pattern in ["(a*)*b", "(a|a)*b", "(a|aa)+$b", "(a?){50}b", "(.*)(.*)(.*)(.*)b"] {
            let expression = try Expression(parsing: "s.matches('\(pattern)')")
            #expect(try expression.json(["s": .string(text)]) == false)
        }
    }

    @Test func survivesAnyText() {
        let pieces = [
            "a", "x", "1", "1u", "0x", ".5", "1e", "'s'", "r'", "b'\\xff'", "\"", "'''", "(", ")", "[", "]", "{", "}",
            ",", ":",
            "?", ".", "+", "-", "*", "/", "%", "!", "&&", "||", "==", "!=", "<", ">=", " in ", "has(", ".all(x,",
            ".map(x,", ".filter(",
            "size(", ".matches('", "int(", "timestamp('", "duration('1h')", "//", "\n", "`", "\\", "é", "🐎", "null",
            "true", "${", "}", "$$",
            "9223372036854775807", "-", "l", "m", ".exists_one(y,", "type(", "string(", "[0]", "(?i)", "a{2,3}", "[^",
            "\\d",
        ]
        let bindings: [String: JSON] = ["a": 1, "x": "s", "l": [1, 2.5, "z", nil], "m": ["a": [1], "b": true]]
        for seed in UInt64(0)..<20_000 {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 1...24, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            _ = try? Expression(parsing: text).json(bindings)
            _ = try? Template(parsing: text).json(bindings)
        }
    }

    @Test func survivesMutatedExpressions() {
        let seeds = ConformanceTests.all.joined().map { Array($0.text.unicodeScalars) }
        for (index, original) in seeds.enumerated() {
            for round in UInt64(0)..<30 {
                var generator = SeededGenerator(seed: UInt64(index) << 16 | round)
                var scalars = original
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let other = seeds.randomElement(using: &generator) ?? original
                    let place = Int.random(in: 0...scalars.count, using: &generator)
                    let piece = other.shuffled(using: &generator).prefix(Int.random(in: 0...4, using: &generator))
                    let end = min(scalars.count, place + Int.random(in: 0...3, using: &generator))
                    scalars.replaceSubrange(place..<end, with: piece)
                }
                _ = try? Expression(parsing: String(String.UnicodeScalarView(scalars))).json(ConformanceTests.bindings)
            }
        }
    }
}
