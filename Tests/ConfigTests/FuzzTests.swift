// SPDX-License-Identifier: Apache-2.0
// FuzzTests: no text can stop the host. Mutated reference files either load or are refused with a place in the text.

import CorralBase
import CorralConfig
import Testing

@Suite struct FuzzTests {
    @Test(arguments: fixtureNames) func mutatedFilesNeverTrap(_ name: String) throws {
        let original = Array(try fixture(name).text.utf8)
        for seed in 0..<400 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let text = String(decoding: Self.mutate(original, &generator), as: UTF8.self)
            do throws(DiagnosticsError) {
                let file = ConfigurationFile(path: "f", text: text)
                let loaded = try Configuration.resolve([file], environment: .empty)
                #expect(
                    !CheckReport(loaded).text.isEmpty && !ShowReport(loaded).text(hasOrigins: true).isEmpty, "\(seed)")
            } catch {
                #expect(error.diagnostics.contains { $0.severity == .error }, "seed \(seed)")
                let lines = text.utf8.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 2
                #expect(error.diagnostics.allSatisfy { (1...lines).contains($0.location.line) }, "seed \(seed)")
            }
        }
    }

    /// Text that was quoted is quoted for good.
    @Test func quotingTwiceIsQuotingOnce() throws {
        let original = Array(try fixture("cost_management_config.yaml").text.utf8)
        for seed in 0..<1000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let once = QuotedText(String(decoding: Self.mutate(original, &generator), as: UTF8.self))
            #expect(QuotedText(once.text).rules == [], "seed \(seed)")
        }
    }

    private static let tokens = [
        "${", "}", "$${", ": ", " -> use: ", "\"", "'", "[", "]", "{", "- ", "\n", "\r\n", "\t", "#", "&a ", "*a",
        "|\n", "-1",
        "9223372036854775808", "1e309", "99999999999999999999h", "~", "\u{0}", "é", "\u{202E}", "🐎", "%", "/",
        "enabled",
    ].map { Array($0.utf8) }

    private static func mutate(_ original: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            let length = min(Int.random(in: 0...12, using: &generator), bytes.count - place)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes.removeSubrange(place..<place + length)
            case 1: bytes.insert(contentsOf: tokens.randomElement(using: &generator) ?? [], at: place)
            case 2:
                bytes.insert(
                    contentsOf: bytes[place..<place + length], at: Int.random(in: 0...bytes.count, using: &generator))
            default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            }
        }
        return bytes
    }
}
