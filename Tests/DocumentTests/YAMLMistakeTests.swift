// SPDX-License-Identifier: Apache-2.0
// YAMLMistakeTests: what is refused, with its place, and that no document can exhaust the host.

import CorralBase
import CorralDocument
import Testing

@Suite struct YAMLMistakeTests {
    struct Refused: CustomTestStringConvertible {
        let text: String
        let places: [String]
        let code: ErrorCode
        var testDescription: String { text }
    }

    static let refused: [Refused] = [
        Refused(text: "a: 1\nb: 2\na: 3\nb: 4\n", places: ["3:1", "4:1"], code: .yamlDuplicateKey),
        Refused(text: "x: {k: 1, \"k\": 2}", places: ["1:11"], code: .yamlDuplicateKey),
        Refused(text: "a: b: c\n", places: ["1:5"], code: .yamlInvalid),
        Refused(text: "a:\n\t- b\n", places: ["2:1"], code: .yamlInvalid),
        Refused(text: "a: [1, 2\n", places: ["2:1"], code: .yamlInvalid),
        Refused(text: "a: 'open\n", places: ["2:1"], code: .yamlInvalid),
        Refused(text: "é: \u{1}", places: ["1:4"], code: .yamlInvalid),
        Refused(text: "a: *nowhere\nb: *else\n", places: ["1:4", "2:4"], code: .yamlInvalid),
        Refused(text: "&a [*a]", places: ["1:5"], code: .yamlInvalid),
        Refused(text: "? [1]\n: 2\n", places: ["1:3"], code: .yamlUnsupported),
        Refused(text: "a: !python/object x\nb: !!binary aGk=\n", places: ["1:4", "2:4"], code: .yamlUnsupported),
        Refused(text: "a: !!int yes", places: ["1:4"], code: .yamlUnsupported),
        Refused(text: "a: !!set {x: 1}", places: ["1:4"], code: .yamlUnsupported),
        Refused(text: "[.inf, -.INF, .nan, 1e999]", places: ["1:2", "1:8", "1:15", "1:21"], code: .yamlUnsupported),
        Refused(text: "a: 1\n---\nb: 2\n", places: ["2:1"], code: .yamlUnsupported),
    ]

    @Test(arguments: refused) func pointsAtEveryMistake(_ refused: Refused) throws {
        let error = try #require(throws: DiagnosticsError.self) { try YAMLNode.parse(refused.text, file: "f") }
        #expect(error.diagnostics.map { "\($0.location.line):\($0.location.column)" } == refused.places)
        #expect(error.diagnostics.allSatisfy { $0.code == refused.code && $0.severity == .error })
    }

    @Test func stopsNestedAliases() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<30 {
            let below = "*a\(level - 1)"
            text += "a\(level): &a\(level) [" + Array(repeating: below, count: 10).joined(separator: ", ") + "]\n"
        }
        #expect(mistake(text)?.code == .yamlTooLarge)
    }

    @Test func stopsChainsOfAliasesThatOnlyGrowDeeper() {
        var text = "- &a0 [x]\n"
        for level in 1..<400 { text += "- &a\(level) [*a\(level - 1)]\n" }
        #expect(mistake(text)?.message == "nested deeper than 128 levels")
    }

    @Test(arguments: [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")])
    func stopsDeepNesting(_ brackets: (String, String)) {
        let text = String(repeating: brackets.0, count: 100_000) + String(repeating: brackets.1, count: 100_000)
        #expect(mistake(text) != nil)
    }

    @Test func stopsAtTheSizeLimits() {
        let large = String(repeating: "x", count: Limits.documentBytesMax + 1)
        #expect(mistake(large)?.code == .yamlTooLarge)
        let many = "[" + String(repeating: "1,", count: Limits.documentNodesMax + 1) + "]"
        #expect(mistake(many)?.code == .yamlTooLarge)
    }

    @Test func survivesAnyText() {
        let pieces = [
            "a", ": ", "- ", "\n", "  ", "[", "]", "{", "}", ",", "&x ", "*x", "!!int ", "|", ">", "'", "\"", "#", "? ",
            "---", "...", "%YAML 1.2", "\\", "\t", "é", "\u{0}", "\u{feff}", "1", ".inf", "~", "<<: ", "\r\n", "🐎",
        ]
        for seed in UInt64(0)..<4_000 {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 1...40, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            _ = try? YAMLNode.parse(text, file: "fuzz")?.json
        }
    }

    private func mistake(_ text: String) -> Diagnostic? {
        do throws(DiagnosticsError) {
            _ = try YAMLNode.parse(text, file: "f")
            return nil
        } catch { return error.diagnostics.first }
    }
}
