// SPDX-License-Identifier: Apache-2.0
// JSONParserTests: RFC 8259 to the letter, with the place of each mistake, and nothing that traps.

import CorralBase
import Testing

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", nil), (" true ", true), ("false", false), ("0", 0), ("-0", -0.0), ("-0.0", -0.0), ("12", 12),
            ("-12", -12),
            ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.0", 1.0), ("1e2", 100.0), ("1E-2", 0.01),
            ("1.5e+3", 1500.0), ("1e-400", 0.0), ("\"\"", ""), ("\"a\"", "a"),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{08}\u{0C}\n\r\t"),
            (#""\u00e9\u0000""#, "é\u{0}"), (#""\ud83d\udc0e""#, "🐎"), ("\"🐎é\"", "🐎é"), ("[]", []),
            ("[ 1 , [ ] ]", [1, []]), ("{}", [:]),
            ("{\"a\":1,\"b\":{\"c\":[null]}}", ["a": 1, "b": ["c": [nil]]]), ("\t\r\n[1]\n", [1]),
            ("{\"\":\"\"}", ["": ""]),
        ] as [(String, JSON)]) func reads(_ text: String, _ value: JSON) throws
    {
        let parsed = try JSON(parsing: text)
        #expect(parsed == value)
        #expect(parsed.typeName == value.typeName)
    }

    struct Mistake: CustomTestStringConvertible {
        let text: String
        let place: String
        var testDescription: String { text }

        init(_ text: String, _ place: String) { (self.text, self.place) = (text, place) }
    }

    static let mistakes: [Mistake] = [
        Mistake("", "line 1, column 1"), Mistake("  ", "line 1, column 3"), Mistake("nul", "line 1, column 1"),
        Mistake("nulll", "line 1, column 5"),
        Mistake("True", "line 1, column 1"), Mistake("01", "line 1, column 1"), Mistake("-01", "line 1, column 1"),
        Mistake("-", "line 1, column 2"),
        Mistake("+1", "line 1, column 1"), Mistake(".5", "line 1, column 1"), Mistake("1.", "line 1, column 3"),
        Mistake("1e", "line 1, column 3"),
        Mistake("1e+", "line 1, column 4"), Mistake("0x1", "line 1, column 2"), Mistake("1e999", "line 1, column 1"),
        Mistake("NaN", "line 1, column 1"),
        Mistake("Infinity", "line 1, column 1"), Mistake("\"a", "line 1, column 1"),
        Mistake("\"a\n\"", "line 1, column 3"), Mistake("\"\\x\"", "line 1, column 2"),
        Mistake("\"\\u12\"", "line 1, column 2"), Mistake("\"\\ud800\"", "line 1, column 2"),
        Mistake("\"\\udc00\"", "line 1, column 2"),
        Mistake("\"\\ud800\\ud800\"", "line 1, column 2"), Mistake("\"\\ud800\\n\"", "line 1, column 2"),
        Mistake("'a'", "line 1, column 1"),
        Mistake("[1,]", "line 1, column 4"), Mistake("[1 2]", "line 1, column 4"), Mistake("[", "line 1, column 2"),
        Mistake("]", "line 1, column 1"),
        Mistake("{\"a\":1,}", "line 1, column 8"), Mistake("{a:1}", "line 1, column 2"),
        Mistake("{\"a\" 1}", "line 1, column 6"), Mistake("{\"a\":}", "line 1, column 6"),
        Mistake("{\"a\":1,\"a\":2}", "line 1, column 8"), Mistake("{\"a\":null,\"a\":1}", "line 1, column 11"),
        Mistake("{\"a\":1,\"\\u0061\":2}", "line 1, column 8"),
        Mistake("1 2", "line 1, column 3"), Mistake("[1]\n]", "line 2, column 1"),
        Mistake("{\n  \"a\": tru\n}", "line 2, column 8"), Mistake("// c\n1", "line 1, column 1"),
        Mistake("\u{FEFF}1", "line 1, column 1"), Mistake("\u{A0}1", "line 1, column 1"),
        Mistake("1\u{0}", "line 1, column 2"),
    ]

    @Test(arguments: mistakes) func refuses(_ mistake: Mistake) throws {
        let error = try #require(throws: CorralError.self) { try JSON(parsing: mistake.text) }
        #expect(error.code == .jsonInvalid)
        #expect(error.message.contains("\(mistake.place):"), "\(error.message)")
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE9, 0x22],
            [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ] as [[UInt8]])
    func refusesBrokenUTF8(_ bytes: [UInt8]) {
        #expect(throws: CorralError.self) { try JSON(parsing: bytes) }
    }

    @Test func nestsAsDeepAsTheLimitAndNoDeeper() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSON(parsing: nested(Limits.jsonDepthMax))
        #expect(throws: CorralError.self) { try JSON(parsing: nested(Limits.jsonDepthMax + 2)) }
        #expect(throws: CorralError.self) { try JSON(parsing: String(repeating: "[", count: 1 << 20)) }
        #expect(throws: CorralError.self) { try JSON(parsing: String(repeating: "{\"a\":", count: 1 << 18)) }
        #expect(throws: CorralError.self) { try JSON(parsing: "[[1]]", depthMax: 1) }
    }

    @Test func longNumbersAndTextsAreNoTrouble() throws {
        let digits = String(repeating: "9", count: 300)
        #expect(try JSON(parsing: digits).doubleValue == 1e300)
        #expect(throws: CorralError.self) { try JSON(parsing: String(repeating: "9", count: 100_000)) }
        #expect(try JSON(parsing: "0." + String(repeating: "0", count: 100_000) + "1") == 0.0)
        let text = String(repeating: "é\\n", count: 100_000)
        #expect(try JSON(parsing: "\"\(text)\"").stringValue?.unicodeScalars.count == 200_000)
    }

    @Test func quotesOnlyTheStartOfALongName() throws {
        let name = String(repeating: "x\u{301}", count: 10_000)
        let error = try #require(throws: CorralError.self) { try JSON(parsing: "{\"\(name)\":1,\"\(name)\":2}") }
        #expect(error.message.utf8.count < 400)
    }

    @Test func keepsTheOrderOfMembers() throws {
        #expect(try JSON(parsing: "{\"b\":1,\"a\":2,\"c\":3}").objectValue?.keys == ["b", "a", "c"])
    }

    @Test func survivesAnyBytes() {
        let pieces: [[UInt8]] =
            [
                "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "d83d", "\\udc0e", "null", "true", "-", "0", "1", ".",
                "e", "E+", " ", "\n", "a", "é", "\"a\":",
            ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0x00], [0x1F]]
        for seed in UInt64(0)..<30_000 {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 1...30, using: &generator)
            let bytes = (0..<count).flatMap { _ in pieces.randomElement(using: &generator) ?? [] }
            guard let value = try? JSON(parsing: bytes) else { continue }
            #expect((try? JSON(parsing: value.bytes())) == value, "seed \(seed)")
        }
    }
}
