// SPDX-License-Identifier: Apache-2.0
// NativeTests: C functions called through libffi in a real worker: every type in and out, and every mistake.

import CorralBase
import CorralSandbox
import CorralWire
import Foundation
import Testing

@Suite struct NativeTests {
    struct Function: Sendable {
        var name: String
        var signature: String
    }

    private func message(_ path: String, _ functions: [Function], free: String? = nil) -> LoadMessage {
        let tools = functions.map { function -> JSON in
            [
                "name": .string(function.name), "symbol": .string(function.name),
                "signature": .string(function.signature),
            ]
        }
        var description: JSONObject = ["library": .string(path), "tools": .array(tools)]
        if let free { description["free"] = .string(free) }
        return LoadMessage(
            plugin: 1, form: .native, path: path, isProbe: false, native: JSON.object(description).bytes())
    }

    private func call(_ signature: String, _ arguments: String, free: String? = nil) async throws -> TestWorker.Outcome
    {
        let worker = try await TestWorker.start()
        let parts = signature.split(separator: " ", maxSplits: 1)
        let function = Function(name: String(parts[0]), signature: String(parts[1]))
        _ = try worker.load(message(Built.plugin("natives"), [function], free: free))
        return try worker.call(arguments, target: .native, method: function.name)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var function: String
        var arguments: String
        var result: String
        init(_ function: String, _ arguments: String, _ result: String) {
            (self.function, self.arguments, self.result) = (function, arguments, result)
        }
        var testDescription: String { "\(function) \(arguments)" }
    }

    static let results: [Case] = [
        Case("echo_f64 (x: f64) -> f64", #"{"x":0.1}"#, "0.1"), Case("echo_f64 (f64) -> f64", "[3]", "3.0"),
        Case("echo_f64 (f64) -> f64", "[-0.0]", "-0.0"), Case("echo_f32 (f32) -> f32", #"{"a":0.1}"#, "0.1"),
        Case("echo_i8 (i8) -> i8", "[-128]", "-128"), Case("echo_i16 (i16) -> i16", "[-32768]", "-32768"),
        Case("echo_i32 (i32) -> i32", "[-2147483648]", "-2147483648"),
        Case("echo_i64 (i64) -> i64", "[-9223372036854775808]", "-9223372036854775808"),
        Case("echo_u8 (u8) -> u8", "[255]", "255"), Case("echo_u16 (u16) -> u16", "[65535]", "65535"),
        Case("echo_u32 (u32) -> u32", "[4294967295]", "4294967295"), Case("echo_u8 (u8) -> u8", "[2.0]", "2"),
        Case("echo_u64 (u64) -> u64", "[9007199254740993]", "9007199254740993"),
        Case("echo_bool (bool) -> bool", "[true]", "true"), Case("echo_bool (bool) -> bool", "[false]", "false"),
        Case("sum (values: f64[]) -> f64", #"{"values":[1,2.5,-0.5]}"#, "3.0"),
        Case("sum (f64[]) -> f64", "[[]]", "0.0"),
        Case("sum_small (i8[]) -> i64", "[[127,-128,1]]", "0"), Case("length (text: str) -> u64", #"["grüß"]"#, "6"),
        Case("length (str) -> u64", #"[""]"#, "0"), Case("greeting () -> str", "{}", #""grüß \"dich\"""#),
        Case("greeting () -> str", "null", #""grüß \"dich\"""#), Case("nothing () -> str", "[]", "null"),
        Case("checksum (bytes) -> u32", #"["AAECAwQ="]"#, "31810"),
        Case("checksum (bytes) -> u32", #"[""]"#, "0"),
        Case(
            "divide (a: i32, b: i32, quotient: out:i32, rest: out:i32) -> status", #"{"b":7,"a":23}"#,
            #"{"quotient":3,"rest":2}"#),
        Case("squares (n: u32, values: out:f64[n]) -> void", "[4]", #"{"values":[0.0,1.0,4.0,9.0]}"#),
        Case("squares (n: u32, values: out:f64[n]) -> void", "[0]", #"{"values":[]}"#),
        Case("squares (u32, out:f64[3]) -> void", "[2]", #"{"b":[0.0,1.0,0.0]}"#),
        Case(
            "mean_and_range (values: f64[], range: out:f64[2]) -> f64", "[[2,4,6]]",
            #"{"result":4.0,"range":[2.0,6.0]}"#),
        Case(
            "sixteen (f64,f64,f64,f64,f64,f64,f64,f64,f64,f64,f64,f64,f64,f64,f64,f64) -> f64",
            "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "136.0"),
    ]

    @Test(arguments: results)
    func gives(_ test: Case) async throws {
        let outcome = try await call(test.function, test.arguments)
        #expect(outcome.complete.failure == nil)
        #expect(outcome.text == test.result)
    }

    static let mistakes: [Case] = [
        Case("echo_u8 (n: u8) -> u8", "[300]", #"parameter "n": 300 is no whole number from 0 to 255 (u8)"#),
        Case("echo_u8 (n: u8) -> u8", "[-1]", #"parameter "n": -1 is no whole number from 0 to 255 (u8)"#),
        Case(
            "echo_i32 (i32) -> i32", "[1.5]",
            #"parameter "a": 1.5 is no whole number from -2147483648 to 2147483647 (i32)"#),
        Case(
            "echo_i64 (i64) -> i64", "[1e300]",
            #"parameter "a": 1e+300 is no whole number from -9223372036854775808 to 9223372036854775807 (i64)"#),
        Case("echo_f32 (f32) -> f32", "[1e300]", #"parameter "a": 1e+300 is out of range for f32"#),
        Case("echo_f64 (f64) -> f64", #"["1"]"#, #"parameter "a": expected a number, found a string"#),
        Case("echo_bool (bool) -> bool", "[1]", #"parameter "a": expected true or false, found a int"#),
        Case("echo_i32 (i32) -> i32", "[null]", #"parameter "a": expected a whole number, found a null"#),
        Case(
            "length (text: str) -> u64", #"["a\u0000b"]"#,
            #"parameter "text": the text has a NUL character inside, which C would take for its end"#),
        Case("length (text: str) -> u64", "[1]", #"parameter "text": expected a text, found a int"#),
        Case(
            "checksum (bytes) -> u32", #"["AAE"]"#, #"parameter "a": the text is not base64 (RFC 4648, with padding)"#),
        Case(
            "checksum (bytes) -> u32", #"["A===="]"#, #"parameter "a": the text is not base64 (RFC 4648, with padding)"#
        ),
        Case("sum (values: f64[]) -> f64", "[[1,true]]", #"parameter "values[1]": expected a number, found a bool"#),
        Case("sum (values: f64[]) -> f64", "[1]", #"parameter "values": expected a list of numbers, found a int"#),
        Case("sum (values: f64[]) -> f64", "[]", "0 arguments, expected 1: (values)"),
        Case("sum (values: f64[]) -> f64", "{}", #"parameter "values" is missing; expected are (values)"#),
        Case(
            "sum (values: f64[]) -> f64", #"{"values":[],"valeus":[]}"#,
            #"there is no parameter "valeus"; expected are (values)"#),
        Case("sum (values: f64[]) -> f64", "7", "the arguments must be an object or a list, not a int"),
        Case(
            "squares (n: i64, values: out:f64[n]) -> void", "[-1]",
            #"parameter "n" is the length of an out array and must not be negative"#),
        Case(
            "squares (n: i64, values: out:f64[n]) -> void", "[9223372036854775807]",
            #"out parameter "values": 9223372036854775807 elements are too many, at most 67108864 bytes can come back"#),
        Case("divide (a: i32, b: i32, out:i32, out:i32) -> status", "[1,0]", "divide returned status 33"),
        Case("latin () -> str", "[]", "latin returned text that is not UTF-8"),
    ]

    @Test(arguments: mistakes)
    func explains(_ test: Case) async throws {
        let outcome = try await call(test.function, test.arguments)
        #expect(outcome.complete.failure?.message == test.result)
        #expect(outcome.complete.status < 0)
        #expect(outcome.result.isEmpty)
    }

    @Test func callsFunctionsThatAPluginDescribesItself() async throws {
        let worker = try await TestWorker.start()
        let (_, tools) = try worker.load("natives")
        let list = try JSON(parsing: tools)
        #expect(list.arrayValue?.compactMap { $0["name"]?.stringValue } == ["sum", "repeated", "freed", "divide"])
        #expect(try worker.call("[[1,2]]", target: .native, method: "sum").text == "3.0")
        #expect(try worker.call(#"["ab",3]"#, target: .native, method: "repeated").text == "\"ababab\"")
        #expect(try worker.call("[]", target: .native, method: "freed").text == "1")
        #expect(try worker.call("[]", target: .native, method: "absent").complete.status == -6)
    }

    @Test func describesTheArgumentsAsASchema() async throws {
        let worker = try await TestWorker.start()
        let function = Function(name: "squares", signature: "(n: u8, values: out:f64[n]) -> void")
        let (_, tools) = try worker.load(message(Built.plugin("natives"), [function]))
        let expected: JSON = [
            [
                "name": "squares", "summary": "",
                "input": [
                    "type": "object", "properties": ["n": ["type": "integer", "minimum": 0, "maximum": 255]],
                    "required": ["n"], "additionalProperties": false,
                ],
            ]
        ]
        #expect(try JSON(parsing: tools) == expected)
    }

    @Test func callsLibm() async throws {
        let worker = try await TestWorker.start()
        let functions = [
            Function(name: "pow", signature: "(f64, f64) -> f64"), Function(name: "sqrt", signature: "(x: f64) -> f64"),
            Function(name: "frexp", signature: "(x: f64, exponent: out:i32) -> f64"),
        ]
        _ = try worker.load(message("libm.so.6", functions))
        #expect(try worker.call("[2,10]", target: .native, method: "pow").text == "1024.0")
        #expect(try worker.call("[8]", target: .native, method: "frexp").text == #"{"result":0.5,"exponent":4}"#)
        let failure = try worker.call("[-1]", target: .native, method: "sqrt").complete.failure
        #expect(failure == .init(code: "invalid_result", message: "sqrt gave NaN, which JSON cannot say"))
        let overflow = try worker.call("[10,400]", target: .native, method: "pow").complete.failure
        #expect(overflow?.message == "pow gave infinity, which JSON cannot say")
    }

    @Test func tellsEveryMistakeOfATableAtOnce() async throws {
        let worker = try await TestWorker.start()
        let functions = [
            Function(name: "sum", signature: "(f64[] -> f64"), Function(name: "absent", signature: "() -> void"),
            Function(name: "repeated", signature: "(str, u32) -> str!free"),
            Function(
                name: "sixteen", signature: "(\(Array(repeating: "f64", count: 17).joined(separator: ","))) -> f64"),
        ]
        let failure = try worker.loadFailure(message(Built.plugin("natives"), functions))
        #expect(failure.reason == .badSignature)
        #expect(
            failure.detail == """
                tool "sum": signature "(f64[] -> f64", column 8: expected ')'; \
                tool "absent": the library does not export "absent"; \
                tool "repeated": signature "(str, u32) -> str!free", column 1: str!free needs a function that frees: name it as `free`; \
                tool "sixteen": signature "\(functions[3].signature)", column 1: 17 C parameters, at most 16 are supported
                """)
    }

    @Test func refusesALibraryOrAFreeThatIsNotThere() async throws {
        let worker = try await TestWorker.start()
        let function = Function(name: "sum", signature: "(f64[]) -> f64")
        #expect(try worker.loadFailure(message("libnothing.so.9", [function])).reason == .cannotOpen)
        let failure = try worker.loadFailure(message(Built.plugin("natives"), [function], free: "no_such_free"))
        #expect(failure.reason == .missingSymbol)
    }

    @Test func freesATextWithTheNamedFunction() async throws {
        let worker = try await TestWorker.start()
        let functions = [
            Function(name: "repeated", signature: "(str, u32) -> str!free"),
            Function(name: "freed", signature: "() -> i32"),
        ]
        _ = try worker.load(message(Built.plugin("natives"), functions, free: "release"))
        #expect(try worker.call(#"["x",2]"#, target: .native, method: "repeated").text == "\"xx\"")
        #expect(try worker.call("[]", target: .native, method: "freed").text == "1")
    }

    @Test func aWrongSignatureEndsOnlyItsWorkerAndIsNamed() async throws {
        let worker = try await TestWorker.start()
        // length wants a pointer and is given a number.
        _ = try worker.load(message(Built.plugin("natives"), [Function(name: "length", signature: "(u64) -> u64")]))
        try worker.send(31, "[16]", target: .native, method: "length")
        #expect(try worker.awaitExit().status == .signaled(SIGSEGV))
        let record = try #require(worker.crashRecord())
        #expect(record.call == 31 && record.pluginByThread == 1)
    }
}
