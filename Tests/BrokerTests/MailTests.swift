// SPDX-License-Identifier: Apache-2.0
// MailTests: messages between the real broker and a real mail server, and servers that are none.

import CorralBase
import CorralBroker
import CorralWire
import Foundation
import Testing

/// What the server says it took.
private struct Taken {
    let json: JSON
    var content: String {
        String(decoding: Base64.bytes(json["content"]?.stringValue ?? "") ?? [], as: UTF8.self)
    }
}

extension PythonPeer {
    static func mail(_ arguments: String...) throws -> PythonPeer {
        try PythonPeer(arguments, script: "mail_peer.py")
    }

    fileprivate func taken() throws -> Taken { Taken(json: try JSON(parsing: try #require(nextLine()))) }

    /// A message for this server.
    func message(scheme: URLScheme = .smtp, host: String = "127.0.0.1", change: (inout BrokerMail) -> Void = { _ in })
        -> BrokerMail
    {
        guard let name = NetworkHost(host) else { preconditionFailure("a test's host") }
        var mail = BrokerMail(
            origin: NetworkOrigin(scheme: scheme, host: name, port: port), reach: .inside, greeting: "corral.example",
            from: "corral@corral.example", to: ["desk@example.com"], requiresTLS: false,
            message: Array("Subject: hello\r\n\r\n.a point\r\n..two\r\nend\r\n".utf8))
        change(&mail)
        return mail
    }
}

/// What a message fails with; a success is an issue.
private func failure(
    _ client: BrokerClient, _ mail: BrokerMail, sourceLocation: Testing.SourceLocation = #_sourceLocation
) async -> CorralError? {
    do throws(CorralError) {
        let response = try await client.deliver(mail, tenant: .acme)
        Issue.record("it succeeded with status \(response.head.status)", sourceLocation: sourceLocation)
        return nil
    } catch { return error }
}

extension WithProcesses {
    @Suite struct MailTests {
        @Test func messageArrivesAsItIsForAllRecipients() async throws {
            let peer = try PythonPeer.mail()
            try await withBroker { client in
                let mail = peer.message { $0.to = ["desk@example.com", "risk@example.com"] }
                let response = try await client.deliver(mail, tenant: .acme)
                #expect(response.head.status == 250)
                #expect(String(decoding: response.body, as: UTF8.self) == "250 2.0.0 queued as 42")
                let taken = try peer.taken()
                #expect(taken.json["from"] == "corral@corral.example")
                #expect(taken.json["to"] == ["desk@example.com", "risk@example.com"])
                #expect(taken.json["hello"] == "corral.example")
                #expect(taken.content == String(decoding: mail.message, as: UTF8.self))
            }
        }

        @Test func startsTLSBeforeTheLoginAndTheMessage() async throws {
            let authority = try PrivateAuthority()
            defer { authority.remove() }
            let peer = try PythonPeer.mail(
                "--starttls", authority.certificate, authority.key, "--login", "corral", "pass:word")
            let settings = NetworkSettings(certificates: try NetworkSettings.certificates(file: authority.authority))
            try await withBroker(settings) { client in
                let mail = peer.message(host: "localhost") {
                    $0.requiresTLS = true
                    $0.login = BrokerSecret(name: "SMTP", value: "corral:pass:word", isBasic: true)
                }
                let response = try await client.deliver(mail, tenant: .acme)
                #expect(response.head.status == 250)
                let taken = try peer.taken()
                #expect(taken.json["tls"] == true && taken.json["login"] == "corral")
            }
        }

        @Test func speaksTLSFromTheStart() async throws {
            let authority = try PrivateAuthority()
            defer { authority.remove() }
            let peer = try PythonPeer.mail("--tls", authority.certificate, authority.key)
            let settings = NetworkSettings(certificates: try NetworkSettings.certificates(file: authority.authority))
            try await withBroker(settings) { client in
                let mail = peer.message(scheme: .smtps, host: "localhost") { $0.requiresTLS = true }
                let response = try await client.deliver(mail, tenant: .acme)
                #expect(response.head.status == 250)
                let taken = try peer.taken()
                #expect(taken.json["tls"] == true)
            }
            // An authority that nobody vouches for.
            try await withBroker { client in
                let mail = peer.message(scheme: .smtps, host: "localhost") { $0.requiresTLS = true }
                #expect(await failure(client, mail)?.code.number == 760)
            }
        }

        @Test func sendsNothingToAServerWithoutTLSThatMustHaveIt() async throws {
            let peer = try PythonPeer.mail()
            try await withBroker { client in
                let error = await failure(client, peer.message { $0.requiresTLS = true })
                #expect(error?.code.number == 760 && error?.cause == "it offers no STARTTLS", "\(error as Any)")
            }
        }

        @Test(arguments: [
            ("nobody@example.com", 550, false), ("later@example.com", 451, true),
        ])
        func saysWhatTheServerRefused(recipient: String, status: Int, isRetryable: Bool) async throws {
            let peer = try PythonPeer.mail()
            try await withBroker { client in
                let error = await failure(client, peer.message { $0.to = ["desk@example.com", recipient] })
                #expect(error?.code.number == 1000 && error?.isRetryable == isRetryable, "\(error as Any)")
                #expect(error?.message.contains("answered \(status)") == true, "\(error as Any)")
                #expect(error?.cause?.hasPrefix("\(status) ") == true, "\(error as Any)")
            }
        }

        @Test func refusedContentAndSenderAreNoSuccess() async throws {
            let peer = try PythonPeer.mail()
            try await withBroker { client in
                let spam = peer.message { $0.message = Array("Subject: spam\r\n\r\nx\r\n".utf8) }
                #expect(await failure(client, spam)?.cause == "554 5.6.0 this is spam")
                let unwelcome = peer.message { $0.from = "unwelcome@example.com" }
                #expect(await failure(client, unwelcome)?.cause == "550 5.7.1 not from here")
            }
        }

        @Test func wrongPasswordIsNamedAndNotShown() async throws {
            let peer = try PythonPeer.mail("--login", "corral", "right", "--plain")
            try await withBroker { client in
                let wrong = peer.message { $0.login = BrokerSecret(name: "SMTP", value: "corral:wr0ng", isBasic: true) }
                let error = await failure(client, wrong)
                #expect(error?.code.number == 1001 && error?.isRetryable == false, "\(error as Any)")
                #expect("\(error as Any)".contains("wr0ng") == false)
                let right = peer.message { $0.login = BrokerSecret(name: "SMTP", value: "corral:right", isBasic: true) }
                let response = try await client.deliver(right, tenant: .acme)
                #expect(response.head.status == 250)
            }
        }

        @Test(arguments: ["--silent", "--babble", "--hang-up"])
        func serversThatAreNoneEndInAnErrorInTime(_ behaviour: String) async throws {
            let peer = try PythonPeer.mail(behaviour)
            try await withBroker { client in
                let mail = peer.message {
                    $0.times.total = .milliseconds(700)
                    $0.times.idle = .milliseconds(300)
                }
                let began = ContinuousClock.now
                let error = await failure(client, mail)
                #expect(error?.isRetryable == true, "\(error as Any)")
                #expect([761, 763, 759].contains(error?.code.number ?? 0), "\(error as Any)")
                #expect(ContinuousClock.now - began < .seconds(5))
            }
        }

        @Test func deadPeerIsToldFromARefusal() async throws {
            let peer = try PythonPeer.mail()
            try await withBroker { client in
                let mail = peer.message { $0.origin.port = 1 }
                #expect(await failure(client, mail)?.code.number == 759)
            }
        }

        @Test func addressesInsideAreReachedOnlyByAGrantThatSaysSo() async throws {
            let peer = try PythonPeer.mail()
            try await withBroker { client in
                let error = await failure(client, peer.message { $0.reach = .open })
                #expect(error?.code.number == 756, "\(error as Any)")
            }
        }

        @Test func goesThroughTheProxyInATunnel() async throws {
            let peer = try PythonPeer.mail()
            let proxy = try PythonPeer(["--proxy"])
            try await withBroker(NetworkSettings(proxy: "http://127.0.0.1:\(proxy.port)")) { client in
                let mail = peer.message(host: "mail.test") { $0.reach = .open }
                let response = try await client.deliver(mail, tenant: .acme)
                #expect(response.head.status == 250)
                let taken = try peer.taken()
                #expect(taken.json["to"] == ["desk@example.com"])
            }
        }
    }
}

@Suite struct MailRequestTests {
    private func reader(
        _ rules: [NetworkRule] = [
            NetworkRule(scheme: .smtp, host: "mail.example.com", methods: ["SEND"]),
            NetworkRule(scheme: .smtp, host: "inside.test", ports: [25], methods: ["SEND"], isInternal: true),
            NetworkRule(scheme: .https, host: "web.example.com"),
        ]
    ) -> MailRequestReader {
        let vault = SecretVault(
            [
                SecretBinding(
                    name: "SMTP", source: .variable("SMTP"), hosts: ["mail.example.com", "inside.test"], place: .basic),
                SecretBinding(name: "KEY", source: .variable("SMTP"), hosts: ["mail.example.com"], place: .bearer),
                SecretBinding(name: "OTHER", source: .variable("SMTP"), hosts: ["other.example.com"], place: .basic),
            ], environment: ["SMTP": "me:secret"])
        return MailRequestReader(rules: rules, vault: vault, tenant: .acme, timeLeft: .seconds(30))
    }

    private static let good: JSONObject = [
        "server": "smtp://mail.example.com:587", "login": "${secret:SMTP}", "from": "a@example.com",
        "to": ["b@example.com"], "message": "Subject: x\r\n\r\ny\r\n",
    ]

    private func changed(_ name: String, _ value: JSON?) -> JSON {
        var json = Self.good
        json[name] = value
        return .object(json)
    }

    @Test func goodMessageIsReadWhole() throws {
        let mail = try reader().read(.object(Self.good))
        #expect(mail.origin.description == "smtp://mail.example.com" && mail.reach == .open && mail.requiresTLS)
        #expect(mail.login?.value == "me:secret" && mail.greeting == "example.com")
        #expect(mail.times.total == .seconds(30), "the call's own deadline comes first")
        let frame = mail.frame(call: 7)
        #expect(try BrokerMail(frame) == mail)
    }

    @Test(arguments: [
        ("server", "https://web.example.com", 1002), ("server", "smtp://web.example.com", 755),
        ("server", "smtps://mail.example.com", 755), ("server", "smtp://mail.example.com:2525", 755),
        ("server", "smtp://mail.example.com/path", 753), ("server", "smtp://user@mail.example.com", 753),
        ("login", "me:secret", 1002), ("login", "${secret:KEY}", 767), ("login", "${secret:OTHER}", 765),
        ("login", "${secret:NONE}", 766), ("from", "Desk <a@example.com>", 1002), ("from", "a", 1002),
        ("from", "a@example.com>\r\nRCPT TO:<c@example.com", 1002), ("from", "a b@example.com", 1002),
        ("message", "Subject: x\n\ny\n", 1002), ("message", "Subject: x\r\n\r\ny", 1002),
        ("message", "Subject: ä\r\n\r\ny\r\n", 1002), ("message", "a\rb\r\n", 1002), ("extra", "1", 1002),
    ])
    func everythingElseIsRefused(name: String, value: String, code: Int) throws {
        let error = try #require(throws: CorralError.self) { try reader().read(changed(name, .string(value))) }
        #expect(error.code.number == code, "\(error)")
        #expect(!"\(error)".contains("secret\"") && !"\(error)".contains("me:secret"))
    }

    @Test func recipientsLinesAndSizeHaveBounds() throws {
        let many = JSON.array((0...Limits.mailRecipientsMax).map { .string("a\($0)@example.com") })
        for json in [
            changed("to", []), changed("to", many), changed("to", ["b@example.com", "c@example.com\r\nDATA"]),
            changed("message", .string(String(repeating: "x", count: 999) + "\r\n")),
            changed("message", .string(String(repeating: "x\r\n", count: Limits.mailBytesMax / 3 + 1))),
        ] {
            let error = try #require(throws: CorralError.self) { try reader().read(json) }
            #expect(error.code.number == 1002, "\(error)")
        }
        let longest = changed("message", .string(String(repeating: "x", count: 998) + "\r\n"))
        #expect(try reader().read(longest).message.count == 1000)
    }

    @Test func onlyServersInsideMayBeSpokenToInPlainText() throws {
        let error = try #require(throws: CorralError.self) { try reader().read(changed("plain", true)) }
        #expect(error.code.number == 1002)
        var json = Self.good
        json["server"] = "smtp://inside.test:25"
        json["plain"] = true
        let mail = try reader().read(.object(json))
        #expect(!mail.requiresTLS && mail.reach == .inside && mail.login != nil)
    }
}
