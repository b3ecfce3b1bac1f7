// SPDX-License-Identifier: Apache-2.0
// CatalogueCheckTests: flows against the plugins that are there.

import CorralBase
import CorralFlow
import Testing

private struct Shelf: FlowCatalogue {
    var agentNames: [String] { ["corral/market-data", "corral/technical-analyst", "acme/open"] }
    var toolNames: [String] { ["corral/libm.pow"] }

    func agent(_ id: PluginID) -> AgentDescription? {
        switch id.text {
        case "corral/market-data":
            AgentDescription(
                inputSchema: [
                    "type": "object", "additionalProperties": false, "required": ["prices"],
                    "properties": ["prices": ["type": "object"], "symbol": ["type": ["string", "null"]]],
                ],
                outputSchema: [
                    "type": "object",
                    "properties": [
                        "bars": ["type": "array"],
                        "quality": ["type": "object", "properties": ["gaps": ["type": "integer"]]],
                        "extra": ["type": "object", "additionalProperties": true, "properties": [:]],
                        "clever": ["anyOf": []],
                    ],
                ])
        case "corral/technical-analyst":
            AgentDescription(
                inputSchema: [
                    "type": "object", "required": ["bars"],
                    "properties": ["bars": ["type": "array"], "period": ["type": "number"]],
                ])
        case "acme/open": AgentDescription()
        default: nil
        }
    }

    func tool(_ id: ToolID) -> AgentDescription? {
        id.description == "corral/libm.pow" ? AgentDescription(inputSchema: ["type": "array"]) : nil
    }
}

@Suite struct CatalogueCheckTests {
    @Test func namesThePluginThatWasMeant() {
        expect(
            """
            flow: f
            steps:
              a: {agent: corral/market-dat, with: {}}
              b: {tool: corral/libm.pwo, with: [1, 2]}
              c: {agent: nobody/knows-this, with: {}}
              d: {tool: corral/libm.pow, with: [1, 2]}
            """,
            #"3:14 error: there is no agent "corral/market-dat" (did you mean "corral/market-data"?)"#,
            #"4:13 error: there is no tool "corral/libm.pwo" (did you mean "corral/libm.pow"?)"#,
            #"5:14 error: there is no agent "nobody/knows-this" (`corral plugin list` shows what is there)"#)
    }

    @Test func comparesWhatAnAgentGetsWithWhatItNeeds() {
        expect(
            """
            flow: f
            input: {prices: file, sym: string}
            steps:
              a: {agent: corral/market-data, with: {price: "${input.prices}", symbol: 7}}
              b: {agent: corral/technical-analyst, after: a, with: {bars: "x ${a}", perod: 3, period: 14}}
              c: {agent: corral/technical-analyst, after: a}
              d: {agent: corral/market-data}
              e: {agent: corral/market-data, with: "${input}"}
              g: {agent: acme/open, with: {anything: 1}}
            """,
            #"4:40 error: corral/market-data needs "prices" (add it to `with`)"#,
            #"4:48 error: corral/market-data has no input "price" (did you mean "prices"?)"#,
            #"4:75 error: "symbol" of corral/market-data must be string or null, not integer"#,
            #"5:63 error: "bars" of corral/technical-analyst must be array, not string"#,
            #"5:80 warning: corral/technical-analyst has no input "perod" (did you mean "period"?)"#,
            #"6:14 error: corral/technical-analyst needs "bars" (add `with: {bars: …}`)"#)
    }

    @Test func comparesTypesAcrossSteps() {
        expect(
            """
            flow: f
            input: {prices: file, sym: string, note: {type: string, required: false}}
            steps:
              a: {agent: corral/market-data, with: {prices: "${input.sym}", symbol: "${input.note}"}}
              b: {agent: corral/technical-analyst, after: a, with: {bars: "${a.bars}", period: "${a.quality.gaps}"}}
              c: {agent: corral/technical-analyst, after: a, with: {bars: "${a.quality}", period: "${input.sym}"}}
              d: {agent: acme/open, for_each: "${[1]}", with: "${input.prices}"}
              e: {agent: corral/technical-analyst, after: [a, d], with: {bars: "${d}", period: "${d}"}}
              g: {agent: corral/technical-analyst, after: a, with: {bars: "${a.clever}", period: "${a.bars[0]}"}}
            """,
            #"4:49 error: "prices" of corral/market-data must be object, not string"#,
            #"6:63 error: "bars" of corral/technical-analyst must be array, not object"#,
            #"6:87 error: "period" of corral/technical-analyst must be number, not string"#,
            #"8:84 error: "period" of corral/technical-analyst must be number, not array"#)
    }

    @Test func comparesWhatIsReadWithWhatAnAgentGives() {
        expect(
            """
            flow: f
            input: {prices: file}
            steps:
              load: {agent: corral/market-data, with: {prices: "${input.prices}"}}
              a: {agent: acme/open, after: load, with: {x: "${load.barz}", y: "${load.quality.gap}", z: "${load.bars[0].q}"}}
              b: {agent: acme/open, after: load, with: {x: "${load.extra.any}", y: "${has(load.nope)}", z: "${load.clever.q}"}}
              c: {agent: acme/open, after: load, when: "load.bar == null", with: {}}
            output: "${load.quallity}"
            """,
            #"5:51 error: corral/market-data gives no "barz" (did you mean "bars"?)"#,
            #"5:70 error: corral/market-data gives no "quality.gap" (did you mean "gaps"?)"#,
            #"7:45 error: corral/market-data gives no "bar" (did you mean "bars"?)"#,
            #"8:12 error: corral/market-data gives no "quallity" (did you mean "quality"?)"#)
    }

    private func expect(_ text: String, _ lines: String..., sourceLocation: Testing.SourceLocation = #_sourceLocation) {
        let (_, diagnostics) = FlowDefinition.check(text, file: "f", catalogue: Shelf())
        let found = diagnostics.map { diagnostic in
            "\(diagnostic.location.line):\(diagnostic.location.column) \(diagnostic.severity): \(diagnostic.message)"
                + (diagnostic.suggestion.map { " (\($0))" } ?? "")
        }
        #expect(found == lines, sourceLocation: sourceLocation)
    }
}
