// SPDX-License-Identifier: Apache-2.0
// FlowCheckTests: every mistake is found, at its place, with advice, and all of them at once.

import CorralBase
import CorralFlow
import Testing

@Suite struct FlowCheckTests {
    struct Mistake: CustomTestStringConvertible {
        let text: String
        let found: [String]
        var testDescription: String { found.joined(separator: " | ") }

        /// `found` holds lines of the form `line:column severity: message (suggestion)`.
        init(_ text: String, _ found: String...) { (self.text, self.found) = (text, found) }
    }

    static let shapes: [Mistake] = [
        Mistake("", #"1:1 error: the file is empty (start with `flow: name` and `steps:`)"#),
        Mistake("- a", "1:1 error: the flow must be a map, not list"),
        Mistake(
            "flow: f", #"1:1 error: the flow has no "steps" (write `steps:` with at least one step)"#),
        Mistake(
            "steps: {a: {agent: x/y}}", #"1:1 error: the flow has no "flow" (write `flow: name` at the top)"#),
        Mistake(
            "flow: My Flow\nsteps: {a: {agent: x/y}}",
            #"1:7 error: `flow` "My Flow" is not allowed (1–63 lower-case letters, digits, - and _, for example "#
                + "market-review)"),
        Mistake("flow: f\nsteps: []", "2:8 error: `steps` must be a map of steps by name, not list"),
        Mistake(
            "flow: f\nstpes: {}\nsteps: {a: {agent: x/y, afer: b}}",
            #"2:1 error: the flow has no key "stpes" (did you mean "steps"?)"#,
            #"3:25 error: step "a" has no key "afer" (did you mean "after"?)"#),
        Mistake(
            "flow: f\nsteps:\n  a: {review: {role: x}}\n  b: {agent: x/y, foreach: []}\nloop: 3",
            #"3:7 error: "review" in step "a" is not supported by this version"#,
            #"4:19 error: step "b" has no key "foreach" (did you mean "for_each"?)"#,
            #"5:1 error: "loop" in the flow is not supported by this version"#),
        Mistake(
            "flow: f\nmode: fast\nsteps: {a: {agent: x/y}}",
            #"2:7 error: `mode` "fast" is not allowed (sync, async or exit)"#),
        Mistake(
            "flow: f\nsteps:\n  a: {after: b}\n  b: {agent: x/y, tool: x/y.z}\n  c: {agent: Nope}\n  d: {tool: x/y}\n  e: 7",
            #"3:6 error: step "a" has neither an agent nor a tool (write agent: publisher/name or tool: "#
                + "publisher/name.tool)",
            #"4:25 error: step "b" has both an agent and a tool (write agent: publisher/name or tool: publisher/name.tool)"#,
            #"5:14 error: plugin id "Nope" is not allowed: publisher/name in lower-case letters, digits, '-', '_' and "#
                + #"'.', for example "acme/greeter""#,
            #"6:13 error: tool "x/y" is not allowed: publisher/name.tool, for example "corral/libm.pow""#,
            #"7:6 error: step "e" must be a map, not int"#),
    ]

    static let values: [Mistake] = [
        Mistake(
            "flow: f\nsteps:\n  a: {agent: x/y, timeout: 10}\n  b: {agent: x/y, timeout: 0s}\n  c: {agent: x/y, timeout: 5 min}",
            #"3:28 error: `timeout` of step "a" "10" is not allowed (write a time such as 500ms, 10s, 5m or 1h30m, "#
                + "longer than 0 and at most 8760h)",
            #"4:28 error: `timeout` of step "b" "0s" is not allowed (write a time such as 500ms, 10s, 5m or 1h30m, "#
                + "longer than 0 and at most 8760h)",
            #"5:28 error: `timeout` of step "c" "5 min" is not allowed (write a time such as 500ms, 10s, 5m or 1h30m, "#
                + "longer than 0 and at most 8760h)"),
        Mistake(
            "flow: f\nsteps:\n  a: {agent: x/y, retry: {max: 200, factor: 0.5, jiter: 1}}\n  b: {agent: x/y, retry: {backoff: 1s}}",
            #"3:32 error: `max` of `retry` of step "a" "200" is not allowed (from 0 to 100)"#,
            #"3:45 error: `factor` of `retry` of step "a" "0.5" is not allowed (from 1.0 to 100.0)"#,
            #"3:50 error: `retry` of step "a" has no key "jiter" (did you mean "jitter"?)"#,
            #"4:26 error: `retry` of step "b" has no "max" (write {max: 3})"#),
        Mistake(
            """
            flow: f
            input:
              n: {type: int, default: x}
              p: {type: file, default: ../a.csv}
              q: {type: sting}
              r: {default: 1}
              s: {type: int, default: 1, required: true}
            steps: {a: {agent: x/y}}
            """,
            #"3:27 error: `default` of input "n" must be an int, not string"#,
            #"4:28 error: `default` of input "p" "../a.csv" is not allowed (a path inside the folder of the "#
                + "flow, for example sample.csv)",
            #"5:13 error: `type` of input "q" "sting" is not allowed (did you mean "string"?)"#,
            #"6:6 error: input "r" has no "type" (write {type: string})"#,
            #"7:27 error: `required` of input "s" "true" is not allowed (a default makes it optional)"#),
        Mistake(
            "flow: f\nsteps:\n  my-step: {agent: x/y}\n  input: {agent: x/y}\n  if: {agent: x/y}\n  a:\n    agent: x/y\n    as: x\n"
                + "  b: {agent: x/y, for_each: [1], as: a, max_parallel: 0}",
            #"3:3 error: step "my-step" must be letters, digits and _, at most 64, starting with a letter (write "#
                + #""my_step")"#,
            #"4:3 error: step "input" is a reserved word (choose another name: "input" has a meaning in expressions)"#,
            #"5:3 error: step "if" is a reserved word (choose another name: "if" has a meaning in expressions)"#,
            #"8:9 error: step "a" has no "for_each" (`as` needs it)"#,
            #"9:38 error: "a" is the name of a step already (choose another name after `as`)"#,
            #"9:55 error: `max_parallel` of step "b" "0" is not allowed (from 1 to 100000)"#),
    ]

    static let graphs: [Mistake] = [
        Mistake(
            "flow: f\nsteps:\n  load: {agent: x/y}\n  b: {agent: x/y, after: laod}\n  c: {agent: x/y, after: [c, load, load]}",
            #"4:26 error: there is no step "laod" (did you mean "load"?)"#,
            #"5:27 error: step "c" waits for itself (remove it from `after`)"#,
            #"5:36 error: step "load" is named twice in `after` (remove one)"#),
        Mistake(
            "flow: f\nsteps:\n  a: {agent: x/y, after: c}\n  b: {agent: x/y, after: a}\n  c: {agent: x/y, after: b}\n  d: {agent: x/y, after: c}",
            "4:26 error: these steps wait for each other: b → c → a → b (remove one of them from an `after`)"),
        Mistake(
            """
            flow: f
            input: {symbol: string, spare: string}
            steps:
              load: {agent: x/y, with: {s: "${inptu.symbol} ${symbol} ${input.simbol}"}}
              other: {agent: x/y, with: {b: "${load.bars}"}}
              risk: {agent: x/y, after: other, with: {b: "${load.bars + report.x}", c: ["${risk}", "${item}"]}}
              report: {agent: x/y, after: risk, when: "steps.risc.status == 'x' || steps.risk.stauts == '' || steps == 1"}
            output: {a: "${repotr}", b: "${report.x}", c: "${input.symbol}"}
            """,
            #"2:25 warning: input "spare" is never used (remove it, or read it with ${input.spare})"#,
            #"4:35 error: unknown name "inptu" (did you mean "input"?)"#,
            #"4:51 error: unknown name "symbol" (write input.symbol)"#,
            #"4:61 error: the flow has no input "simbol" (did you mean "symbol"?)"#,
            #"5:36 error: step "other" reads "load" but does not wait for it (add "load" to `after` of "other")"#,
            #"6:49 error: step "risk" reads "load" but does not wait for it (add "load" to `after` of "risk")"#,
            #"6:61 error: step "risk" reads "report" but does not wait for it ("report" itself waits for "risk")"#,
            #"6:80 error: step "risk" reads its own result"#,
            #"6:91 error: "item" exists only in the `with` of a step with for_each"#,
            #"7:44 error: there is no step "risc" (did you mean "risk"?)"#,
            #"7:72 error: a step has no "stauts" in its metadata (did you mean "status"?)"#,
            #"7:99 error: "steps" is read with a step's name (write steps.name.confidence)"#,
            #"8:16 error: unknown name "repotr" (did you mean "report"?)"#),
        Mistake(
            """
            flow: f
            steps:
              a: {agent: x/y, for_each: "${item}", with: {x: "${item.y + index}", z: "${item2}"}}
              b: {agent: x/y, after: a, with: {x: "${a.y}", n: "${a.map(v, v.y)}", l: "${a[0].y}"}}
              c: {agent: x/y, when: "1 > 2"}
              d: {agent: x/y, when: "1 + 2"}
              e: {agent: x/y, when: "${1 +}"}
              g: {agent: x/y, with: "${'a' + }", when: {}}
            """,
            #"3:32 error: "item" exists only in the `with` of a step with for_each"#,
            #"3:77 error: unknown name "item2" (did you mean "item"?)"#,
            #"4:42 error: "a" is a list, because it has for_each; it has no member "y" (write a[0].y or a.map(x, x.y))"#,
            #"5:25 warning: step "c" never runs: its `when` is always false"#,
            #"6:26 error: the condition must be a bool, not int (compare it with something, for example `… != null`)"#,
            #"7:31 error: expected a value, not the end"#, #"8:34 error: expected a value, not the end"#,
            #"8:44 error: `when` of step "g" must be a condition, not map"#),
    ]

    @Test(arguments: shapes + values + graphs) func reportsEveryMistake(_ mistake: Mistake) {
        let (definition, diagnostics) = FlowDefinition.check(mistake.text, file: "f", catalogue: nil)
        #expect(diagnostics.map(line) == mistake.found)
        #expect((definition == nil) == diagnostics.contains { $0.severity == .error })
    }

    @Test func warningsDoNotStandInTheWay() throws {
        let flow = try FlowDefinition.parse("flow: f\ninput: {a: any}\nsteps: {x: {agent: x/y, with: {}}}", file: "f")
        #expect(flow.stepNames == ["x"])
    }

    @Test func oneMistakeDoesNotHideAnother() {
        let text = "flow: f\nsteps:\n  a: {agent: BAD, with: {v: \"${nope}\"}, after: gone, timeout: x, retry: -1}"
        let (_, diagnostics) = FlowDefinition.check(text, file: "f", catalogue: nil)
        #expect(diagnostics.count == 5)
    }

    @Test func givesTheSyntaxMistakeOfTheDocument() {
        let (_, diagnostics) = FlowDefinition.check("flow: [", file: "f", catalogue: nil)
        #expect(diagnostics.map(\.code.name) == ["yaml_invalid"])
    }

    @Test func survivesAnyFlow() {
        let pieces = [
            "flow: f\n", "steps:\n", "  a: ", "  b: ", "{agent: x/y}", "{agent: x/y, ", "after: ", "a", "b", "[a, b]",
            "}", "\n", "with: ",
            "\"${a.x}\"", "\"${\"", "when: ", "for_each: ", "[1, 2]", ", ", "input:\n", "output: ", "timeout: 5s",
            "retry: {max: 3}", "as: a",
            "defaults: {", "int", "{type: file}", "~", "mode: sync\n", "- ", "tool: x/y.z", "max_parallel: -1",
            "\"${steps.a.retries}\"",
        ]
        for seed in UInt64(0)..<10_000 {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 1...20, using: &generator)
            let text =
                "flow: f\nsteps:\n  a: {"
                + (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let (definition, _) = FlowDefinition.check(text, file: "f", catalogue: nil)
            guard let definition, let input = try? definition.resolveInput(nil) else { continue }
            var run = FlowRun(definition: definition, input: input, seed: seed)
            _ = run.handle(.started(now: 0))
        }
    }

    private func line(_ diagnostic: Diagnostic) -> String {
        let place = "\(diagnostic.location.line):\(diagnostic.location.column)"
        return "\(place) \(diagnostic.severity): \(diagnostic.message)"
            + (diagnostic.suggestion.map { " (\($0))" } ?? "")
    }
}
