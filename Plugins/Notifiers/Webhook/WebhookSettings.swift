// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import NotifierKit

/// The settings of a channel: where its webhooks go, and how they prove who sends them.
struct WebhookSettings: Sendable, Equatable {
    var url: String
    /// Secrets of scheme `signature`; each signs.
    var signature: [String]
    /// The header `authorization`; nil for none.
    var authorization: String?
    var timeout: Duration

    /// Receivers are asked to answer within 15 to 30 seconds (Standard Webhooks).
    static let timeoutSeconds = 15

    /// - Throws: `invalid_settings`.
    init(_ settings: JSON?) throws {
        let read = try ChannelSettings(settings, known: ["url", "signature", "bearer", "basic", "timeout_seconds"])
        url = try read.requiredText("url")
        signature = try read.texts("signature")
        switch (try read.text("bearer"), try read.text("basic")) {
        case (let name?, nil): authorization = "Bearer ${secret:\(name)}"
        case (nil, let name?): authorization = "Basic ${secret:\(name)}"
        case (nil, nil): authorization = nil
        default: throw ChannelSettings.mistake("bearer and basic exclude each other")
        }
        timeout = .seconds(try read.number("timeout_seconds", in: 1...120) ?? Self.timeoutSeconds)
    }
}
