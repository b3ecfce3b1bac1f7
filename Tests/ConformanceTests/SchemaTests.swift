// SPDX-License-Identifier: Apache-2.0
// SchemaTests: which schemas are none, which values fit one, and what is made up from one.

import CorralBase
import Testing

@testable import CorralConformance

@Suite struct SchemaTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var schema: String
        var mistake: String
        var testDescription: String { schema }
    }

    static let mistakes = [
        Case(schema: #"{"type":"sting"}"#, mistake: "did you mean \"string\"?"),
        Case(schema: #"{"properties":[]}"#, mistake: "properties: expected an object"),
        Case(schema: #"{"properties":{"a":{"type":7}}}"#, mistake: "properties.a.type"),
        Case(schema: #"{"required":"name"}"#, mistake: "required: expected a list of names"),
        Case(schema: #"{"required":["a","a"]}"#, mistake: "names a member twice"),
        Case(schema: #"{"items":{"minLength":-1}}"#, mistake: "items.minLength: expected a count"),
        Case(schema: #"{"anyOf":[]}"#, mistake: "anyOf: expected a list of schemas"),
        Case(schema: #"{"enum":[]}"#, mistake: "enum: expected a list of values"),
        Case(schema: #"{"minimum":"1"}"#, mistake: "minimum: expected a number"),
        Case(schema: #""any""#, mistake: "expected a schema, got string"),
    ]

    @Test(arguments: mistakes)
    func saysWhatIsNoSchema(_ test: Case) throws {
        let found = SchemaReview.mistakes(try JSON(parsing: test.schema))
        #expect(found.count == 1 && found[0].contains(test.mistake), "\(found)")
    }

    @Test func acceptsSchemasOfEveryKeywordItKnows() throws {
        let schema = """
            {"type":["object","null"],"properties":{"a":{"type":"array","items":{"type":"number","minimum":0}},"b":true},
            "required":["a"],"additionalProperties":false,"anyOf":[{},{"not":{}}],"x-vendor":1}
            """
        #expect(SchemaReview.mistakes(try JSON(parsing: schema)).isEmpty)
    }

    @Test func namesTheMemberThatDoesNotFit() throws {
        let schema = try JSON(
            parsing:
                #"{"type":"object","properties":{"a":{"type":"array","items":{"type":"integer"}}},"required":["a"]}"#)
        #expect(SchemaReview.misfit(["a": [1, 2]], schema) == nil)
        #expect(SchemaReview.misfit([:], schema) == "the value has no member \"a\"")
        #expect(SchemaReview.misfit(["a": [1, "x"]], schema)?.contains("a[1]") == true)
        #expect(SchemaReview.misfit([], schema)?.contains("should be object") == true)
    }

    static let schemas = [
        #"{"type":"object","properties":{"n":{"type":"integer","minimum":3},"s":{"type":"string","minLength":12}},"required":["n","s"]}"#,
        #"{"type":"array","items":{"type":"boolean"},"minItems":2}"#,
        #"{"anyOf":[{"type":"number"},{"type":"null"}]}"#, #"{"enum":["a","b"]}"#, "{}",
    ]

    @Test(arguments: schemas)
    func makesUpValuesThatFit(_ text: String) throws {
        let schema = try JSON(parsing: text)
        #expect(SchemaReview.misfit(SchemaSample.value(of: schema), schema) == nil)
    }

    @Test func prefersTheSchemasOwnExample() throws {
        let schema = try JSON(parsing: #"{"type":"object","examples":[{"name":"Ada"}]}"#)
        #expect(SchemaSample.value(of: schema) == ["name": "Ada"])
    }

    @Test func endsOnASchemaWithoutAnEnd() {
        var schema: JSON = [:]
        for _ in 0..<200 { schema = ["type": "array", "items": schema] }
        #expect(!SchemaReview.mistakes(schema).isEmpty)
        _ = SchemaSample.value(of: schema)
    }
}
