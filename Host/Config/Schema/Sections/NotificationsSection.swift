// SPDX-License-Identifier: Apache-2.0
// NotificationsSection: who is told of what, and over which channel.

import CorralBase

extension Field {
    static let notificationsSection = Field.group(
        "notifications", "Who is told of what. `corral notify list` shows what was sent, and what could not be.",
        [
            Field(
                "channels", .dictionary(of: .map(channel), placeholder: "CHANNEL"),
                "Where news go, by a name of your own."),
            Field(
                "rules", .dictionary(of: .map(rule), placeholder: "RULE"), "Which news go where, by a name of your own."
            ),
        ], effect: .active, tenantRule: .free)

    private static let channel: [Field] = [
        Field(
            "plugin", .scalar(.formed(.plugin)),
            "The notifier: `corral/notifier-webhook`, `corral/notifier-email` or another one of yours.",
            isRequired: true),
        Field("settings", .tree, "What it needs to know; docs/plugins has a page for each."),
    ]

    private static let rule: [Field] = [
        Field("on", .list(of: .scalar(.choice(NoticeTopic.names))), "The news it is about.", isRequired: true),
        Field("to", .list(of: .scalar(.name(known: []))), "The channels they go to.", isRequired: true),
        Field(
            "class", .list(of: .scalar(.name(known: []))),
            "For `change`: the classes of changes that count, for example `position_change`. Left out: all."),
        Field(
            "for", .list(of: .scalar(.formed(.step))),
            "The steps that count: `publisher/agent`, `publisher/*`, `flow/step` or `flow/*`. Left out: all."),
    ]
}
