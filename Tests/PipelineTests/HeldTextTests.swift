// SPDX-License-Identifier: Apache-2.0
import CorralPipeline
import Testing

@Suite struct HeldTextTests {
    private static let values = [
        "4111 1111 1111 1111", "alice@example.com", "GB82 WEST 1234 5698 7654 32",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nIBADAN\n-----END PRIVATE KEY-----",
    ]

    /// What a scanner would find: whole values, and a key as far as it has come.
    private static func findings(in text: String) -> [Finding] {
        let bytes = Array(text.utf8)
        var found = values.flatMap { ranges(of: Array($0.utf8), in: bytes) }
        let start = Array("-----BEGIN PRIVATE KEY-----".utf8)
        if let open = ranges(of: start, in: bytes).last, !found.contains(where: { $0.lowerBound == open.lowerBound }) {
            found.append(open.lowerBound..<bytes.count)
        }
        return found.sorted { $0.lowerBound < $1.lowerBound }.map {
            Finding(range: $0, foundClass: "x", severity: "high", confidence: 1, redaction: "[x]")
        }
    }

    private static func ranges(of part: [UInt8], in bytes: [UInt8]) -> [Range<Int>] {
        guard bytes.count >= part.count else { return [] }
        return (0...(bytes.count - part.count)).filter { bytes[$0] == part[0] && bytes[$0...].starts(with: part) }
            .map { $0..<$0 + part.count }
    }

    /// Whatever the pieces, nothing is lost or doubled, and every value is replaced.
    @Test(arguments: [1, 2, 3, 7, 16, 61, 500])
    func cutsNoValue(_ size: Int) {
        let prose = String(repeating: "some words between them ", count: 20)
        let text = Self.values.map { prose + $0 + "\n" + prose + $0 + " " }.joined() + Self.values[3]
        var held = HeldText()
        var shown = ""
        var rest = Substring(text)
        while !rest.isEmpty {
            held.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
            if held.hasBorder { shown += held.release(Self.findings(in: held.text), isEnd: false) }
        }
        shown += held.release(Self.findings(in: held.text), isEnd: true)
        #expect(held.isEmpty)
        #expect(shown == Self.values.reduce(text) { $0.replacing($1, with: "[x]") })
    }

    @Test func letsWholeLinesGoAtOnce() {
        var held = HeldText()
        held.append("one\ntwo\nthr")
        #expect(held.release([], isEnd: false) == "one\ntwo\n")
        held.append("ee\n")
        #expect(held.release([], isEnd: false) == "three\n")
        #expect(held.isEmpty)
    }

    /// No input makes it keep more than the longest key.
    @Test(arguments: ["a", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----\n", " ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "])
    func keepsABoundedPart(_ unit: String) {
        var held = HeldText()
        for _ in 0..<40 {
            held.append(String(repeating: unit, count: 4_096 / unit.utf8.count))
            let all = Finding(
                range: 0..<held.text.utf8.count, foundClass: "x", severity: "high", confidence: 1, redaction: "[x]")
            _ = held.release([all], isEnd: false)
            #expect(held.text.utf8.count <= 52 << 10)
        }
    }
}
