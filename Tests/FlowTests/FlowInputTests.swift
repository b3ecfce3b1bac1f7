// SPDX-License-Identifier: Apache-2.0
// FlowInputTests: what a run is given is checked against what the flow declares, all at once.

import CorralBase
import CorralFlow
import Testing

@Suite struct FlowInputTests {
    static let text = """
        flow: f
        input:
          prices: {type: file, default: data/sample.csv}
          symbol: string
          days: {type: int, default: 20}
          limit: {type: number, required: false}
          dry: {type: bool, default: false}
          tags: {type: list, default: [a]}
          extra: {type: map, default: {k: 1}}
          more: {type: any, required: false}
        steps: {s: {agent: x/y}}
        """
    let flow: FlowDefinition

    init() throws { flow = try FlowDefinition.parse(Self.text, file: "f") }

    @Test func fillsInDefaults() throws {
        let resolved = try flow.resolveInput(["symbol": "SPX", "prices": ["$artifact": "abc"], "days": 5.0])
        #expect(
            resolved == [
                "prices": ["$artifact": "abc"], "symbol": "SPX", "days": 5, "limit": nil, "dry": false, "tags": ["a"],
                "extra": ["k": 1], "more": nil,
            ])
    }

    @Test func namesEveryMistake() throws {
        let error = try #require(throws: CorralError.self) {
            try flow.resolveInput(["symbl": "SPX", "prices": "a.csv", "days": 1.5, "dry": "yes", "limit": nil])
        }
        #expect(error.code == .flowInputInvalid)
        for part in [
            "has 5 mistakes", "flow \"f\" has no input \"symbl\" (did you mean \"symbol\"?)",
            "input \"prices\" must be a file, not string (pass a file: --input prices=FILE)",
            "input \"days\" must be an int, not double",
            "input \"dry\" must be a bool, not string",
            "flow \"f\" needs the input \"symbol\" (string) (add --input symbol=VALUE)",
        ] { #expect(error.message.contains(part), "\(error.message)") }
    }

    @Test func leavesTheDefaultFileToTheClient() throws {
        #expect(flow.inputs[0].defaultFile == "data/sample.csv")
        let error = try #require(throws: CorralError.self) { try flow.resolveInput(["symbol": "SPX"]) }
        #expect(error.message == "flow \"f\" needs the input \"prices\" (file)")
        #expect(error.hint == "add --input prices=FILE")
    }

    @Test(arguments: ["/etc/passwd", "../x", "a/../b", "~/x", "a//b", "", "a/"]) func keepsDefaultFilesInTheFolder(
        _ path: String
    ) {
        let text = "flow: f\ninput: {p: {type: file, default: \"\(path)\"}}\nsteps: {s: {agent: x/y}}"
        #expect(throws: DiagnosticsError.self) { try FlowDefinition.parse(text, file: "f") }
    }

    @Test(
        arguments: [
            ("symbol", "5", "5"), ("days", "-3", -3), ("limit", "2.5", 2.5), ("limit", "2", 2), ("dry", "true", true),
            ("tags", "[1]", [1]),
            ("extra", "{\"a\":null}", ["a": nil]), ("more", "{\"a\":1}", ["a": 1]), ("more", "text", "text"),
            ("more", "5", 5),
        ] as [(String, String, JSON)]) func readsTextsByType(_ name: String, _ text: String, _ value: JSON) throws
    {
        let input = try #require(flow.inputs.first { $0.name == name })
        #expect(try input.value(fromText: text) == value)
    }

    @Test(arguments: [
        ("days", "3.5"), ("days", "x"), ("dry", "yes"), ("limit", "1e999"), ("tags", "{}"), ("extra", "[1"),
        ("prices", "a.csv"),
    ])
    func refusesTextsOfAnotherType(_ name: String, _ text: String) throws {
        let input = try #require(flow.inputs.first { $0.name == name })
        #expect(throws: CorralError.self) { try input.value(fromText: text) }
    }
}
