// SPDX-License-Identifier: Apache-2.0
// NotificationSettings: what the operator is told of, and over which channels. A channel is a notifier plugin with
// settings; a rule says which news go to which channels.

/// What there can be news of.
package enum NoticeTopic: String, Sendable, Hashable, CaseIterable {
    case agentStarted = "agent_started"
    case agentCompleted = "agent_completed"
    case agentFailed = "agent_failed"
    case taskCreated = "task_created"
    case taskCompleted = "task_completed"
    case runFailed = "run_failed"
    case qualityCheckPassed = "quality_check_passed"
    case qualityCheckFailed = "quality_check_failed"
    case humanReviewRequired = "human_review_required"
    /// An agent's result declares a change.
    case change
    case limitWarning = "limit_warning"
    case pluginQuarantined = "plugin_quarantined"
    /// What `corral notify test` sends; no rule can name it.
    case test = "notification_test"

    package static let names = allCases.filter { $0 != .test }.map(\.rawValue)
}

package enum NoticeSeverity: String, Sendable, Hashable {
    case info
    case warning
    case error
}

/// Where news go.
package struct NotificationChannel: Sendable, Hashable {
    package var name: String
    package var plugin: PluginID
    /// What the plugin gets in `to`: its own business.
    package var settings: JSON
    /// Why nothing can be sent, when that is known already: a key that is not there.
    package var problem: String?

    package init(name: String, plugin: PluginID, settings: JSON, problem: String? = nil) {
        self.name = name
        self.plugin = plugin
        self.settings = settings
        self.problem = problem
    }
}

package struct NotificationRule: Sendable, Hashable {
    package var topics: [NoticeTopic]
    /// Names of channels.
    package var channels: [String]
    /// Classes of changes that count; empty = all. Only for changes.
    package var classes: [String]
    /// The steps it is for; empty = all. News that are of no step are for every rule without.
    package var targets: [StepPattern]

    package init(topics: [NoticeTopic], channels: [String], classes: [String] = [], targets: [StepPattern] = []) {
        self.topics = topics
        self.channels = channels
        self.classes = classes
        self.targets = targets
    }
}

/// What a rule is asked about.
package struct NoticeSubject: Sendable, Hashable {
    package var topic: NoticeTopic
    package var agent: String?
    package var flow: String?
    package var step: String?
    package var changeClass: String?

    package init(
        _ topic: NoticeTopic, agent: String? = nil, flow: String? = nil, step: String? = nil, changeClass: String? = nil
    ) {
        self.topic = topic
        self.agent = agent
        self.flow = flow
        self.step = step
        self.changeClass = changeClass
    }
}

extension NotificationRule {
    package func covers(_ subject: NoticeSubject) -> Bool {
        guard topics.contains(subject.topic) else { return false }
        if !classes.isEmpty, !classes.contains(subject.changeClass ?? "") { return false }
        guard !targets.isEmpty else { return true }
        guard subject.flow != nil || subject.agent != nil else { return false }
        return targets.contains {
            $0.covers(agent: subject.agent ?? "", flow: subject.flow ?? "", step: subject.step ?? "")
        }
    }
}

package struct NotificationSettings: Sendable, Hashable {
    package var channels: [NotificationChannel] = []
    package var rules: [NotificationRule] = []
    /// Below this confidence an agent's result is news of the topic `human_review_required`; nil = never.
    package var reviewConfidence: Double?
    /// Changes that are news of that topic.
    package var reviewClasses: [String] = []

    package init() {}

    package func channel(_ name: String) -> NotificationChannel? { channels.first { $0.name == name } }

    /// Whether any rule names the topic: what nobody wants to hear of need not be written.
    package func wants(_ topic: NoticeTopic) -> Bool { rules.contains { $0.topics.contains(topic) } }

    /// The channels that hear of something, each once, in the order of the rules.
    package func recipients(of subject: NoticeSubject) -> [NotificationChannel] {
        var names: [String] = []
        for rule in rules where rule.covers(subject) {
            for name in rule.channels where !names.contains(name) { names.append(name) }
        }
        return names.compactMap { channel($0) }
    }
}
