// SPDX-License-Identifier: Apache-2.0
// JudgingSettings: the rows of ActiveSettingsTests for judging and notifying, and what their sections say together.

import CorralBase
import CorralConfig
import Testing

extension ActiveSettingsTests {
    static let judging: [Active] =
        [
            evaluation("enabled", "enabled: false, rules: {r: {kind: lacks, texts: [x]}}", "[]") { "\($0.rules)" },
            evaluation("judges", "judges: [a/b]", "[\"a/b\"]", standard: "nil") {
                $0.judges.map { "\($0.map(\.text))" } ?? "nil"
            },
            evaluation("rate", "rate: 0.25", "0.25", standard: "1.0") { "\($0.rate)" },
            evaluation("timeout", "timeout: 3s", "3.0 seconds", standard: "10.0 seconds") { "\($0.timeout)" },
            evaluation("concurrency", "concurrency: 5", "5", standard: "2") { "\($0.concurrency)" },
            evaluation("pass_score", "pass_score: 9", "9.0", standard: "7.0") { "\($0.passScore)" },
            Active(
                path: "evaluation.rules.*.for",
                text: "evaluation: {rules: {r: {kind: lacks, texts: [x], for: [a/b, \"flow/*\"]}}}",
                reads: { "\($0.evaluation.rules.first?.targets.map(\.text) ?? [])" }, standard: "[]",
                configured: "[\"a/b\", \"flow/*\"]"),
            rule("kind", "kind: lacks, texts: [x]", "\"lacks\""),
            rule("of", "kind: lacks, texts: [x], of: output.text", "\"output.text\""),
            rule("when", "kind: lacks, texts: [x], when: \"has(output.text)\"", "\"has(output.text)\""),
            rule(
                "schema", "kind: schema, schema: {type: object, properties: {a: {minimum: 1}}}",
                #"{"type":"object","properties":{"a":{"minimum":1}}}"#),
            rule("texts", "kind: contains, texts: [x, y]", #"["x","y"]"#),
            rule("ignore_case", "kind: contains, texts: [x], ignore_case: true", "true"),
            rule("unit", "kind: length, max: 3, unit: words", "\"words\""),
            rule("min", "kind: range, min: 1", "1"), rule("max", "kind: range, max: 2.5", "2.5"),
            rule("tolerance", "kind: range, min: 1, tolerance: 2", "2"),
            rule("check", "kind: expression, check: \"output.a > 1\"", "\"output.a > 1\""),
        ] + notifying

    private static let channel = "channels: {ops: {plugin: a/b, settings: {url: x, deep: {list: [1, true]}}}}"

    private static let notifying: [Active] = [
        notification("channels.*.plugin", channel, "a/b", standard: "none") {
            $0.channels.first?.plugin.text ?? "none"
        },
        notification(
            "channels.*.settings", channel, #"{"url":"x","deep":{"list":[1,true]}}"#, standard: "none"
        ) { $0.channels.first?.settings.text() ?? "none" },
        notificationRule("on", "[run_failed, change]", "[\"run_failed\", \"change\"]") { $0.topics.map(\.rawValue) },
        notificationRule("to", "[ops]", "[\"ops\"]") { $0.channels },
        notificationRule("class", "[position_change]", "[\"position_change\"]") { $0.classes },
        notificationRule("for", "[market-review/decide]", "[\"market-review/decide\"]") { $0.targets.map(\.text) },
        webhook("enabled", "enabled: false", "[]", standard: "[]") { "\($0.channels.map(\.name))" },
        webhook("endpoints[].url", "", "https://hooks.example.com/in", standard: "none") {
            $0.channels.first?.settings["url"]?.stringValue ?? "none"
        },
        webhook("endpoints[].events", "", "[\"agent_completed\"]", standard: "none") {
            $0.rules.first.map { "\($0.topics.map(\.rawValue))" } ?? "none"
        },
        webhook("endpoints[].auth", "", "HOOK", standard: "none") {
            $0.channels.first?.settings["bearer"]?.stringValue ?? "none"
        },
        review("triggers.low_confidence.threshold", "nil", "0.6") { "\($0.reviewConfidence.map { "\($0)" } ?? "nil")" },
        review("triggers.critical_changes", "[]", "[\"a_change\", \"b_change\"]") { "\($0.reviewClasses)" },
        review("triggers.high_impact", "[]", "[\"a_change\", \"b_change\"]") { "\($0.reviewClasses)" },
        review("workflow.notification_channels", "none", "[\"ops\"]") {
            $0.rules.first.map { "\($0.channels)" } ?? "none"
        },
    ]

    private static func evaluation(
        _ member: String, _ text: String, _ configured: String, standard: String = "[]",
        _ reads: @escaping @Sendable (EvaluationSettings) -> String
    ) -> Active {
        Active(
            path: "evaluation.\(member)", text: "evaluation: {\(text)}", reads: { reads($0.evaluation) },
            standard: standard, configured: configured)
    }

    private static func rule(_ member: String, _ text: String, _ configured: String) -> Active {
        Active(
            path: "evaluation.rules.*.\(member)", text: "evaluation: {rules: {r: {\(text)}}}",
            reads: { $0.evaluation.rules.first?.criterion[member]?.text() ?? "none" }, standard: "none",
            configured: configured)
    }

    private static func notification(
        _ member: String, _ text: String, _ configured: String, standard: String,
        _ reads: @escaping @Sendable (NotificationSettings) -> String
    ) -> Active {
        Active(
            path: "notifications.\(member)", text: "notifications: {\(text)}", reads: { reads($0.notifications) },
            standard: standard, configured: configured)
    }

    private static func notificationRule(
        _ member: String, _ value: String, _ configured: String,
        _ reads: @escaping @Sendable (NotificationRule) -> [String]
    ) -> Active {
        let others = ["on": "on: [change]", "to": "to: [ops]"].filter { $0.key != member }.values.sorted()
        let members = (others + ["\(member): \(value)"]).joined(separator: ", ")
        return notification("rules.*.\(member)", "\(channel), rules: {r: {\(members)}}", configured, standard: "none") {
            $0.rules.first.map { "\(reads($0))" } ?? "none"
        }
    }

    private static func webhook(
        _ member: String, _ extra: String, _ configured: String, standard: String,
        _ reads: @escaping @Sendable (NotificationSettings) -> String
    ) -> Active {
        let endpoint = "{url: \"https://hooks.example.com/in\", events: [agent_completed], auth: bearer_token}"
        let members = (extra.isEmpty ? [] : [extra]) + ["endpoints: [\(endpoint)]"]
        return Active(
            path: "events.webhooks.\(member)",
            text: "events: {webhooks: {\(members.joined(separator: ", "))}}\n"
                + "secrets: {HOOK: {from: \"env:HOOK\", hosts: [hooks.example.com]}}",
            reads: { reads($0.notifications) }, standard: standard, configured: configured)
    }

    private static func review(
        _ member: String, _ standard: String, _ configured: String,
        _ reads: @escaping @Sendable (NotificationSettings) -> String
    ) -> Active {
        Active(
            path: "human_review.\(member)",
            text: "human_review: {triggers: {low_confidence: {threshold: 0.6}, critical_changes: [a_change],"
                + " high_impact: [b_change]}, workflow: {notification_channels: [ops]}}\n"
                + "notifications: {\(channel)}",
            reads: { reads($0.notifications) }, standard: standard, configured: configured)
    }
}

@Suite struct JudgingSettingsTests {
    @Test(arguments: [
        ("{kind: schema}", "has no `schema`"), ("{kind: range}", "has no `min` or `max`"),
        ("{kind: contains}", "has no `texts`"), ("{kind: expression}", "has no `check`"),
        ("{kind: spelling}", "one of schema, contains"), ("{texts: [x]}", "kind"),
        ("{kind: expression, check: \"output >\"}", "an expression"),
        ("{kind: lacks, texts: [x], for: [nothing]}", "publisher/agent"),
    ])
    func ruleThatCannotJudgeIsAMistake(_ rule: String, says: String) throws {
        let found = mistakes("evaluation: {rules: {r: \(rule)}}")
        #expect(found.count == 1 && found[0].message.contains(says), "\(found)")
    }

    @Test func channelThatNobodyDeclaredIsAMistake() {
        let found = mistakes("notifications: {channels: {ops: {plugin: a/b}}, rules: {r: {on: [change], to: [opps]}}}")
        #expect(found.count == 1 && found[0].message.contains("there is no channel"), "\(found)")
    }

    @Test func webhookWithoutItsKeyIsARowAndNoMistake() throws {
        let loaded = try load("events: {webhooks: {endpoints: [{url: \"https://a.test/x\", auth: hmac}]}}")
        let row = loaded.rows.first { $0.setting == "events.webhooks[0]" }
        #expect(row?.state == .degraded && row?.reason.contains("scheme signature") == true, "\(row as Any)")
        #expect(loaded.notifications.channels.first?.problem != nil)
    }

    @Test func reviewChannelsThatAreNotThereAreRows() throws {
        let text =
            "human_review: {workflow: {notification_channels: [slack, ops]}}\n"
            + "notifications: {channels: {ops: {plugin: a/b}}}"
        let rows = try load(text).rows.filter { $0.setting.contains("notification_channels:") }
        #expect(rows.map(\.state) == [.degraded, .present], "\(rows)")
    }

    @Test func sampleDependsOnRunAndStepAlone() throws {
        var settings = EvaluationSettings()
        settings.rate = 0.3
        let runs = (0..<2_000).map { RunID(milliseconds: 1_795_654_923_000 + UInt64($0), random: UInt32($0)) }
        let sampled = runs.map { settings.isSampled(run: $0, step: "decide", item: nil) }
        #expect(sampled == runs.map { settings.isSampled(run: $0, step: "decide", item: nil) })
        #expect((500...700).contains(sampled.count { $0 }), "\(sampled.count { $0 }) of 2000")
        let items = (0..<2_000).map { settings.isSampled(run: runs[0], step: "each", item: $0) }
        #expect((500...700).contains(items.count { $0 }), "\(items.count { $0 }) of 2000")
        settings.rate = 0
        #expect(!settings.isActive && !settings.isSampled(run: runs[0], step: "decide", item: nil))
    }

    @Test func patternsNameAgentsAndSteps() {
        func covers(_ pattern: String) -> Bool {
            StepPattern(pattern)?.covers(agent: "corral/desk", flow: "market-review", step: "decide") ?? false
        }
        for pattern in ["*", "corral/desk", "corral/*", "market-review/decide", "market-review/*"] {
            #expect(covers(pattern), "\(pattern)")
        }
        for pattern in ["corr/*", "corral/des", "market-review/load", "market/*"] {
            #expect(!covers(pattern), "\(pattern)")
        }
        for pattern in ["", "corral", "a/b/c", "*/b", "a/", "a/b*"] {
            #expect(StepPattern(pattern) == nil, "\(pattern)")
        }
    }

    @Test func rulesChooseChannelsOnceEach() throws {
        let text = """
            notifications:
              channels: {ops: {plugin: a/b}, desk: {plugin: a/c}}
              rules:
                all: {on: [run_failed, change], to: [ops]}
                flips: {on: [change], class: [position_change], for: [corral/pm], to: [desk, ops]}
            """
        let settings = try load(text).notifications
        func names(_ subject: NoticeSubject) -> [String] { settings.recipients(of: subject).map(\.name) }
        #expect(names(NoticeSubject(.runFailed, flow: "f")) == ["ops"])
        let flip = NoticeSubject(.change, agent: "corral/pm", flow: "f", step: "s", changeClass: "position_change")
        #expect(names(flip) == ["ops", "desk"])
        var other = flip
        other.changeClass = "schema_change"
        #expect(names(other) == ["ops"])
        #expect(names(NoticeSubject(.limitWarning)).isEmpty)
        #expect(settings.wants(.change) && !settings.wants(.limitWarning))
    }
}
