// SPDX-License-Identifier: Apache-2.0
// CostManagementSection: tracking, budgets, model choice and reports.

import CorralBase

extension Field {
    static let costManagementSection = Field.group(
        "cost_management", "What models cost: tracking, budgets, choice of model, reports.",
        [.enabled, tracking, budgets, optimization, reporting],
        effect: .inert("this version calls no models, so nothing costs"), tenantRule: .free)

    private static let tracking = Field.group(
        "tracking", "How costs are counted.",
        [
            .choice(
                "granularity", ["per_agent", "per_feature", "per_user"], "per_agent", "What costs are summed up by."),
            .flag("store_history", true, "Keep every charge, not only the sums."),
        ])

    private static let budgets = Field.group(
        "budgets", "Limits in US dollars; a call that would break one is refused.",
        [
            Field("daily_limit", .scalar(.money), "For a day."),
            Field("weekly_limit", .scalar(.money), "For a week."),
            Field("monthly_limit", .scalar(.money), "For a month."),
            .number("alert_threshold", 0...1, 0.8, "The part of a limit at which an alert is sent."),
        ])

    private static let optimization = Field.group(
        "optimization", "Which model a task gets.",
        [
            .flag("smart_model_selection", false, "Choose the model by the rules below."),
            Field(
                "model_selection_rules", .list(of: .scalar(.modelRule)),
                "The first rule that fits chooses the model. Quoted; the unquoted form is accepted with a warning."),
        ])

    private static let reporting = Field.group(
        "reporting", "The regular cost report.",
        [
            .enabled,
            .choice("frequency", ["daily", "weekly", "monthly"], "daily", "How often a report is made."),
            .choices(
                "include",
                ["cost_by_agent", "cost_by_feature", "model_usage_distribution", "optimization_opportunities"],
                "The parts of a report."),
        ])
}
