// SPDX-License-Identifier: Apache-2.0
// WebhookTests: the request that a webhook is, and what each answer to it means.

import Testing

@testable import CorralSDK
@testable import NotifierWebhook

extension CorralSDK.Notification {
    /// One that a test changes.
    static func sample(_ change: (inout Self) -> Void = { _ in }) -> Self {
        var notification = Self(
            nowMilliseconds: 1_795_654_925_250, id: "msg_01", topic: "run_failed", title: "market-review failed",
            text: "step load: no such file", severity: .error, timeMilliseconds: 1_795_654_923_000,
            data: ["run": "01J", "step": "load"])
        change(&notification)
        return notification
    }
}

@Suite struct WebhookTests {
    private let settings: JSON = ["url": "https://hooks.example.com/in", "signature": ["HOOK_KEY"], "bearer": "TOKEN"]

    @Test func requestIsSignedAndFollowsNoRedirect() throws {
        let request = try WebhookNotifier.request(.sample { $0.settings = settings })
        #expect(request.method == "POST" && request.url == "https://hooks.example.com/in")
        #expect(request.signature == HTTPRequest.Signature(id: "msg_01", secrets: ["HOOK_KEY"]))
        #expect(request.redirects == 0 && request.timeout == .seconds(15))
        #expect(request.headers.contains { $0.name == "authorization" && $0.value == "Bearer ${secret:TOKEN}" })
        #expect(!request.headers.contains { $0.name == "webhook-id" }, "the broker adds it")
    }

    @Test func payloadHasTypeTimestampAndData() throws {
        let body = WebhookMessage(.sample()).body
        let payload = try JSON(parsing: String(decoding: body, as: UTF8.self))
        #expect(payload["type"] == "run_failed" && payload["timestamp"] == "2026-11-26T01:02:03.000Z")
        #expect(payload["data"]?["title"] == "market-review failed" && payload["data"]?["severity"] == "error")
        #expect(payload["data"]?["details"]?["step"] == "load")
    }

    @Test func payloadStaysBelowTheSizeOfTheSpecification() throws {
        let long = String(repeating: "ä\"\n", count: 20_000)
        let body = WebhookMessage(
            .sample {
                $0.title = long
                $0.text = long
                $0.data = ["much": .text(long)]
            }
        ).body
        #expect(body.count < WebhookMessage.bytesMax, "\(body.count)")
        let payload = try JSON(parsing: String(decoding: body, as: UTF8.self))
        #expect(payload["data"]?["details"] == nil && payload["data"]?["details_left_out"] == true)
        #expect(payload["data"]?["id"] == "msg_01", "what was left out can be looked up")
    }

    @Test(
        arguments: [
            (200, nil, nil, false), (204, nil, nil, false), (302, nil, "redirected", true),
            (400, nil, "http_status", true), (410, nil, "endpoint_gone", false), (429, "7", "http_status", true),
            (503, "Thu, 26 Nov 2026 01:02:15 GMT", "http_status", true), (500, "soon", "http_status", true),
        ] as [(Int, String?, String?, Bool)])
    func answersMeanWhatTheSpecificationSays(status: Int, after: String?, code: String?, isRetryable: Bool) throws {
        let headers = after.map { [(name: "Retry-After", value: $0)] } ?? []
        let response = HTTPResponse(status: status, headers: headers, body: [], url: "https://hooks.example.com/in")
        do {
            let detail = try WebhookOutcome.check(response, now: 1_795_654_925_250)
            #expect(code == nil && detail == "the endpoint answered \(status)")
        } catch let error as AgentError {
            #expect(error.code == code && error.isRetryable == isRetryable, "\(error)")
            let wait = ["7": 7_000, "Thu, 26 Nov 2026 01:02:15 GMT": 9_750][after ?? ""]
            #expect(error.details?["retry_after_ms"] == wait.map { .integer($0) })
        }
    }

    @Test(arguments: [
        "null", "{}", #"{"url": ""}"#, #"{"url": "https://a", "uri": "b"}"#, #"{"url": "https://a", "signature": [1]}"#,
        #"{"url": "https://a", "bearer": "A", "basic": "B"}"#, #"{"url": "https://a", "timeout_seconds": 0}"#,
    ])
    func settingsThatCannotBeUsedAreNamed(_ text: String) throws {
        let settings = try JSON(parsing: text)
        let error = try #require(throws: AgentError.self) {
            try WebhookNotifier.request(.sample { $0.settings = settings })
        }
        #expect(error.code == "invalid_settings" && !error.isRetryable, "\(error)")
    }

    @Test func keyIsAskedForByNobodyButTheBroker() {
        #expect(WebhookNotifier.card.asks.secrets.isEmpty)
        #expect(WebhookNotifier.card.asks.http.allSatisfy { $0.methods == ["POST"] })
    }
}
