// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CorralSDK

/// The SDK's own JSON, held against Foundation's where that knows the answer.
struct JSONTests {
    struct Everything: Codable, Equatable {
        var text = "a\"\\\n\u{1}é😀"
        var small: Int8 = -128
        var large = UInt64.max
        var double = 0.1
        var float: Float = 1.5
        var missing: Int?
        var flags = [true, false]
        var nested = [[1, 2], []]
        var optionals: [Double?] = [1, nil]
        var byName = ["b": [1.5], "a": []]
        var choice = Choice.pair(1, second: "two")
        enum Choice: Codable, Equatable { case pair(Int, second: String), none }
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONReader.value(type, from: Array(text.utf8), named: "input")
    }

    private func written<Value: Encodable>(_ value: Value) throws -> String {
        String(decoding: try JSONWriter.bytes(of: value, named: "result"), as: UTF8.self)
    }

    @Test func givesBackWhatItWrote() throws {
        let text = try written(Everything())
        #expect(try read(Everything.self, text) == Everything())
        #expect(try JSONDecoder().decode(Everything.self, from: Data(text.utf8)) == Everything())
        #expect(text.contains(#""byName":{"a":[],"b":[1.5]}"#))
    }

    @Test func readsWhatFoundationWrites() throws {
        let data = try JSONEncoder().encode(Everything())
        #expect(try JSONReader.value(Everything.self, from: Array(data), named: "input") == Everything())
    }

    @Test func readsEscapes() throws {
        #expect(try read(String.self, #""\u0041\u00e9\uD83D\uDE00\/\b\f""#) == "Aé😀/\u{8}\u{c}")
        for wrong in [#""\uD83D""#, #""\uD83Dx""#, #""\u12G4""#, #""\q""#, #""\uDE00""#] {
            #expect(throws: AgentError.self) { try read(String.self, wrong) }
        }
    }

    @Test func roundsNumbersAsFoundationDoes() throws {
        var random = SplitMix(seed: 20_261_124)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = "\(value)"
            #expect(try read(Double.self, text) == value)
            let short =
                "\(Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 60))e-\(random.next() % 30)"
            #expect(try read(Double.self, short) == Double(short))
            let price = "\(random.next() % 100_000).\(random.next() % 1_000_000)"
            #expect(try read([Double].self, "[\(price)]") == [Double(price)])
        }
    }

    @Test(arguments: [
        ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("5.0", 5), ("1e3", 1000), ("-0", 0),
    ])
    func readsWholeNumbers(text: String, value: Int) throws {
        #expect(try read(Int.self, text) == value)
    }

    @Test(arguments: ["9223372036854775808", "-9223372036854775809", "0.5", "1e40", "true", "\"1\""])
    func refusesWhatIsNoWholeNumber(text: String) {
        #expect(throws: AgentError.self) { try read(Int.self, text) }
    }

    @Test(arguments: ["256", "-1", "1e3"])
    func refusesNumbersThatDoNotFit(text: String) {
        #expect(throws: AgentError.self) { try read(UInt8.self, text) }
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "01", "1.", ".5", "+1",
        "-", "1e", "1e+", "\"", "\"\n\"", "[1]x", "NaN", "'a'", "[", "{", "]", "\u{feff}1",
    ])
    func refusesWhatIsNoJSON(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONTape(Array(text.utf8)) }
    }

    @Test func refusesNumbersTooLargeForADouble() {
        #expect(
            throws: AgentError("invalid_input", "input: expected a number a double can hold, found the number 1e999")
        ) {
            try read(Double.self, "1e999")
        }
    }

    @Test func boundsNesting() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONSyntaxError(problem: "nested deeper than 256 levels", offset: 256)) {
            try JSONTape(Array(deep.utf8))
        }
        let fine = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)
        #expect(throws: Never.self) { try read(JSON.self, fine) }
    }

    @Test func agreesWithFoundationOnDamagedText() throws {
        var random = SplitMix(seed: 7)
        let whole = Array(try written(Everything()).utf8)
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0...(random.next() % 3) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next() % 128)
            }
            let ours = try? JSONReader.value(Everything.self, from: bytes, named: "input")
            let theirs = try? JSONDecoder().decode(Everything.self, from: Data(bytes))
            #expect(ours == theirs, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func refusesNumbersWithoutAJSONForm() {
        #expect(throws: AgentError("invalid_result", "result[1]: inf has no JSON form; use an optional")) {
            try written([1, Double.infinity])
        }
        #expect(throws: AgentError("invalid_result", "result.a: nan has no JSON form; use an optional")) {
            try written(["a": Double.nan])
        }
    }

    @Test func findsNamesInLargeObjects() throws {
        let members = (0..<5000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(try read([String: Int].self, "{\(members)}")["k4999"] == 4999)
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same numbers for a seed on every machine.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
