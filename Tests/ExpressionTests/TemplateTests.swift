// SPDX-License-Identifier: Apache-2.0
// TemplateTests: `${…}` in texts.

import CorralBase
import CorralExpression
import Testing

@Suite struct TemplateTests {
    static let bindings: [String: JSON] = ["n": 5, "d": 2.0, "s": "text", "l": [1, 2], "m": ["a": nil], "none": nil]

    @Test(
        arguments: [
            ("${n}", 5), ("${d}", 2.0), ("${l}", [1, 2]), ("${none}", nil), ("${m.a == null}", true),
            ("plain", "plain"), ("", ""),
            ("n is ${n}", "n is 5"), ("${s}${s}", "texttext"), (" ${n}", " 5"),
            ("${d} ${l} ${m} ${none}", "2 [1,2] {\"a\":null} null"),
            ("$${n}", "${n}"), ("cost: $5", "cost: $5"), ("$", "$"), ("$${", "${"), ("${'}'}", "}"),
            ("${{'a': {'b': n}}.a.b}", 5),
            ("${\"${n}\"}", "${n}"), ("a$$b", "a$$b"), ("${n} // not a comment", "5 // not a comment"),
        ] as [(String, JSON)]) func fillsIn(_ text: String, _ value: JSON) throws
    {
        #expect(try Template(parsing: text).json(Self.bindings) == value)
    }

    @Test(arguments: [
        ("${", 1), ("a ${n", 3), ("${}", 3), ("x ${n +}", 8), ("é ${n + nope}", 9), ("${n}${1 / 0}", 9),
    ]) func pointsIntoTheText(_ text: String, _ column: Int) throws {
        let error = try #require(throws: ExpressionError.self) { try Template(parsing: text).json(Self.bindings) }
        #expect(error.offset + 1 == column, "\(error.message)")
    }

    @Test func tellsWhatItReads() throws {
        let template = try Template(
            parsing: "a ${load.bars[0].close + load.x} ${l.map(i, i + k)}${has(m.a.b)} ${m['q'].z}")
        let found = template.references.map { ([$0.root] + $0.path).joined(separator: ".") + ($0.isTest ? "?" : "") }
        #expect(found == ["load.bars", "load.x", "l", "k", "m.a.b?", "m.q.z"])
        #expect(template.references.map(\.offset) == [4, 25, 35, 48, 57, 67])
    }

    @Test func knowsVariablesOfMacros() throws {
        let expression = try Expression(parsing: "l.map(x, x + x.map(y, y + z)) + x")
        #expect(expression.references.map(\.root) == ["l", "z", "x"])
    }
}
