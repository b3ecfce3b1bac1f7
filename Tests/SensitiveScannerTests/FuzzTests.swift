// SPDX-License-Identifier: Apache-2.0
import SensitiveScanner
import Testing

@Suite struct FuzzTests {
    /// Bytes of any kind, invalid UTF-8 among them: nothing traps, every range lies in the text, the same text gives the
    /// same findings, and the work stays bounded.
    @Test(arguments: 0..<8) func survivesAnything(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let pieces = FindingTests.planted.map { Array($0.text.utf8) } + LinearTests.hostile.map { Array($0.utf8) }
        for _ in 0..<250 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                switch Int.random(in: 0...3, using: &random) {
                case 0:
                    bytes += (0..<Int.random(in: 0...40, using: &random)).map { _ in
                        .random(in: 0...255, using: &random)
                    }
                case 1: bytes += pieces[Int.random(in: 0..<pieces.count, using: &random)]
                case 2:
                    bytes += pieces[Int.random(in: 0..<pieces.count, using: &random)].prefix(
                        Int.random(in: 0...30, using: &random))
                default: bytes += Array("0123456789 -.@:/+()".utf8).shuffled(using: &random)
                }
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            let (found, examined) = try Shared.examined(bytes)
            #expect(examined <= 600 * (bytes.count + 64))
            var last = 0
            for finding in found {
                #expect(finding.range.lowerBound >= last && finding.range.upperBound <= bytes.count)
                #expect((0...1).contains(finding.confidence))
                last = finding.range.upperBound
            }
            #expect(try Shared.examined(bytes).found == found)
        }
    }

    /// Ranges are of whole characters, so that replacing them leaves a text.
    @Test func cutsNoCharacter() throws {
        for text in ["üalice@exämple.comü", "ñ4111111111111111ñ", "«bob@example.com»", "密码password=秘密s3cret！"] {
            for finding in try Shared.scan(text) {
                let bytes = Array(text.utf8)[finding.range]
                #expect(String(validating: bytes, as: UTF8.self) != nil, "\(text)")
            }
        }
    }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
