// SPDX-License-Identifier: Apache-2.0
// PromptTemplateTests: variables, and nothing else, are read in a prompt's text.

import CorralBase
import CorralServices
import Testing

@Suite struct PromptTemplateTests {
    private func render(_ text: String, _ values: JSONObject, _ variables: [String] = ["name", "n"]) throws -> String {
        try PromptTemplate(text, of: "p", variables: variables).render(values, of: "p", variables: variables)
    }

    private func mistake(_ body: () throws -> Void) -> CorralError? {
        do {
            try body()
            return nil
        } catch { return error as? CorralError }
    }

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("{{name}}", "Ada"), ("{{ name }}-{{n}}", "Ada-7"),
        ("a{{name}}b{{name}}c", "aAdabAdac"),
        (#"\{{name}}"#, "{{name}}"), ("{ {name} }", "{ {name} }"), ("}}{{name}}", "}}Ada"), ("{name}", "{name}"),
        (#"{"a": {"b": {}}}"#, #"{"a": {"b": {}}}"#),
    ])
    func putsValuesIn(_ text: String, _ expected: String) throws {
        #expect(try render(text, ["name": "Ada", "n": 7]) == expected)
    }

    @Test func valuesAreNotReadAgain() throws {
        #expect(try render("{{name}}", ["name": "{{n}} \\{{", "n": 7]) == "{{n}} \\{{")
    }

    @Test func valuesThatAreNoTextsAreJSON() throws {
        let values: JSONObject = ["name": ["a": [1, 2.5, true, "x"]], "n": false]
        #expect(try render("{{name}} {{n}}", values) == #"{"a":[1,2.5,true,"x"]} false"#)
    }

    @Test(arguments: [
        ("a\nb {{nam}}", "line 2", "did you mean \"name\"?"), ("{{name", "line 1", "never closed"),
        ("{{}}", "line 1", ""),
        ("{{name | upper}}", "name | upper", ""), ("{{{name}}}", "{name", ""),
        ("\n\n{{a.b}}", "line 3", "it gives: n, name"),
    ])
    func whatIsNoVariableIsNamedWithItsLine(_ text: String, _ first: String, _ second: String) {
        let error = mistake { _ = try PromptTemplate(text, of: "p", variables: ["name", "n"]) }
        #expect(error?.code == .promptTextInvalid)
        #expect(
            error?.description.contains(first) == true
                && (second.isEmpty || error?.description.contains(second) == true))
    }

    @Test func missingAndUnknownVariablesAreAllNamed() {
        let error = mistake { _ = try render("no variables", ["b": 1, "name": nil, "a": 2]) }
        #expect(error?.code == .promptVariablesWrong)
        #expect(error?.message.contains("not given: n, name; not declared: a, b") == true, "\(error?.message ?? "")")
    }

    @Test func aRenderedPromptHasABound() {
        let long = String(repeating: "x", count: Limits.promptRenderedBytesMax / 2)
        #expect((try? render("{{name}}{{name}}", ["name": .string(long), "n": 1])) != nil)
        let error = mistake { _ = try render("{{name}}{{name}}!", ["name": .string(long), "n": 1]) }
        #expect(error?.code == .promptVariablesWrong)
    }
}
