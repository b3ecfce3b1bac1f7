// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@testable import MarketData

/// Whatever the bytes, the reader answers with bars that hold together or with a `DataFault`; it never traps.
@Suite struct FuzzTests {
    @Test(arguments: 0..<8) func survivesMangledFiles(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let seeds = FormatTests.formats.map { Array($0.text.utf8) }
        for _ in 0..<150 {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...12, using: &random) { mangle(&bytes, &random) }
            try check(bytes)
            if Int.random(in: 0..<10, using: &random) == 0 {
                var packed = gzip(bytes)
                mangle(&packed, &random)
                try check(packed)
            }
        }
    }

    @Test func survivesNoise() throws {
        var random = SeededRandom(seed: 99)
        for length in 0..<300 {
            try check((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
            try check((0..<length).map { _ in Self.alphabet.randomElement(using: &random) ?? 0 })
        }
    }

    private static let alphabet = Array("0123456789-/.,;:\"\n\r TZ+eE$%KMnaJanPM|\t#".utf8)

    private func mangle(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let at = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where !bytes.isEmpty: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1 where !bytes.isEmpty: bytes[at] = Self.alphabet.randomElement(using: &random) ?? 0
        case 2 where !bytes.isEmpty: bytes.remove(at: at)
        case 3:
            bytes.insert(
                contentsOf: Array("99999999999999999999".utf8.prefix(Int.random(in: 1...20, using: &random))), at: at)
        case 4: bytes.insert(Self.alphabet.randomElement(using: &random) ?? 0, at: at)
        case 5: bytes.insert(contentsOf: bytes.suffix(40), at: at)
        default: break
        }
    }

    private func check(_ bytes: [UInt8]) throws {
        do {
            let history = try PriceFile.read(bytes)
            let rows = history.quality.rows
            #expect(history.bars.flaw == nil, "\(bytes)")
            #expect(rows.total == rows.used + rows.bad + rows.impossible + rows.duplicates + rows.otherSymbols)
            #expect(rows.used == history.count)
        } catch let fault as DataFault {
            #expect(!fault.message.isEmpty && !fault.hint.isEmpty)
        }
    }
}
