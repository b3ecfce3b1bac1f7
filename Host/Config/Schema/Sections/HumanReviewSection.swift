// SPDX-License-Identifier: Apache-2.0
// HumanReviewSection: when a person is asked, who, and how.

import CorralBase

extension Field {
    static let humanReviewSection = Field.group(
        "human_review", "When a person is asked, who, and how.",
        [.enabled, triggers, workflow, feedbackIntegration],
        effect: .inert("no run waits for a person; a flow with a review step is refused"), tenantRule: .free)

    private static let triggers = Field.group(
        "triggers", "What makes a step wait for a person.",
        [
            .group(
                "low_confidence", "An agent that is not sure.",
                [.number("threshold", 0...1, 0.7, "A confidence below this asks a person.")]),
            .names(
                "critical_changes",
                known: [
                    "database_schema_changes", "breaking_api_changes", "security_related_changes",
                    "production_deployments",
                ], "Classes of changes that always ask."),
            .names(
                "high_impact",
                known: ["changes_affecting_multiple_features", "architecture_modifications", "dependency_updates"],
                "Classes of changes that ask because they reach far."),
        ], effect: announced)

    /// No run waits for a person, but who is named in `notification_channels` hears of it.
    private static let announced = Effect.active

    private static let workflow = Field.group(
        "workflow", "How a person is asked.",
        [
            Field(
                "notification_channels", .list(of: .scalar(.name(known: ["slack", "email"]))),
                "Where the question is announced: channels of `notifications`.", effect: announced),
            .choice("review_interface", ["web", "cli", "slack"], "cli", "Where it is answered."),
            Field(
                "timeout", .scalar(.duration(.seconds(1) ... .seconds(365 * 86_400), words: [])),
                "How long an answer may take."),
            Field("reviewers", .list(of: .map(reviewer)), "Who answers what."),
        ])

    private static let reviewer: [Field] = [
        Field("role", .scalar(.name(known: [])), "The role that answers.", isRequired: true),
        Field(
            "for",
            .list(
                of: .scalar(
                    .name(known: [
                        "architecture_changes", "breaking_changes", "security_changes", "dependency_updates",
                        "feature_changes", "ui_changes",
                    ]))), "The classes of changes it answers for.", isRequired: true),
    ]

    private static let feedbackIntegration = Field.group(
        "feedback_integration", "What becomes of the answers.",
        [
            .flag("store_feedback", true, "Keep them."),
            .flag(
                "update_agent_prompts", false,
                "Let them change prompts without another approval, if"
                    + " `feedback_loops.success_analysis.update_agent_prompts` allows it too.", effect: .active,
                tenantRule: .switchOff),
            .flag("improve_confidence_scoring", false, "Correct agents' confidence by them."),
        ])
}
