// SPDX-License-Identifier: Apache-2.0
// Notice: one piece of news: what happened, in words for people and in values for programs.

import CorralBase
import CorralControl
import CorralStore

package struct Notice: Sendable, Hashable {
    package var subject: NoticeSubject
    package var severity: NoticeSeverity
    package var title: String
    package var text: String
    package var data: JSONObject
    package var run: RunID?
    /// When it happened, wall-clock nanoseconds.
    package var at: Int64

    package init(
        _ subject: NoticeSubject, _ severity: NoticeSeverity, title: String, text: String, data: JSONObject = [:],
        run: RunID? = nil, at: Int64
    ) {
        self.subject = subject
        self.severity = severity
        self.title = title
        self.text = text
        self.data = data
        self.run = run
        self.at = at
    }
}

extension Notice {
    static func runFailed(_ run: RunID, flow: String, _ error: CorralError, step: String?, at: Int64) -> Notice {
        var data: JSONObject = [
            "run": .string(run.text), "flow": .string(flow), "code": .string(error.code.text),
            "error": .string(error.message),
        ]
        data["step"] = step.map { .string($0) }
        let place = step.map { "step \"\($0)\": " } ?? ""
        return Notice(
            NoticeSubject(.runFailed, flow: flow, step: step), .error, title: "\(flow) failed",
            text: "\(place)\(error.message)\n\ncorral runs show \(run)", data: data, run: run, at: at)
    }

    static func run(_ topic: NoticeTopic, _ run: RunID, flow: String, at: Int64) -> Notice {
        let title = topic == .taskCreated ? "\(flow) has begun" : "\(flow) is done"
        return Notice(
            NoticeSubject(topic, flow: flow), .info, title: title, text: "corral runs show \(run)",
            data: ["run": .string(run.text), "flow": .string(flow)], run: run, at: at)
    }

    /// What happened at a step.
    static func step(
        _ topic: NoticeTopic, _ severity: NoticeSeverity, _ place: NoticePlace, title: String, text: String,
        changeClass: String? = nil, data more: JSONObject = [:], at: Int64
    ) -> Notice {
        var data: JSONObject = [
            "run": .string(place.run.text), "flow": .string(place.flow), "step": .string(place.step),
            "agent": .string(place.agent),
        ]
        data["item"] = place.item.map { .int(Int64($0)) }
        for member in more.members { data[member.key] = member.value }
        return Notice(
            NoticeSubject(topic, agent: place.agent, flow: place.flow, step: place.step, changeClass: changeClass),
            severity, title: title, text: "\(text)\n\ncorral runs show \(place.run)", data: data, run: place.run, at: at
        )
    }

    static func limitWarning(_ use: TenantLimitUse, tenant: TenantID, at: Int64) -> Notice {
        Notice(
            NoticeSubject(.limitWarning), .warning,
            title: "tenant \(tenant): \(use.percent ?? 0) % of a limit are used",
            text: "\(use.text)\n\ncorral tenant usage \(tenant)",
            data: [
                "tenant": .string(tenant.text), "limit": .string(use.limit.path),
                "percent": .int(Int64(use.percent ?? 0)),
            ], at: at)
    }

    static func quarantined(_ plugin: PluginID, _ error: CorralError, tenant: TenantID, at: Int64) -> Notice {
        Notice(
            NoticeSubject(.pluginQuarantined, agent: plugin.text), .error, title: "plugin \(plugin) is in quarantine",
            text: "\(error.message)\n\ncorral plugin release \(plugin)",
            data: ["tenant": .string(tenant.text), "plugin": .string(plugin.text)], at: at)
    }

    static func test(_ channel: String, tenant: TenantID, at: Int64) -> Notice {
        Notice(
            NoticeSubject(.test), .info, title: "Corral reaches you over \(channel)",
            text: "This was sent by `corral notify test \(channel)`.",
            data: ["tenant": .string(tenant.text), "channel": .string(channel)], at: at)
    }
}

/// Where in which run.
package struct NoticePlace: Sendable, Hashable {
    package var run: RunID
    package var flow: String
    package var step: String
    package var item: Int?
    package var agent: String
}
