// SPDX-License-Identifier: Apache-2.0
// NotifyReport: what `corral notify …` prints.

import CorralBase
import CorralControl

enum NotifyReport {
    static func list(_ listing: NotifyListing, terminal: Terminal) -> String {
        let style = terminal.output
        var text = style.bold("channels") + "\n" + channels(listing.channels, terminal)
        text += "\n" + style.bold("deliveries") + "\n" + deliveries(listing.deliveries, terminal)
        if listing.dropped > 0 {
            text += style.warn("\(listing.dropped) were lost because too many waited") + "\n"
        }
        return text
    }

    private static func channels(_ channels: [ChannelDetail], _ terminal: Terminal) -> String {
        guard !channels.isEmpty else { return "  none; declare them in `notifications.channels`\n" }
        var table = Table(
            [
                .init(title: "CHANNEL"), .init(title: "PLUGIN"), .init(title: "WAITING", isRight: true),
                .init(title: "NOTE", yields: true),
            ], indent: 2)
        for channel in channels {
            let stopped = channel.stoppedAt.map {
                "stopped since \(Quantity.time($0, zoneSeconds: terminal.zoneSeconds)): its other end wants no more"
            }
            table.add([channel.name, channel.plugin, String(channel.waiting), channel.problem ?? stopped ?? ""])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    private static func deliveries(_ deliveries: [DeliveryDetail], _ terminal: Terminal) -> String {
        guard !deliveries.isEmpty else { return "  none\n" }
        var table = Table(
            [
                .init(title: "DELIVERY"), .init(title: "CHANNEL"), .init(title: "TOPIC"),
                .init(title: "STATE", paint: { style, text in style.delivery(text, text.trimmed) }),
                .init(title: "TRIES", isRight: true), .init(title: "MADE"), .init(title: "TITLE", yields: true),
            ], indent: 2)
        for delivery in deliveries {
            table.add([
                delivery.id, delivery.channel, delivery.topic, delivery.state, String(delivery.attempts.count),
                Quantity.time(delivery.createdAt, zoneSeconds: terminal.zoneSeconds), delivery.title,
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }

    static func show(_ delivery: DeliveryDetail, terminal: Terminal) -> String {
        let style = terminal.output
        var table = Table([
            .init(title: "", paint: { style, text in style.faint(text) }), .init(title: "", yields: true),
        ])
        table.add(["channel", "\(delivery.channel) (\(delivery.plugin))"])
        table.add(["topic", "\(delivery.topic), \(delivery.severity)"])
        table.add(["made", Quantity.time(delivery.createdAt, zoneSeconds: terminal.zoneSeconds)])
        if let run = delivery.run { table.add(["run", run.text]) }
        if let next = delivery.nextAt, !delivery.attempts.isEmpty {
            table.add(["next", Quantity.time(next, zoneSeconds: terminal.zoneSeconds)])
        }
        var text = style.bold(delivery.id) + " " + style.delivery(delivery.state, delivery.state) + "\n"
        text += table.text(width: terminal.width, style: style)
        text += "\n" + style.bold(printable(delivery.title)) + "\n"
        text += delivery.text.split(separator: "\n").map { "  " + printable(String($0)) + "\n" }.joined()
        return text + "\n" + style.bold("attempts") + "\n" + attempts(delivery.attempts, terminal)
    }

    private static func attempts(_ attempts: [DeliveryDetail.Attempt], _ terminal: Terminal) -> String {
        guard !attempts.isEmpty else { return "  none yet\n" }
        var table = Table(
            [.init(title: "AT"), .init(title: "TOOK", isRight: true), .init(title: "OUTCOME", yields: true)], indent: 2)
        for attempt in attempts {
            let outcome = attempt.error.map { "\($0.code.name): \($0.message)" } ?? attempt.detail ?? "delivered"
            table.add([
                Quantity.time(attempt.at, zoneSeconds: terminal.zoneSeconds),
                Quantity.duration(attempt.tookNanoseconds), outcome,
            ])
        }
        return table.text(width: terminal.width, style: terminal.output)
    }
}

extension Style {
    fileprivate func delivery(_ text: String, _ state: String) -> String {
        switch state {
        case "delivered": good(text)
        case "failed": bad(text)
        default: accent(text)
        }
    }
}

extension NotifyListing {
    var json: JSON {
        [
            "channels": .array(channels.map(\.json)), "deliveries": .array(deliveries.map(\.json)),
            "dropped": .int(Int64(dropped)),
        ]
    }
}

extension ChannelDetail {
    var json: JSON {
        [
            "channel": .string(name), "plugin": .string(plugin), "stopped_at": orNull(stoppedAt),
            "waiting": .int(Int64(waiting)), "problem": orNull(problem),
        ]
    }
}

extension DeliveryDetail {
    var json: JSON {
        [
            "id": .string(id), "channel": .string(channel), "plugin": .string(plugin), "topic": .string(topic),
            "severity": .string(severity), "state": .string(state), "run": orNull(run?.text), "title": .string(title),
            "text": .string(text), "data": data.value, "created_at": .int(createdAt), "next_at": orNull(nextAt),
            "finished_at": orNull(finishedAt), "attempts": .array(attempts.map(\.json)),
        ]
    }
}

extension DeliveryDetail.Attempt {
    fileprivate var json: JSON {
        [
            "at": .int(at), "took": .int(tookNanoseconds), "error": error?.json ?? .null, "detail": orNull(detail),
        ]
    }
}

private func orNull(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
private func orNull(_ number: Int64?) -> JSON { number.map { .int($0) } ?? .null }
