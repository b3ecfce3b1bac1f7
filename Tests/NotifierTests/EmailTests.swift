// SPDX-License-Identifier: Apache-2.0
// EmailTests: messages as another program reads them (Python's email package), and texts that try to become more than text.

import CorralSDK
import Foundation
import Testing

@testable import NotifierEmail
@testable import NotifierKit

/// What Python makes of a message.
private struct Parsed: Decodable {
    var headers: [[String]]
    var subject: String
    var from: String
    var to: [String]
    var parts: [String: String]
    var defects: [String]
    var longest: Int

    init(_ message: String) throws {
        let script = """
            import email, email.policy, json, sys
            raw = sys.stdin.buffer.read()
            m = email.message_from_bytes(raw, policy=email.policy.default)
            parts = {p.get_content_type(): p.get_content().replace("\\r\\n", "\\n") for p in m.iter_parts()}
            defects = [str(d) for p in m.walk() for d in p.defects]
            defects += [str(d) for v in m.values() for d in getattr(v, "defects", [])]
            print(json.dumps({"headers": [[k, str(v)] for k, v in m.items()], "subject": m["subject"],
                "from": str(m["from"].addresses[0]), "to": [a.addr_spec for a in m["to"].addresses], "parts": parts,
                "defects": defects, "longest": max(len(l) for l in raw.split(b"\\r\\n"))}))
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        input.fileHandleForWriting.write(Data(message.utf8))
        try input.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        self = try JSONDecoder().decode(Self.self, from: data)
    }

    func header(_ name: String) -> String? { headers.first { $0[0].lowercased() == name }?[1] }
}

@Suite struct EmailTests {
    private let settings: JSON = [
        "server": "smtp://mail.example.com:587", "login": "SMTP_LOGIN", "from": "Corral <corral@example.com>",
        "to": ["Desk Süd <desk@example.com>", "risk@example.com"],
    ]

    private func mail(_ change: (inout CorralSDK.Notification) -> Void = { _ in }) throws -> MailMessage {
        try EmailNotifier.mail(
            .sample {
                $0.settings = settings
                change(&$0)
            })
    }

    @Test func anotherProgramReadsWhatWasWritten() throws {
        let mail = try mail {
            $0.title = "Entscheidung geändert: AAPL → sell, nach langer Überlegung über vieles und noch mehr 🙂🙂🙂"
            $0.text = "Zeile eins = 50 %\n\n.ein Punkt\nFrom einer Zeile \nlang: " + String(repeating: "ß", count: 300)
        }
        let parsed = try Parsed(mail.message)
        #expect(parsed.defects.isEmpty, "\(parsed.defects)")
        #expect(
            parsed.subject
                == "[error] Entscheidung geändert: AAPL → sell, nach langer Überlegung über vieles und noch mehr 🙂🙂🙂")
        #expect(parsed.from == "Corral <corral@example.com>")
        #expect(parsed.to == ["desk@example.com", "risk@example.com"])
        #expect(parsed.header("message-id") == "<msg_01@example.com>")
        #expect(parsed.header("auto-submitted") == "auto-generated")
        #expect(parsed.header("date") == "Thu, 26 Nov 2026 01:02:05 +0000")
        let plain = try #require(parsed.parts["text/plain"])
        #expect(
            plain.contains(
                "Zeile eins = 50 %\n\n.ein Punkt\nFrom einer Zeile \nlang: " + String(repeating: "ß", count: 300)))
        #expect(parsed.parts["text/html"]?.contains("<p>Zeile eins = 50 %</p>") == true)
        #expect(parsed.longest <= 998 && mail.message.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func envelopeHasAddressesAlone() throws {
        let mail = try mail()
        #expect(mail.from == "corral@example.com" && mail.to == ["desk@example.com", "risk@example.com"])
        #expect(mail.server == "smtp://mail.example.com:587" && mail.login == "SMTP_LOGIN" && !mail.plain)
        #expect(try self.mail { $0.to = ["boss@example.com"] }.to == ["boss@example.com"])
    }

    @Test(arguments: [
        "x\r\nBcc: victim@example.com", "x\nSubject: y", "x\r\n\r\n<script>", "x\u{0}y", "x\u{2028}Bcc: a@b.example",
        "=?UTF-8?B?QmNjOg==?=",
    ])
    func noTextBecomesAHeader(_ text: String) throws {
        let mail = try mail {
            $0.title = text
            $0.topic = text
            $0.id = text
        }
        let parsed = try Parsed(mail.message)
        #expect(
            Set(parsed.headers.map { $0[0] }) == [
                "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
            ])
        #expect(parsed.parts.count == 2)
        let lines = mail.message.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { !$0.utf8.contains(0x0A) && !$0.utf8.contains(0x0D) })
        #expect(parsed.parts["text/html"]?.contains("<script>") == false)
    }

    @Test(arguments: [
        "desk", "Desk <desk>", "desk@example.com>", "a@b@example.com", "Desk <desk@example.com\r\nBcc: x@example.com>",
        "de sk@example.com", "\"a\"@example.com", "desk@", "desk@exämple.com", "<>",
    ])
    func mailboxesThatAreNoneAreRefused(_ text: String) throws {
        let error = try #require(throws: AgentError.self) { try self.mail { $0.to = [text] } }
        #expect(error.code == "invalid_settings", "\(error)")
    }

    @Test func displayNamesKeepWhatTheySay() throws {
        for name in ["Desk", "Desk, South", "Süd \"<x>\"", String(repeating: "ä", count: 100)] {
            let mail = try self.mail { $0.to = ["\(name) <desk@example.com>"] }
            let parsed = try Parsed(mail.message)
            #expect(parsed.to == ["desk@example.com"] && parsed.defects.isEmpty, "\(name)")
        }
    }
}

@Suite struct UTCTimeTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 +0000"),
        (951_827_696_789, "2000-02-29T12:34:56.789Z", "Tue, 29 Feb 2000 12:34:56 +0000"),
        (-1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 +0000"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "Mon, 01 Mar 2100 00:00:00 +0000"),
    ])
    func writesTheCalendar(time: Int64, json: String, mail: String) {
        let time = UTCTime(millisecondsSince1970: time)
        #expect(time.rfc3339 == json && time.rfc5322 == mail)
    }

    @Test func readsDatesOfHTTP() {
        #expect(UTCTime(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT")?.millisecondsSince1970 == 784_111_777_000)
        for text in ["Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 6 Nov 1994", "", "30"] {
            #expect(UTCTime(httpDate: text) == nil, "\(text)")
        }
    }
}
