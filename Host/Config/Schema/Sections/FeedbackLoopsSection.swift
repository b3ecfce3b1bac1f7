// SPDX-License-Identifier: Apache-2.0
// FeedbackLoopsSection: learning from runs, retries and self-healing.

import CorralBase

extension Field {
    static let feedbackLoopsSection = Field.group(
        "feedback_loops", "Learning from past runs, retries and self-healing.",
        [.enabled, executionTracking, successAnalysis, failureAnalysis, continuousImprovement, selfHealing],
        effect: .inert("nothing is learned from past runs"), tenantRule: .free)

    private static let executionTracking = Field.group(
        "execution_tracking", "What is kept of each run.",
        [
            .flag("store_all_executions", true, "Keep every run, not only failed ones."),
            .text("database", "Where the history lies; a relative path lies under the tenant."),
            .whole("retention_days", 1...36_500, 90, "Days a run is kept."),
        ],
        effect: .inert("every run is kept in the tenant's state.db, without a limit"))

    private static let successAnalysis = Field.group(
        "success_analysis", "What is learned from runs that succeed.",
        [
            .flag("identify_patterns", true, "Look for what successful runs have in common."),
            .flag("extract_best_practices", true, "Write such patterns down as advice."),
            .flag(
                "update_agent_prompts", false,
                "Put the advice into prompts without a person's approval, if"
                    + " `human_review.feedback_integration.update_agent_prompts` allows it too.", effect: .active,
                tenantRule: .switchOff),
        ])

    private static let failureAnalysis = Field.group(
        "failure_analysis", "What happens after a failure.",
        [
            .flag("root_cause_detection", true, "Look for the first step that went wrong."),
            .flag("auto_retry", true, "Try a failed step again."),
            .whole("max_retries", 0...100, 3, "How often a failed step is tried again."),
            .choices(
                "retry_strategies", ["modify_approach", "select_different_agent", "break_into_smaller_tasks"],
                "What is changed before the next try, in this order."),
        ], effect: .inert("a step is tried again only as its flow's own `retry` says"))

    private static let continuousImprovement = Field.group(
        "continuous_improvement", "The regular look at how things develop.",
        [
            .enabled,
            .choice(
                "review_frequency", ["daily", "weekly", "monthly"], "weekly", "How often the trends are computed."),
            .choices(
                "metrics", ["success_rate_trend", "latency_improvement", "quality_score_improvement"],
                "The trends that are computed."),
        ])

    private static let selfHealing = Field.group(
        "self_healing", "Which mistakes are repaired without asking.",
        [
            .enabled,
            .names(
                "auto_fix_categories", known: ["syntax_errors", "import_errors", "simple_type_errors"],
                "Mistakes that are repaired at once."),
            .names(
                "require_review_for", known: ["logic_changes", "breaking_changes", "security_issues"],
                "Changes that wait for a person."),
        ], effect: .inert("nothing is repaired automatically"))
}
