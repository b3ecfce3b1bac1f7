// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CorralSDK

/// JSON schemas derived from Codable types.
struct SchemaTests {
    enum Size: String, Codable, CaseIterable { case small, large }
    enum Level: Int, Codable, CaseIterable { case low = 1, high = 3 }
    enum Open: String, Codable { case a, b }
    enum Shape: Codable {
        case circle(radius: Double), point
    }
    enum Known: String, Codable, SchemaExample {
        case only
        static let example = Known.only
    }

    struct Inner: Codable { var flag: Bool }
    struct Plain: Codable {
        var name: String
        var count: Int
        var age: UInt8?
        var ratio: Float
        var inner: Inner
        var inners: [Inner]?
        var grid: [[Double?]]
        var byName: [String: Int]
        var size: Size?
        var level: Level
        var file: Artifact
        var free: JSON
    }
    struct Tree: Codable { var children: [Tree] }
    struct WithOpen: Codable {
        var first: Int
        var open: Open
        var last: Int
    }
    struct WithKnown: Codable {
        var first: Int
        var known: Known
        var last: Int
    }
    struct Pair: Codable {
        var x = 0.0
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            x = try container.decode(Double.self)
            _ = try container.decode(Double.self)
        }
    }
    struct Wrapped: Codable {
        var text: String
        init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    }

    private func schema<Value: Codable>(_ type: Value.Type) throws -> String {
        let (schema, _) = SchemaProbe.schema(of: type, named: "input")
        return String(decoding: try JSONWriter.bytes(of: schema, named: "schema"), as: UTF8.self)
    }

    private func gaps<Value: Codable>(_ type: Value.Type) -> [String] {
        SchemaProbe.schema(of: type, named: "input").gaps
    }

    @Test func describesEveryMemberInOrder() throws {
        let inner = #"{"type":"object","properties":{"flag":{"type":"boolean"}},"required":["flag"]}"#
        let file =
            #"{"type":"object","format":"artifact","properties":{"$artifact":{"type":"string"},"#
            + #""name":{"type":"string"},"#
            + #""bytes":{"type":"integer","minimum":0},"type":{"type":"string"}},"required":["$artifact"]}"#
        let members = [
            #""name":{"type":"string"}"#,
            #""count":{"type":"integer"}"#,
            #""age":{"type":["integer","null"],"minimum":0}"#,
            #""ratio":{"type":"number"}"#,
            #""inner":\#(inner)"#,
            #""inners":{"type":["array","null"],"items":\#(inner)}"#,
            #""grid":{"type":"array","items":{"type":"array","items":{"type":["number","null"]}}}"#,
            #""byName":{"type":"object","additionalProperties":{"type":"integer"}}"#,
            #""size":{"type":["string","null"],"enum":["small","large",null]}"#,
            #""level":{"type":"integer","enum":[1,3]}"#,
            #""file":\#(file)"#,
            #""free":{}"#,
        ].joined(separator: ",")
        let required = #"["name","count","ratio","inner","grid","byName","level","file","free"]"#
        let found = try schema(Plain.self)
        #expect(found == #"{"type":"object","properties":{\#(members)},"required":\#(required)}"#)
        #expect(gaps(Plain.self) == [])
    }

    @Test func endsForTypesThatContainThemselves() throws {
        let children = #""children":{"type":"array"}"#
        #expect(try schema(Tree.self) == #"{"type":"object","properties":{\#(children)},"required":["children"]}"#)
    }

    @Test func readsHandWrittenDecoders() throws {
        #expect(try schema(Pair.self) == #"{"type":"array","items":{"type":"number"}}"#)
        #expect(try schema(Wrapped.self) == #"{"type":"string"}"#)
    }

    @Test func takesAnExampleWhereItCannotMakeAValueUp() throws {
        let members = #""first":{"type":"integer"},"known":{"type":"string"},"last":{"type":"integer"}"#
        #expect(
            try schema(WithKnown.self)
                == #"{"type":"object","properties":{\#(members)},"required":["first","known","last"]}"#)
    }

    @Test func tellsTheAuthorWhatItCannotSee() throws {
        #expect(try schema(WithOpen.self) == "{}")
        #expect(
            gaps(WithOpen.self) == [
                "input.open: no schema: Open refuses made-up values; make it CaseIterable or give it a SchemaExample"
            ])
        #expect(try schema(Shape.self) == "{}")
        #expect(gaps(Shape.self).count == 1)
    }
}
