// SPDX-License-Identifier: Apache-2.0
// EvaluationSection: judging what agents produce.

import CorralBase
import CorralExpression

extension Field {
    static let evaluationSection = Field.group(
        "evaluation", "Judging what agents produce, after the fact: no judge delays or fails a run.",
        [
            .enabled, rules,
            Field(
                "judges", .list(of: .scalar(.formed(.plugin))),
                "The judges that are asked about every step. Left out: all that are installed, where a rule applies."),
            .number("rate", 0...1, 1, "The share of steps that is judged. Which ones depends on run and step alone."),
            Field(
                "timeout", .scalar(.duration(.milliseconds(10) ... .seconds(600), words: [])),
                "The longest a judge may take for one step.", standard: "10s"),
            .whole(
                "concurrency", 1...16, 2, "Steps that are judged at once; further ones wait, and too many are dropped."),
            .number("pass_score", 1...10, 7, "From this score on a quality check has passed."),
            judge, comparative, abTesting,
        ], effect: .active, tenantRule: .free)

    private static let rules = Field(
        "rules", .dictionary(of: .map(rule), placeholder: "RULE"),
        "What outputs are held against, by a name of your own; docs/plugins/judge-rules.md has each kind.")

    private static let rule: [Field] = [
        Field(
            "for", .list(of: .scalar(.formed(.step))),
            "The steps it is for: `publisher/agent`, `publisher/*`, `flow/step` or `flow/*`. Left out: all."),
        Field(
            "kind", .scalar(.choice(["schema", "contains", "lacks", "length", "range", "expression"])),
            "What is looked at.", isRequired: true),
        Field(
            "of", .scalar(.formed(.expression)), "The part that is looked at (CEL over `input` and `output`).",
            standard: "output"),
        Field("when", .scalar(.formed(.expression)), "Judged only where this is true (CEL)."),
        Field("schema", .tree, "For `schema`: a JSON schema."),
        Field("texts", .list(of: .scalar(.text)), "For `contains` and `lacks`: what must, or must not, be said."),
        .flag("ignore_case", false, "For `contains` and `lacks`."),
        .choice("unit", ["characters", "words", "items"], "characters", "For `length`."),
        .number("min", -1e15...1e15, nil, "For `length` and `range`: the least."),
        .number("max", -1e15...1e15, nil, "For `length` and `range`: the most."),
        .number("tolerance", 0...1e15, 0, "For `range`: how far outside the score falls to 1."),
        Field(
            "check", .scalar(.formed(.expression)), "For `expression`: true or false, or a score from 1 to 10 (CEL)."),
    ]

    private static let judge = Field.group(
        "llm_as_judge", "A model that judges.",
        [
            .enabled,
            Field("model", .scalar(.name(known: [])), "The model that judges.", needs: ["*": .anthropic]),
            Field(
                "criteria", .dictionary(of: .list(of: .scalar(.name(known: []))), placeholder: "TOPIC"),
                "What is judged, by topic."),
            .group(
                "scoring", "How it is scored.",
                [
                    Field("scale", .scalar(.scale), "The lowest and the highest score.", standard: "1-10"),
                    .flag("require_explanation", true, "A score needs its reason."),
                ]),
        ], effect: .inert("no model judges; `rules` do"))

    private static let comparative = Field.group(
        "comparative_evaluation", "Several answers to one task.",
        [
            .enabled,
            .flag("compare_multiple_approaches", true, "Let several agents answer and compare."),
            .flag("select_best", true, "Go on with the best answer."),
        ], effect: .inert("one agent answers a step; a flow can run several and choose by `when`"))

    private static let abTesting = Field.group(
        "a_b_testing", "Two variants side by side.",
        [
            .enabled,
            .flag("test_prompt_variations", true, "Compare variants of a prompt."),
            .flag("test_agent_selection", true, "Compare agents for one task."),
            .whole("sample_size", 2...1_000_000, 100, "Runs for each variant."),
            .number("confidence_level", 0.5...0.9999, 0.95, "The confidence at which a variant wins."),
        ], effect: .inert("no variants are tried; two flows can be judged by the same rules"))
}

extension ScalarType.Form {
    static let plugin = Self("plugin", expectation: "a plugin's id, \"publisher/name\"") { (try? PluginID($0)) != nil }

    static let step = Self(
        "step", expectation: "\"publisher/agent\", \"flow/step\", either with * after the slash, or \"*\""
    ) { StepPattern($0) != nil }

    static let expression = Self("CEL", expectation: "an expression (docs/expressions.md)") {
        (try? Expression(parsing: $0)) != nil
    }
}
