// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import NotifierKit

/// A notification as a message (RFC 5322): the same words as plain text and as HTML (RFC 2046, section 5.1.4), for
/// programs that show only one of them. The same notification gives the same message, but for its date.
struct EmailMessage {
    let text: String

    private static let titleCharactersMax = 200
    private static let textBytesMax = 100_000
    private static let dataBytesMax = 100_000

    init(_ notification: Notification, _ settings: EmailSettings) {
        let boundary = "corral-" + notification.id.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(40)
        let fields = [
            EncodedWords.field("From", settings.from.header),
            "To: " + settings.to.map(\.header).joined(separator: ",\r\n ") + "\r\n",
            settings.replyTo.map { EncodedWords.field("Reply-To", $0.header) } ?? "",
            EncodedWords.field("Subject", Self.subject(notification)),
            EncodedWords.field("Date", UTCTime(millisecondsSince1970: notification.nowMilliseconds).rfc5322),
            // The same in every attempt: a mailbox shows a message that came twice once.
            EncodedWords.field("Message-ID", "<\(Self.identity(notification.id))@\(settings.from.domain)>"),
            // RFC 3834: nobody's holiday answer is wanted.
            "Auto-Submitted: auto-generated\r\n", "MIME-Version: 1.0\r\n",
            "Content-Type: multipart/alternative; boundary=\"\(boundary)\"\r\n\r\n",
        ]
        let parts = [
            Self.part("text/plain", Self.plainText(notification)), Self.part("text/html", Self.html(notification)),
        ]
        text = fields.joined() + parts.map { "--\(boundary)\r\n" + $0 }.joined() + "--\(boundary)--\r\n"
    }

    private static func identity(_ id: String) -> String {
        String(id.prefix(128).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }

    private static func part(_ type: String, _ text: String) -> String {
        "Content-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            + EncodedWords.quotedPrintable(text)
    }

    // MARK: Words

    private static func subject(_ notification: Notification) -> String {
        let mark = notification.severity == .info ? "" : "[\(notification.severity.rawValue)] "
        return mark + notification.title.prefix(titleCharactersMax)
    }

    private static func plainText(_ notification: Notification) -> String {
        var lines = [notification.title, "", shortened(notification.text, textBytesMax), ""]
        lines += facts(notification).map { "\($0.name): \($0.value)" }
        if let data = data(notification) { lines += ["", data] }
        return lines.joined(separator: "\n")
    }

    private static func html(_ notification: Notification) -> String {
        let rows = facts(notification).map {
            "<tr><th align=\"left\">\(escaped($0.name))</th><td>\(escaped($0.value))</td></tr>"
        }
        let paragraphs = shortened(notification.text, textBytesMax).split(whereSeparator: \.isNewline)
            .map { "<p>\(escaped(String($0)))</p>" }
        let data = data(notification).map { "<pre>\(escaped($0))</pre>" } ?? ""
        return
            (["<!doctype html>", "<html><body>", "<h2>\(escaped(notification.title))</h2>"] + paragraphs
            + ["<table>"] + rows + ["</table>", data, "</body></html>"]).joined(separator: "\n")
    }

    private static func facts(_ notification: Notification) -> [(name: String, value: String)] {
        [
            ("Topic", notification.topic), ("Severity", notification.severity.rawValue),
            ("Time", UTCTime(millisecondsSince1970: notification.timeMilliseconds).rfc3339), ("Id", notification.id),
        ]
    }

    /// Nil where there is none, or more than belongs into a mail.
    private static func data(_ notification: Notification) -> String? {
        guard notification.data != .null, notification.data != .object([:]) else { return nil }
        let text = notification.data.text
        return text.utf8.count <= dataBytesMax ? text : nil
    }

    private static func shortened(_ text: String, _ bytesMax: Int) -> String {
        text.utf8.count <= bytesMax ? text : String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self) + "…"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
