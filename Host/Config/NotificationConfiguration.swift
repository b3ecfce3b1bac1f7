// SPDX-License-Identifier: Apache-2.0
// NotificationConfiguration: the section `notifications`, and what `events.webhooks` and `human_review` say about who is
// told of what, in typed form.

import CorralBase

extension LoadedConfiguration {
    package var notifications: NotificationSettings {
        var settings = NotificationSettings()
        for member in node(at: "notifications.channels")?.members ?? [] {
            guard let plugin = member.node["plugin"]?.leaf?.value?.stringValue.flatMap({ try? PluginID($0) }) else {
                continue
            }
            settings.channels.append(
                NotificationChannel(name: member.name, plugin: plugin, settings: member.node["settings"]?.json ?? [:]))
        }
        for member in node(at: "notifications.rules")?.members ?? [] {
            settings.rules.append(
                NotificationRule(
                    topics: (member.node.texts("on") ?? []).compactMap(NoticeTopic.init(rawValue:)),
                    channels: member.node.texts("to") ?? [], classes: member.node.texts("class") ?? [],
                    targets: (member.node.texts("for") ?? []).compactMap { StepPattern($0) }))
        }
        addWebhooks(to: &settings)
        addReviews(to: &settings)
        return settings
    }

    /// `events.webhooks.endpoints`: each is a channel of its own with one rule.
    private func addWebhooks(to settings: inout NotificationSettings) {
        guard isOn("events"), isOn("events.webhooks"), let plugin = try? PluginID("corral/notifier-webhook"),
            case .list(let endpoints)? = node(at: "events.webhooks.endpoints")?.kind
        else { return }
        for (index, endpoint) in endpoints.enumerated() {
            guard let url = endpoint["url"]?.leaf?.value?.stringValue else { continue }
            let name = "webhooks[\(index)]"
            var channel = NotificationChannel(name: name, plugin: plugin, settings: ["url": .string(url)])
            authorise(&channel, endpoint["auth"]?.leaf?.value?.stringValue ?? "none", url)
            settings.channels.append(channel)
            let topics = endpoint.texts("events") ?? NoticeTopic.names
            settings.rules.append(
                NotificationRule(topics: topics.compactMap(NoticeTopic.init(rawValue:)), channels: [name]))
        }
    }

    private static let schemes = ["bearer_token": "bearer", "basic": "basic", "hmac": "signature"]

    /// The settings name no secret, so it is the one that is bound to the address's host.
    private func authorise(_ channel: inout NotificationChannel, _ auth: String, _ url: String) {
        guard let scheme = Self.schemes[auth], var settings = channel.settings.objectValue else { return }
        let host = url.firstRange(of: "://").map { url[$0.upperBound...].prefix { !"/:?#".contains($0) }.lowercased() }
        let secret = secrets.first { secret in
            secret.scheme == scheme && secret.hosts.contains { hostPattern($0.lowercased(), covers: host ?? "") }
        }
        guard let secret else {
            channel.problem = "`secrets` has none of scheme \(scheme) for the host \(host ?? url)"
            return
        }
        settings[scheme] = scheme == "signature" ? [.string(secret.name)] : .string(secret.name)
        channel.settings = .object(settings)
    }

    /// `human_review`: what would ask a person is announced.
    private func addReviews(to settings: inout NotificationSettings) {
        guard isOn("human_review"), let names = node(at: "human_review.workflow")?.texts("notification_channels"),
            !names.isEmpty
        else { return }
        settings.reviewConfidence = node(at: "human_review.triggers.low_confidence").flatMap { _ in
            value("human_review.triggers.low_confidence.threshold")?.doubleValue
        }
        let triggers = node(at: "human_review.triggers")
        settings.reviewClasses = (triggers?.texts("critical_changes") ?? []) + (triggers?.texts("high_impact") ?? [])
        settings.rules.append(NotificationRule(topics: [.humanReviewRequired], channels: names))
    }

    /// A row for each channel that is named and not there, and for each address without its key.
    var notificationRows: [CheckRow] {
        let settings = notifications
        var rows: [CheckRow] = []
        let path = "human_review.workflow.notification_channels"
        for name in (isOn("human_review") ? node(at: "human_review.workflow") : nil)?.texts("notification_channels")
            ?? []
        {
            let isThere = settings.channel(name) != nil
            rows.append(
                CheckRow(
                    setting: "\(path): \(name)", state: isThere ? .present : .degraded,
                    reason: isThere ? "a channel of `notifications`" : "`notifications.channels` has no \"\(name)\"",
                    fix: isThere
                        ? nil : "add notifications: {channels: {\(name): {plugin: corral/notifier-…, settings: {…}}}}",
                    location: node(at: path)?.location))
        }
        for channel in settings.channels {
            guard let problem = channel.problem else { continue }
            rows.append(
                CheckRow(
                    setting: "events.\(channel.name)", state: .degraded, reason: problem,
                    fix: "bind a secret to that host in `secrets`", location: node(at: "events.webhooks")?.location))
        }
        return rows
    }
}

enum NotificationChecks {
    /// Channels that rules name and nobody declared.
    static func channels(_ sections: [ResolvedNode.Member]) -> [Diagnostic] {
        let section = sections.first { $0.name == Field.notificationsSection.name }
        let known = section?.node["channels"]?.members?.map(\.name) ?? []
        return (section?.node["rules"]?.members ?? []).flatMap { rule -> [Diagnostic] in
            guard case .list(let items)? = rule.node["to"]?.kind else { return [] }
            return items.compactMap { item in
                guard let name = item.leaf?.value?.stringValue, !known.contains(name) else { return nil }
                return .channelUndeclared(name, known: known, at: item.location)
            }
        }
    }
}
