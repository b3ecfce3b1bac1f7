// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import NotifierKit

/// A notification as Standard Webhooks 1.0 wants its payload: `{"type", "timestamp", "data"}`, below 20 kB.
struct WebhookMessage {
    let body: [UInt8]

    /// The specification asks for less than 20 kB.
    static let bytesMax = 20_000
    private static let titleBytesMax = 500
    private static let textBytesMax = 4_000

    init(_ notification: Notification) {
        let whole = Self.payload(notification, hasData: true)
        // What has no room is looked up by its id: corral notify show.
        body = whole.count < Self.bytesMax ? whole : Self.payload(notification, hasData: false)
    }

    private static func payload(_ notification: Notification, hasData: Bool) -> [UInt8] {
        var data: [String: JSON] = [
            "id": .text(notification.id), "title": .text(cut(notification.title, titleBytesMax)),
            "text": .text(cut(notification.text, textBytesMax)), "severity": .text(notification.severity.rawValue),
        ]
        if hasData { data["details"] = notification.data } else { data["details_left_out"] = true }
        let payload: JSON = [
            "type": .text(typeName(notification.topic)),
            "timestamp": .text(UTCTime(millisecondsSince1970: notification.timeMilliseconds).rfc3339),
            "data": .object(data),
        ]
        return payload.bytes
    }

    /// `[A-Za-z0-9_.]`.
    private static func typeName(_ topic: String) -> String {
        String(topic.prefix(128).map { isWord($0) || $0 == "." ? $0 : "_" })
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }

    private static func cut(_ text: String, _ bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        var short = text.prefix(bytesMax)
        while short.utf8.count > bytesMax - 3 { short = short.dropLast() }
        return short + "…"
    }
}
