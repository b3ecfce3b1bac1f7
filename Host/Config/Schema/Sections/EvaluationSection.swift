// SPDX-License-Identifier: Apache-2.0
// EvaluationSection: judging what agents produce.

import CorralBase

extension Field {
    static let evaluationSection = Field.group(
        "evaluation", "Judging what agents produce.",
        [.enabled, judge, comparative, abTesting], effect: .inert("nothing is judged"), tenantRule: .free)

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
        ])

    private static let comparative = Field.group(
        "comparative_evaluation", "Several answers to one task.",
        [
            .enabled,
            .flag("compare_multiple_approaches", true, "Let several agents answer and compare."),
            .flag("select_best", true, "Go on with the best answer."),
        ])

    private static let abTesting = Field.group(
        "a_b_testing", "Two variants side by side.",
        [
            .enabled,
            .flag("test_prompt_variations", true, "Compare variants of a prompt."),
            .flag("test_agent_selection", true, "Compare agents for one task."),
            .whole("sample_size", 2...1_000_000, 100, "Runs for each variant."),
            .number("confidence_level", 0.5...0.9999, 0.95, "The confidence at which a variant wins."),
        ])
}
