// SPDX-License-Identifier: Apache-2.0
// StoredDelivery: one piece of news on its way to one channel, with every attempt to deliver it.

import CorralBase

/// One attempt.
package struct DeliveryAttempt: Sendable, Hashable {
    /// When it began, wall-clock nanoseconds.
    package var at: Int64
    package var tookNanoseconds: Int64
    /// Nil when it succeeded.
    package var error: CorralError?
    /// What the notifier said of it.
    package var detail: String?

    package init(at: Int64, tookNanoseconds: Int64, error: CorralError? = nil, detail: String? = nil) {
        self.at = at
        self.tookNanoseconds = tookNanoseconds
        self.error = error
        self.detail = detail
    }

    var json: JSON {
        var object: JSONObject = ["at": .int(at), "took": .int(tookNanoseconds)]
        object["detail"] = detail.map { .string($0) }
        if let error {
            var member: JSONObject = [
                "code": .int(Int64(error.code.number)), "name": .string(error.code.name),
                "message": .string(error.message), "retryable": .bool(error.isRetryable),
            ]
            member["hint"] = error.hint.map { .string($0) }
            member["cause"] = error.cause.map { .string($0) }
            object["error"] = .object(member)
        }
        return .object(object)
    }

    init(_ json: JSON) {
        at = json["at"]?.intValue ?? 0
        tookNanoseconds = json["took"]?.intValue ?? 0
        detail = json["detail"]?.stringValue
        error = json["error"].map { error in
            CorralError(
                ErrorCode(
                    error["code"]?.intValue.flatMap { Int(exactly: $0) } ?? 0, error["name"]?.stringValue ?? "unknown"),
                error["message"]?.stringValue ?? "", hint: error["hint"]?.stringValue,
                cause: error["cause"]?.stringValue, isRetryable: error["retryable"]?.boolValue ?? false)
        }
    }
}

package struct StoredDelivery: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        /// It is sent, or sent again, at `nextAt`.
        case pending
        case delivered
        /// Nothing more is tried, until somebody asks for it.
        case failed
    }

    /// `msg_` and 26 letters and digits; the same in every attempt.
    package var id: String
    package var channel: String
    package var plugin: String
    package var topic: String
    /// `info`, `warning` or `error`.
    package var severity: String
    package var run: RunID?
    package var title: String
    package var text: String
    package var data: JSON
    package var state: State
    /// All times: wall-clock nanoseconds.
    package var createdAt: Int64
    package var nextAt: Int64?
    package var finishedAt: Int64?
    package var attempts: [DeliveryAttempt]

    package init(
        id: String, channel: String, plugin: String, topic: String, severity: String, run: RunID? = nil, title: String,
        text: String, data: JSON, createdAt: Int64
    ) {
        self.id = id
        self.channel = channel
        self.plugin = plugin
        self.topic = topic
        self.severity = severity
        self.run = run
        self.title = title
        self.text = text
        self.data = data
        state = .pending
        self.createdAt = createdAt
        nextAt = createdAt
        attempts = []
    }
}
