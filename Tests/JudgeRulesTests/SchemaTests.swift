// SPDX-License-Identifier: Apache-2.0
// SchemaTests: values against schemas, with what JSON Schema's own test suite (draft 2020-12) says where it is subtle.

import CorralBase
import Testing

@testable import JudgeRules

@Suite struct SchemaTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var schema: String
        var fits: [String]
        var misses: [String]
        var testDescription: String { schema }

        init(_ schema: String, fits: [String], misses: [String]) {
            (self.schema, self.fits, self.misses) = (schema, fits, misses)
        }
    }

    static let rows = [
        Row(#"{"type":"integer"}"#, fits: ["1", "1.0", "-3"], misses: ["1.5", "\"1\"", "null", "true"]),
        Row(#"{"type":["string","null"]}"#, fits: ["\"\"", "null"], misses: ["0", "[]"]),
        Row(#"{"enum":[1,"a",{"b":[2.0]}]}"#, fits: ["1.0", "\"a\"", #"{"b":[2]}"#], misses: ["2", "{}"]),
        Row(#"{"const":false}"#, fits: ["false"], misses: ["0", "null"]),
        Row(#"{"minimum":1.1,"exclusiveMaximum":3}"#, fits: ["1.1", "2.9", "\"x\""], misses: ["1", "3", "3.0"]),
        Row(#"{"multipleOf":0.1}"#, fits: ["0.3", "4"], misses: ["0.35"]),
        Row(#"{"minLength":2,"maxLength":3}"#, fits: ["\"ab\"", "\"äöü\"", "7"], misses: ["\"\"", "\"abcd\""]),
        Row(#"{"pattern":"^[A-Z]{1,5}$"}"#, fits: ["\"AAPL\"", "9"], misses: ["\"aapl\"", "\"TOOLONG\""]),
        Row(#"{"items":{"type":"number"},"maxItems":2}"#, fits: ["[]", "[1,2]"], misses: ["[1,2,3]", "[1,\"2\"]"]),
        Row(
            #"{"prefixItems":[{"type":"string"}],"items":false}"#, fits: ["[]", "[\"a\"]"],
            misses: ["[1]", "[\"a\",1]"]),
        Row(#"{"uniqueItems":true}"#, fits: ["[1,\"1\"]", "[]"], misses: ["[1,1.0]", #"[{"a":1},{"a":1}]"#]),
        Row(
            #"{"properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
            fits: [#"{"a":"x"}"#, "3"], misses: ["{}", #"{"a":1}"#, #"{"a":"x","b":1}"#]),
        Row(#"{"minProperties":1,"maxProperties":1}"#, fits: [#"{"a":1}"#], misses: ["{}", #"{"a":1,"b":2}"#]),
        Row(#"{"anyOf":[{"type":"string"},{"minimum":5}]}"#, fits: ["\"a\"", "5"], misses: ["4"]),
        Row(#"{"oneOf":[{"type":"integer"},{"minimum":2}]}"#, fits: ["1", "2.5"], misses: ["3", "1.5"]),
        Row(#"{"allOf":[{"minimum":2},{"maximum":3}],"not":{"const":2.5}}"#, fits: ["2", "3"], misses: ["1", "2.5"]),
        Row(
            ##"{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}}}"##,
            fits: [#"{"next":{"next":{}}}"#], misses: [#"{"next":{"next":1}}"#]),
        Row("true", fits: ["1"], misses: []),
        Row("false", fits: [], misses: ["1"]),
    ]

    @Test(arguments: rows) func saysWhatFits(_ row: Row) throws {
        let check = try SchemaCheck(JSON(parsing: row.schema))
        for text in row.fits { #expect(check.faults(of: try JSON(parsing: text)) == [], "\(text)") }
        for text in row.misses { #expect(check.faults(of: try JSON(parsing: text))?.isEmpty == false, "\(text)") }
    }

    @Test func namesThePlaceOfEachFault() throws {
        let schema = try JSON(
            parsing: #"{"properties":{"legs":{"items":{"properties":{"size":{"maximum":1}},"required":["side"]}}}}"#)
        let faults = try SchemaCheck(schema).faults(of: try JSON(parsing: #"{"legs":[{"side":"buy"},{"size":2}]}"#))
        #expect(faults == ["legs[1] has no \"side\"", "legs[1].size is above 1"])
    }

    @Test func eachFaultCostsThreePoints() throws {
        let rule = #"{"name":"r","kind":"schema","schema":{"required":["a","b","c","d"]}}"#
        let outputs = [#"{"a":1,"b":1,"c":1,"d":1}"#, #"{"a":1,"b":1,"c":1}"#, #"{"a":1,"b":1}"#, #"{"a":1}"#, "{}"]
        #expect(try outputs.map { try verdict(rule, on: $0).score } == [10, 7, 4, 1, 1])
    }

    @Test(arguments: [
        ##"{"$ref":"#"}"##, ##"{"allOf":[{"$ref":"#"},{"$ref":"#"}]}"##,
        ##"{"properties":{"a":{"$ref":"#"}},"anyOf":[{"not":{"$ref":"#"}},{"not":{"$ref":"#"}}]}"##,
    ])
    func endsOnASchemaThatRefersToItselfForEver(_ schema: String) throws {
        let rule = #"{"name":"r","kind":"schema","schema":\#(schema)}"#
        #expect(try verdict(rule, on: #"{"a":{"a":{}}}"#).score == nil)
    }

    @Test func takesPatternsInLinearTime() throws {
        let text = String(repeating: "a", count: 20_000) + "!"
        let rule = #"{"name":"r","kind":"schema","schema":{"pattern":"^(a+)+$"}}"#
        #expect(try verdict(rule, on: "\"\(text)\"").score == 7)
    }
}
