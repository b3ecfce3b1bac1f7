// SPDX-License-Identifier: Apache-2.0
// ObservabilitySection: tracing, metrics, alerts and dashboards.

import CorralBase

extension Field {
    static let observabilitySection = Field.group(
        "observability", "Tracing, metrics, alerts and dashboards.",
        [
            .enabled,
            Field(
                "tracers", .list(of: .scalar(.text)),
                "The tracer plugins that get finished spans, such as corral/tracer-file; absent, all that are installed.",
                effect: .active, tenantRule: .never),
            tracing, metrics, alerting, dashboards,
        ],
        effect: .inert("each run's spans are kept in the tenant's spans.db; see `corral runs show RUN --trace`"),
        tenantRule: .free)

    private static let tracing = Field.group(
        "tracing", "Where spans are sent and what they hold.",
        [
            .choice(
                "backend", ["opentelemetry", "langfuse", "datadog"], "opentelemetry", "The system spans are sent to.",
                needs: ["opentelemetry": .otlp, "langfuse": .langfuse, "datadog": .datadog]),
            .flag("trace_all_agents", true, "Trace every agent; false traces only flows that ask for it."),
            .flag("capture_prompts", false, "Keep prompts in spans."),
            .flag("capture_responses", false, "Keep answers in spans."),
            .flag("capture_tool_calls", true, "Keep arguments and results of tools in spans."),
        ],
        effect: .inert(
            "every call is traced into the tenant's spans.db, and the installed tracer plugins get it "
                + "(observability.tracers)"))

    private static let metrics = Field.group(
        "metrics", "What is measured.",
        [
            .flag("track_latency", true, "How long steps and calls take."),
            .flag("track_token_usage", true, "Tokens read and written by models."),
            .flag("track_costs", true, "What models cost."),
            .flag("track_success_rate", true, "How many runs and steps succeed."),
        ], effect: .inert("spans hold durations and outcomes; no metrics are summed up"))

    private static let alerting = Field.group(
        "alerting", "Who is told when something goes wrong.",
        [
            .enabled,
            .names("channels", known: ["email", "slack"], "Where alerts go.", needs: Need.channels),
            Field(
                "conditions", .list(of: .scalar(.condition(metrics: alertMetrics))), "When an alert is sent."),
        ], effect: .inert("no alerts are sent"))

    private static let alertMetrics = [
        "error_rate", "success_rate", "latency_p50", "latency_p95", "latency_p99", "cost_per_hour", "cost_per_day",
        "tokens_per_hour", "tokens_per_day",
    ]

    private static let dashboards = Field.group(
        "dashboards", "What the console shows.",
        [
            .enabled,
            .choices(
                "metrics",
                [
                    "agent_execution_time", "token_usage_by_agent", "success_vs_failure_rate", "cost_breakdown",
                    "quality_scores",
                ], "The charts, in this order."),
        ], effect: .inert("there is no console"))

    /// The switch most groups have; a group that is there is on unless it says otherwise.
    static let enabled = Field.flag("enabled", true, "Whether this part is on.")
}
