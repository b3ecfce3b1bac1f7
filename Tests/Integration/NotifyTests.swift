// SPDX-License-Identifier: Apache-2.0
// NotifyTests: from a run that fails to whoever is told of it, over real servers, with the plugins that this repository
// ships; and from a rule to a score that a person sees.

import Foundation
import Testing

/// A Python server that prints its port and then a line for each message; it ends with this object.
private final class Receiver {
    let port: UInt16
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ script: String, _ arguments: [String] = []) throws {
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [Corral.repository.appending(path: script).path()] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        port = try #require(UInt16(try Self.line(output)))
    }

    /// Not SIGTERM: a child of a test's thread may have inherited it blocked.
    deinit { kill(process.processIdentifier, SIGKILL) }

    /// The next message; nil when there is none within twenty seconds.
    func next() throws -> [String: Any]? {
        var wait = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, 20_000) == 1 else { return nil }
        return try JSONSerialization.jsonObject(with: Data(try Self.line(output).utf8)) as? [String: Any]
    }

    private static func line(_ pipe: Pipe) throws -> String {
        var line = Data()
        while let piece = try pipe.fileHandleForReading.read(upToCount: 1), piece.first != 0x0A, !piece.isEmpty {
            line += piece
        }
        return String(decoding: line, as: UTF8.self)
    }
}

@Suite(.serialized) struct NotifyTests {
    private static let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func webhooks() throws -> Receiver {
        try Receiver("Tests/Integration/Servers/webhook_peer.py", [Self.key])
    }

    /// A project with the shipped plugins of these names and this configuration.
    private func project(_ configuration: String, _ plugins: String...) throws -> Corral {
        let corral = try Corral()
        for name in plugins {
            try FileManager.default.copyItem(
                at: Corral.products.appending(path: "libcorral-\(name).so"),
                to: corral.pluginFolder.appending(path: "corral-\(name).so"))
        }
        try corral.install("echo", "segfault")
        corral.environment["HOOK_KEY"] = Self.key
        _ = try corral.write("corral.yaml", configuration)
        return corral
    }

    private func configuration(_ port: UInt16, _ path: String, more: String = "") -> String {
        """
        notifications:
          channels:
            ops:
              plugin: corral/notifier-webhook
              settings: {url: "http://127.0.0.1:\(port)\(path)", signature: [HOOK_KEY]}
          rules:
            failures: {on: [run_failed], to: [ops]}
        grants:
          corral/notifier-webhook:
            http: [{host: 127.0.0.1, scheme: http, ports: [\(port)], internal: true}]
        secrets:
          HOOK_KEY: {from: "env:HOOK_KEY", hosts: [127.0.0.1], scheme: signature}
        \(more)
        """
    }

    @Test func failedRunIsToldOverASignedWebhook() throws {
        let receiver = try webhooks()
        let corral = try project(configuration(receiver.port, "/ok"), "notifier-webhook")
        let ran = try corral("run", "test/segfault", "--json")
        #expect(ran.status == 1, "\(ran)")
        let message = try #require(try receiver.next())
        #expect(message["verified"] as? Bool == true, "\(message)")
        let body = try #require(message["body"] as? [String: Any])
        #expect(body["type"] as? String == "run_failed", "\(body)")
        try eventually("it is delivered") {
            try corral("notify", "list", "--json").standardOutput.contains("\"delivered\"")
        }
        let listing = try corral("notify", "list", "--json").json()
        let delivery = try #require((listing["deliveries"] as? [[String: Any]])?.first)
        #expect(delivery["id"] as? String == message["id"] as? String)
        let shown = try corral("notify", "show", try #require(delivery["id"] as? String))
        #expect(shown.standardOutput.contains("the endpoint answered 204"), "\(shown)")
    }

    /// The trading desk as it is shipped: its decision is judged by its own rules, and a flip is news.
    @Test func aFlippedDecisionIsJudgedAndTold() throws {
        let receiver = try webhooks()
        let desk = Corral.repository.appending(path: "Plugins/Flows/market-review")
        let rules = try String(contentsOf: desk.appending(path: "desk.yaml"), encoding: .utf8)
        let text = configuration(receiver.port, "/ok", more: rules).replacing(
            "failures: {on: [run_failed], to: [ops]}",
            with: "flips: {on: [change], class: [position_change], to: [ops]}")
        let corral = try project(
            text, "notifier-webhook", "judge-rules", "market-data", "technical-analyst", "regime-analyst",
            "seasonality-analyst", "anomaly-auditor", "risk-manager", "backtester", "portfolio-manager",
            "compliance-checker", "report-writer")
        let flow = desk.appending(path: "flow.yaml").path()
        let previous = #"previous={"action": "buy", "weight": 0.4, "as_of": "2018-11-30"}"#
        let ran = try corral("run", flow, "--json", "--input", previous)
        try #require(ran.status == 0, "\(ran)")
        let message = try #require(try receiver.next())
        #expect(message["verified"] as? Bool == true, "\(message)")
        let body = try #require(message["body"] as? [String: Any])
        #expect(body["type"] as? String == "change", "\(body)")
        #expect("\(body)".contains("position_change") && "\(body)".contains("S&P 500"), "\(body)")
        try eventually("the decision has its scores") {
            let shown = try corral("runs", "show", "last", "--json").json()
            let scores = shown["scores"] as? [[String: Any]] ?? []
            return Set(scores.compactMap { $0["criterion"] as? String }).isSuperset(
                of: ["decision_complete", "says_why", "well_heard", "sell_is_out", "no_promise", "sound_data"])
        }
        #expect(try corral("host", "status").standardOutput.contains("steps judged"))
    }

    @Test func whatFailedIsDeliveredByTheNextHost() throws {
        let receiver = try webhooks()
        let corral = try project(configuration(receiver.port, "/flaky"), "notifier-webhook")
        _ = try corral("run", "test/segfault", "--json")
        let first = try #require(try receiver.next())
        try eventually("the attempt is written") {
            try corral("notify", "list", "--json").standardOutput.contains("http_status")
        }
        let host = try #require(corral.hostProcess)
        kill(host, SIGKILL)
        try eventually("the host is gone") { !Processes.isAlive(host) }
        try eventually("the next one delivers it") {
            try corral("notify", "list", "--json").standardOutput.contains("\"delivered\"")
        }
        let second = try #require(try receiver.next())
        #expect(second["id"] as? String == first["id"] as? String, "one id in all attempts")
        #expect(second["verified"] as? Bool == true)
    }

    /// The topics of the next messages, in no order.
    private func topics(_ count: Int, of receiver: Receiver) throws -> Set<String> {
        Set(
            try (0..<count).compactMap { _ in
                (try receiver.next()?["body"] as? [String: Any])?["type"] as? String
            })
    }

    @Test func quarantineAndLimitsAreNews() throws {
        let receiver = try webhooks()
        let text = configuration(
            receiver.port, "/ok",
            more: """
                host: {workers: {quarantine_crashes: 1, restart_backoff: 5ms}}
                multi_tenancy: {resource_limits: {per_tenant: {max_daily_executions: 5}}}
                """
        ).replacing("[run_failed]", with: "[plugin_quarantined, limit_warning]")
        let corral = try project(text, "notifier-webhook")
        // The fourth of five is 80 %; a plugin that crashes alone, once, is in quarantine.
        for _ in 0..<4 { _ = try corral("run", "test/segfault", "--json") }
        #expect(try topics(2, of: receiver) == ["plugin_quarantined", "limit_warning"])
    }

    @Test func webhooksOfTheReferenceConfigurationAreCalled() throws {
        let receiver = try webhooks()
        let corral = try project(
            """
            events:
              webhooks:
                endpoints: [{url: "http://127.0.0.1:\(receiver.port)/ok", events: [agent_completed], auth: hmac}]
            grants:
              corral/notifier-webhook:
                http: [{host: 127.0.0.1, scheme: http, ports: [\(receiver.port)], internal: true}]
            secrets:
              HOOK_KEY: {from: "env:HOOK_KEY", hosts: [127.0.0.1], scheme: signature}
            """, "notifier-webhook")
        _ = try corral("run", "test/echo", "--input", "n=1", "--json")
        let message = try #require(try receiver.next())
        #expect(message["verified"] as? Bool == true, "\(message)")
        #expect((message["body"] as? [String: Any])?["type"] as? String == "agent_completed")
    }

    @Test func anEndpointThatIsGoneStopsItsChannel() throws {
        let receiver = try webhooks()
        let corral = try project(configuration(receiver.port, "/gone"), "notifier-webhook")
        let tested = try corral("notify", "test", "ops")
        #expect(tested.status == 1 && tested.standardOutput.contains("endpoint_gone"), "\(tested)")
        let listed = try corral("notify", "list")
        #expect(listed.standardOutput.contains("stopped since"), "\(listed)")
    }

    @Test func withoutAGrantNothingIsSent() throws {
        let receiver = try webhooks()
        let text = configuration(receiver.port, "/ok").replacing("internal: true", with: "internal: false")
        let corral = try project(text, "notifier-webhook")
        let tested = try corral("notify", "test", "ops")
        #expect(tested.status == 1 && tested.standardOutput.contains("address_refused"), "\(tested)")
    }

    @Test func mailArrivesWithItsWords() throws {
        let server = try Receiver("Tests/BrokerTests/Servers/mail_peer.py", [])
        let corral = try project(
            """
            notifications:
              channels:
                desk:
                  plugin: corral/notifier-email
                  settings: {server: "smtp://127.0.0.1:\(server.port)", plain: true, from: "Corral <corral@example.com>",
                             to: [desk@example.com]}
            grants:
              corral/notifier-email:
                http: [{host: 127.0.0.1, scheme: smtp, ports: [\(server.port)], internal: true}]
            """, "notifier-email")
        let tested = try corral("notify", "test", "desk")
        #expect(tested.status == 0 && tested.standardOutput.contains("250 2.0.0 queued"), "\(tested)")
        let message = try #require(try server.next())
        #expect(message["to"] as? [String] == ["desk@example.com"])
        let content = try #require((message["content"] as? String).flatMap { Data(base64Encoded: $0) })
        let text = String(decoding: content, as: UTF8.self)
        #expect(text.contains("Subject: Corral reaches you over desk\r\n"), "\(text)")
        #expect(text.contains("multipart/alternative"))
    }

    @Test func rulesGiveScoresThatAPersonSees() throws {
        let corral = try project(
            """
            evaluation:
              rules:
                small: {for: [test/echo], kind: range, of: output.size, max: 10}
                named: {for: [test/echo], kind: schema, schema: {required: [name]}}
                other: {for: [test/nobody], kind: lacks, texts: [x]}
            """, "judge-rules")
        let ran = try corral("run", "test/echo", "--input", "size=20", "--json")
        #expect(ran.status == 0, "\(ran)")
        try eventually("it is judged") {
            try (corral("runs", "show", "last", "--json").json()["scores"] as? [Any])?.count == 2
        }
        let scores = try #require(
            try corral("runs", "show", "last", "--json").json()["scores"] as? [[String: Any]])
        let byName = Dictionary(scores.map { ($0["criterion"] as? String ?? "", $0) }) { first, _ in first }
        #expect(byName["small"]?["score"] as? Double == 1, "\(scores)")
        #expect(byName["named"]?["score"] as? Double == 7, "\(scores)")
        #expect(byName["named"]?["judge"] as? String == "corral/judge-rules")
        let shown = try corral("runs", "show", "last", "--trace")
        #expect(
            shown.standardOutput.contains("scores") && shown.standardOutput.contains("evaluation small"), "\(shown)")
    }
}
