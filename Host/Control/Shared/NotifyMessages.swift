// SPDX-License-Identifier: Apache-2.0
// NotifyMessages: what `corral notify …` asks and what it is told.

import CorralBase

package struct NotifyListRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// `pending`, `delivered` or `failed`; nil for all.
    package var state: String?
    package var channel: String?
    /// 1 to 1,000.
    package var limit: Int

    package init(tenant: TenantID = .standard, state: String? = nil, channel: String? = nil, limit: Int = 20) {
        self.tenant = tenant
        self.state = state
        self.channel = channel
        self.limit = limit
    }
}

/// A delivery as a person names it.
package struct NotifyReference: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// An id, or a beginning of one that is enough.
    package var delivery: String

    package init(tenant: TenantID = .standard, delivery: String) {
        self.tenant = tenant
        self.delivery = delivery
    }
}

package struct NotifyChannelRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    package var channel: String

    package init(tenant: TenantID = .standard, channel: String) {
        self.tenant = tenant
        self.channel = channel
    }
}

/// All times are wall-clock nanoseconds since 1970.
package struct DeliveryDetail: Sendable, Hashable, Codable {
    package struct Attempt: Sendable, Hashable, Codable {
        package var at: Int64
        package var tookNanoseconds: Int64
        package var error: CorralError?
        package var detail: String?

        package init(at: Int64, tookNanoseconds: Int64, error: CorralError?, detail: String?) {
            self.at = at
            self.tookNanoseconds = tookNanoseconds
            self.error = error
            self.detail = detail
        }
    }

    package var id: String
    package var channel: String
    package var plugin: String
    package var topic: String
    package var severity: String
    package var run: RunID?
    package var title: String
    package var text: String
    package var data: JSONText
    /// `pending`, `delivered` or `failed`.
    package var state: String
    package var createdAt: Int64
    /// When the next attempt is made.
    package var nextAt: Int64?
    package var finishedAt: Int64?
    package var attempts: [Attempt]

    package init(
        id: String, channel: String, plugin: String, topic: String, severity: String, run: RunID?, title: String,
        text: String, data: JSON, state: String, createdAt: Int64, nextAt: Int64?, finishedAt: Int64?,
        attempts: [Attempt]
    ) {
        self.id = id
        self.channel = channel
        self.plugin = plugin
        self.topic = topic
        self.severity = severity
        self.run = run
        self.title = title
        self.text = text
        self.data = JSONText(data)
        self.state = state
        self.createdAt = createdAt
        self.nextAt = nextAt
        self.finishedAt = finishedAt
        self.attempts = attempts
    }
}

package struct ChannelDetail: Sendable, Hashable, Codable {
    package var name: String
    package var plugin: String
    /// Since when nothing is sent there, because its other end wants no more.
    package var stoppedAt: Int64?
    /// Deliveries that wait.
    package var waiting: Int
    /// Why nothing can be sent there.
    package var problem: String?

    package init(name: String, plugin: String, stoppedAt: Int64?, waiting: Int, problem: String?) {
        self.name = name
        self.plugin = plugin
        self.stoppedAt = stoppedAt
        self.waiting = waiting
        self.problem = problem
    }
}

package struct NotifyListing: Sendable, Hashable, Codable {
    package var channels: [ChannelDetail]
    /// The newest first.
    package var deliveries: [DeliveryDetail]
    /// News that were lost since the tenant was opened, because too many waited.
    package var dropped: Int

    package init(channels: [ChannelDetail], deliveries: [DeliveryDetail], dropped: Int) {
        self.channels = channels
        self.deliveries = deliveries
        self.dropped = dropped
    }
}
