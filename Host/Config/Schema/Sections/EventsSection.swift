// SPDX-License-Identifier: Apache-2.0
// EventsSection: the event bus, webhooks and queues.

import CorralBase

extension Field {
    static let eventsSection = Field.group(
        "events", "The event bus, webhooks and queues.",
        [
            .enabled, eventBus, .names("event_types", known: eventTypes, "The events that are published."), webhooks,
            queues,
        ],
        effect: .inert("no events are published; `corral runs show` has what happened"), tenantRule: .free)

    private static let eventTypes = [
        "agent_started", "agent_completed", "agent_failed", "task_created", "task_completed", "quality_check_passed",
        "quality_check_failed", "human_review_required",
    ]

    private static let eventBus = Field.group(
        "event_bus", "What carries events.",
        [
            .choice(
                "backend", ["sqlite", "redis", "rabbitmq", "kafka"], "sqlite", "The system that carries events.",
                needs: Need.brokers)
        ])

    private static let webhooks = Field.group(
        "webhooks", "Addresses that are called when something happens.",
        [.enabled, Field("endpoints", .list(of: .map(endpoint)), "The addresses.")],
        effect: .active)

    private static let endpoint: [Field] = [
        Field("url", .scalar(.url), "The address that is called.", isRequired: true),
        .names("events", known: NoticeTopic.names, "The events it is called for; all when absent."),
        .choice(
            "auth", ["none", "bearer_token", "basic", "hmac"], "none",
            "How the call proves who it is: by the entry of `secrets` that is bound to its host and has the scheme `bearer`,"
                + " `basic` or `signature` (Standard Webhooks)."),
    ]

    private static let queues = Field.group(
        "async_processing", "Work that waits in a queue.",
        [
            .enabled,
            .whole("worker_count", 1...1024, 4, "How many take work from it."),
            .choice(
                "queue_backend", ["sqlite", "redis", "rabbitmq", "kafka"], "sqlite", "The system that keeps the queue.",
                needs: Need.brokers),
        ], effect: .inert("there is no queue; a run starts when it is asked for"))
}
