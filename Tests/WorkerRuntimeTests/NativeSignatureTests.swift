// SPDX-License-Identifier: Apache-2.0
// NativeSignatureTests: the grammar of native.h and its mistakes, without a process; and noise, seeded.

import CorralBase
import Testing

@testable import CorralWorkerRuntime

@Suite struct NativeSignatureTests {
    @Test func readsEveryKindOfParameter() throws {
        let signature = try NativeSignature(
            "( x : f64, str, data: bytes, list: i16[], n:u32, o: out:bool, p: out:f32[n], q: out:u8[12] ) -> str!free")
        #expect(
            signature.parameters == [
                .init(name: "x", kind: .scalar(.f64)), .init(name: "b", kind: .text), .init(name: "data", kind: .bytes),
                .init(name: "list", kind: .array(.i16)), .init(name: "n", kind: .scalar(.u32)),
                .init(name: "o", kind: .out(.bool)), .init(name: "p", kind: .outArray(.f32, .parameter(4))),
                .init(name: "q", kind: .outArray(.u8, .fixed(12))),
            ])
        #expect(signature.result == .text(isFreed: true))
    }

    @Test func readsALengthThatComesLater() throws {
        let signature = try NativeSignature("(values: out:f64[count], count: u64) -> void")
        #expect(signature.parameters[0].kind == .outArray(.f64, .parameter(1)))
    }

    static let mistakes: [(String, String)] = [
        ("", "column 1: expected '('"), ("()", "column 3: expected '->'"), ("() ->", "column 6: expected a result"),
        ("() -> f65", "column 7: unknown result \"f65\"; known are void, status, str, str!free and the numbers"),
        ("() -> f64 x", "column 11: nothing may follow the result"), ("(,) -> f64", "column 2: expected a parameter"),
        ("(f64,) -> f64", "column 6: expected a parameter"),
        (
            "(int) -> f64",
            "column 2: unknown type \"int\"; known are f64 f32 i8 i16 i32 i64 u8 u16 u32 u64 bool str bytes"
        ),
        ("(X: f64) -> f64", "column 2: \"X\" is not a name: use [a-z][a-z0-9_]{0,63}"),
        ("(x: f64, x: f64) -> f64", "column 10: two parameters are called \"x\""),
        ("(b: f64, f64) -> f64", "column 10: two parameters are called \"b\""),
        ("(x: f64[3]) -> f64", "column 9: an array that goes in has no length: write \"f64[]\""),
        (
            "(x: out:str) -> f64",
            "column 9: unknown type \"str\"; known are f64 f32 i8 i16 i32 i64 u8 u16 u32 u64 bool str bytes"
        ),
        ("(x: out:f64[]) -> f64", "column 13: expected a length"),
        ("(x: out:f64[0]) -> f64", "column 13: length 0 is not between 1 and 1048576"),
        (
            "(x: out:f64[99999999999999999999]) -> f64",
            "column 13: \"99999999999999999999\" is neither a number nor an integer parameter"
        ),
        ("(x: out:f64[n]) -> f64", "column 13: \"n\" is neither a number nor an integer parameter"),
        ("(n: f64, x: out:f64[n]) -> f64", "column 21: \"n\" is neither a number nor an integer parameter"),
        ("(result: out:f64) -> f64", "column 2: \"result\" is the name of the function's own result"),
        (
            "(\(Array(repeating: "bytes", count: 9).joined(separator: ","))) -> void",
            "column 1: 18 C parameters, at most 16 are supported"
        ),
    ]

    @Test(arguments: mistakes)
    func namesTheMistakeAndItsPlace(_ text: String, _ expected: String) {
        #expect { try NativeSignature(text) } throws: { ($0 as? NativeSignatureMistake)?.text == expected }
    }

    @Test func takesAnyNoiseWithoutTrapping() {
        var random = SeededGenerator(seed: 20_261_124)
        let pieces = [
            "(", ")", "->", ",", ":", "[", "]", "out", "out:", "f64", "i8", "str", "str!free", "bytes", "n", "x", " ",
            "!", "3",
            "999999999999", "\u{0}", "é", "void", "status", "-", ">", "_", "result",
        ]
        var valid = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &random)
            let text = (0..<count).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            if (try? NativeSignature(text)) != nil { valid += 1 }
        }
        #expect(valid < 20_000)
    }

    @Test func refusesOneChangedByteOrReadsAnotherSignature() throws {
        var random = SeededGenerator(seed: 7)
        let text = Array("(x: f64, values: i32[], n: u32, out: out:f64[n]) -> status".utf8)
        for _ in 0..<20_000 {
            var changed = text
            changed[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            guard let signature = try? NativeSignature(String(decoding: changed, as: UTF8.self)) else { continue }
            #expect(signature.parameters.count <= NativeSignature.arityMax)
        }
    }

    static let encoded: [(String, [UInt8]?)] = [
        ("", []), ("Zg==", [102]), ("Zm8=", [102, 111]), ("Zm9v", [102, 111, 111]), ("Zm9vYg==", [102, 111, 111, 98]),
        ("+/+/", [251, 255, 191]), ("Z", nil), ("Zg=", nil), ("Zg", nil), ("====", nil), ("Zm9=v", nil), ("Z-==", nil),
        ("Zm=v", nil),
    ]

    @Test(arguments: encoded)
    func decodesBase64(_ text: String, _ bytes: [UInt8]?) { #expect(base64Decoded(text) == bytes) }
}
