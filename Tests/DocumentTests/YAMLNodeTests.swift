// SPDX-License-Identifier: Apache-2.0
// YAMLNodeTests: what a document means and where each part of it stands.

import CorralBase
import CorralDocument
import Testing

@Suite struct YAMLNodeTests {
    struct Plain: CustomTestStringConvertible {
        let text: String
        let value: JSON
        var testDescription: String { text }
    }

    static let plainTexts: [Plain] = [
        Plain(text: "~", value: nil), Plain(text: "null", value: nil), Plain(text: "nULL", value: "nULL"),
        Plain(text: "true", value: true), Plain(text: "FALSE", value: false), Plain(text: "yes", value: "yes"),
        Plain(text: "off", value: "off"), Plain(text: "y", value: "y"), Plain(text: "24h", value: "24h"),
        Plain(text: "12:30", value: "12:30"), Plain(text: "0o17", value: 15), Plain(text: "017", value: 17),
        Plain(text: "0x1F", value: 31), Plain(text: "0xfg", value: "0xfg"), Plain(text: "0x", value: "0x"),
        Plain(text: "0x-1", value: "0x-1"), Plain(text: "-3", value: -3), Plain(text: "+3", value: 3),
        Plain(text: "- ", value: [nil]), Plain(text: "1.", value: 1.0), Plain(text: ".5", value: 0.5),
        Plain(text: "-.5e-3", value: -0.0005), Plain(text: "1e3", value: 1000.0), Plain(text: "1e", value: "1e"),
        Plain(text: ".", value: "."), Plain(text: "1.2.3", value: "1.2.3"), Plain(text: "1_000", value: "1_000"),
        Plain(text: "9223372036854775807", value: .int(.max)),
        Plain(text: "9223372036854775808", value: .double(9_223_372_036_854_775_808)),
        Plain(text: "-9223372036854775808", value: .int(.min)),
        Plain(text: "2026-11-24", value: "2026-11-24"), Plain(text: "\"1\"", value: "1"),
        Plain(text: "'it''s'", value: "it's"), Plain(text: "\"a\\tb\\u00e9\"", value: "a\tbé"),
        Plain(text: "|\n  a\n  b\n", value: "a\nb\n"), Plain(text: ">-\n  a\n  b\n", value: "a b"),
        Plain(text: "!!str 5", value: "5"), Plain(text: "! 5", value: "5"), Plain(text: "!!float 5", value: 5.0),
        Plain(text: "{\"a\": [1, 2.5, null, true], \"b\": {}}", value: ["a": [1, 2.5, nil, true], "b": [:]]),
    ]

    @Test(arguments: plainTexts) func readsTheCoreSchema(_ plain: Plain) throws {
        #expect(try YAMLNode.parse(plain.text, file: "f")?.json == plain.value)
    }

    @Test func knowsWhereEveryKeyAndValueStands() throws {
        let text = "a: 1\nb:\n  - x\n  - {c: 'y'}\n"
        let members = try #require(try YAMLNode.parse(text, file: "f.yaml")?.members)
        #expect(members.map(\.key.location) == [at(1, 1), at(2, 1)])
        #expect(members[0].value.location == at(1, 4))
        let items = try #require(members[1].value.elements)
        #expect(items.map(\.location) == [at(3, 5), at(4, 5)])
        let inner = try #require(items[1].members?.first)
        #expect(inner.key.location == at(4, 6))
        #expect(inner.value.scalar?.contentStart == at(4, 10))
    }

    @Test func placesTextInsideScalars() throws {
        let text = "é: \"ab cd\"\nblock: |\n    one\n    two\nfolded: >\n   x y\n"
        let node = try #require(try YAMLNode.parse(text, file: "f.yaml"))
        #expect(node["é"]?.scalar?.location(ofScalar: 3) == at(1, 8))
        #expect(node["block"]?.scalar?.location(ofScalar: 5) == at(4, 6))
        #expect(node["folded"]?.scalar?.location(ofScalar: 2) == at(6, 6))
    }

    @Test(arguments: ["", "   \n", "# only a comment\n", "---\n"]) func findsNothingInAnEmptyFile(_ text: String) throws
    {
        let node = try YAMLNode.parse(text, file: "f")
        #expect(node?.isNull ?? true)
    }

    @Test func keepsKeysAsWritten() throws {
        let node = try #require(try YAMLNode.parse("on: 1\n8080: 2\ntrue: 3\n'q': 4\n", file: "f"))
        #expect(node.members?.map(\.key.name) == ["on", "8080", "true", "q"])
        #expect(node.json == ["on": 1, "8080": 2, "true": 3, "q": 4])
    }

    @Test func repeatsAnchoredValues() throws {
        let node = try YAMLNode.parse("a: &x [1, 2]\nb: *x\nc: {d: *x}\n", file: "f")
        #expect(node?.json == ["a": [1, 2], "b": [1, 2], "c": ["d": [1, 2]]])
    }

    private func at(_ line: Int, _ column: Int) -> CorralBase.SourceLocation {
        CorralBase.SourceLocation(file: "f.yaml", line: line, column: column)
    }
}
