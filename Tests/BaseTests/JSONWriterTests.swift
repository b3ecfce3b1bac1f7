// SPDX-License-Identifier: Apache-2.0
// JSONWriterTests: what is written is read back as the same value, and equal values have equal canonical bytes.

import CorralBase
import Testing

@Suite struct JSONWriterTests {
    @Test func writesEachForm() throws {
        let value: JSON = ["b": [1, 2.0, nil], "a": ["x": "\"\\\n\u{1}é"], "e": [:], "l": []]
        #expect(value.text() == #"{"b":[1,2.0,null],"a":{"x":"\"\\\n\u0001é"},"e":{},"l":[]}"#)
        #expect(value.text(.canonical) == #"{"a":{"x":"\"\\\n\u0001é"},"b":[1,2.0,null],"e":{},"l":[]}"#)
        #expect(
            value.text(.pretty) == """
                {
                  "b": [
                    1,
                    2.0,
                    null
                  ],
                  "a": {
                    "x": "\\"\\\\\\n\\u0001é"
                  },
                  "e": {},
                  "l": []
                }
                """)
    }

    @Test func sortsCanonicalNamesByBytes() {
        let value: JSON = ["é": 1, "z": 2, "Z": 3, "a\u{0}": 4, "a": 5, "🐎": 6, "\u{FFFD}": 7]
        #expect(value.text(.canonical) == "{\"Z\":3,\"a\":5,\"a\\u0000\":4,\"z\":2,\"é\":1,\"\u{FFFD}\":7,\"🐎\":6}")
    }

    @Test func equalValuesHaveEqualCanonicalBytes() throws {
        let one = try JSON(parsing: #"{"b": {"y": 1, "x": [2]}, "a": "\u0041"}"#)
        let other = try JSON(parsing: #"{"a":"A","b":{"x":[2],"y":1}}"#)
        #expect(one == other)
        #expect(one.bytes(.canonical) == other.bytes(.canonical))
        #expect(one.hashValue == other.hashValue)
    }

    @Test(
        arguments: [
            (0.1, "0.1"), (1.0, "1.0"), (-0.0, "-0.0"), (1e21, "1e+21"), (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (.nan, "null"), (.infinity, "null"),
        ] as [(Double, String)]) func writesDoubles(_ number: Double, _ text: String)
    {
        #expect(JSON.double(number).text() == text)
    }

    @Test func readsBackWhatItWrites() throws {
        for seed in UInt64(0)..<3000 {
            var generator = SeededGenerator(seed: seed)
            let value = randomValue(&generator, depth: 0)
            for form in [JSON.Form.compact, .canonical, .pretty] {
                #expect(try JSON(parsing: value.bytes(form)) == value, "seed \(seed)")
            }
        }
    }

    private func randomValue(_ generator: inout SeededGenerator, depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .int(Int64(truncatingIfNeeded: generator.next()) >> Int64.random(in: 0..<64, using: &generator))
        case 3:
            let number = Double(bitPattern: generator.next())
            return .double(number.isFinite ? number : 0)
        case 4: return .string(randomText(&generator))
        case 5:
            return .array(
                (0..<Int.random(in: 0..<4, using: &generator)).map { _ in randomValue(&generator, depth: depth + 1) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
                        (randomText(&generator), randomValue(&generator, depth: depth + 1))
                    }))
        }
    }

    private func randomText(_ generator: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<8, using: &generator) {
            let range: ClosedRange<UInt32> = Bool.random(using: &generator) ? 0...0x7F : 0...0x10FFFF
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) { text.append(scalar) }
        }
        return String(text)
    }
}
