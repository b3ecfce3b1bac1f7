// SPDX-License-Identifier: Apache-2.0
// SigningTests: HMAC by the published vectors, and what the broker signs by Standard Webhooks' own.

import CorralBase
import CorralBroker
import CorralBrokerProcess
import CorralWire
import Foundation
import Testing

@Suite struct SigningTests {
    private static let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

    /// RFC 4231, cases 2 and 6.
    @Test func authenticatesAsPublished() {
        let short = authenticationCode(of: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(hex(short) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let text = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
        let long = authenticationCode(of: text, key: [UInt8](repeating: 0xaa, count: 131))
        #expect(hex(long) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    /// The vector that the specification's libraries share.
    @Test func signsAsStandardWebhooksDoes() throws {
        let key = try #require(WebhookKey(Self.key))
        let signature = key.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test(arguments: [
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa", "whsec_!!!!",
    ])
    func keysOfAnotherFormAreNone(_ text: String) { #expect(WebhookKey(text) == nil) }

    // MARK: Requests

    private func reader(_ value: String, place: SecretBinding.Place = .signature) -> HTTPRequestReader {
        let binding = SecretBinding(name: "HOOK", source: .variable("HOOK"), hosts: ["hooks.example.com"], place: place)
        return HTTPRequestReader(
            rules: [NetworkRule(host: "*", methods: ["POST"])],
            vault: SecretVault([binding], environment: ["HOOK": value]), tenant: .acme, idempotencyKey: "k",
            timeLeft: .seconds(30))
    }

    private func request(_ sign: JSON, host: String = "hooks.example.com") -> JSON {
        ["method": "POST", "url": .string("https://\(host)/in"), "body": "{}", "sign": sign]
    }

    @Test func keyGoesToTheBrokerOnlyForItsHost() throws {
        let sign: JSON = ["id": "msg_1", "secrets": ["HOOK"]]
        let read = try reader(Self.key).read(request(sign))
        #expect(read.signature?.id == "msg_1" && read.signature?.keys.map(\.value) == [Self.key])
        #expect(read.secrets.isEmpty && !read.headers.contains { $0.value.contains("whsec") })
        #expect(try BrokerRequest(read.frame(call: 1)) == read)
        let elsewhere = try #require(throws: CorralError.self) {
            try reader(Self.key).read(request(sign, host: "other.example.com"))
        }
        #expect(elsewhere.code.number == 765)
        let otherUse = try #require(throws: CorralError.self) {
            try reader(Self.key, place: .bearer).read(request(sign))
        }
        #expect(otherUse.code.number == 767)
    }

    @Test func signingKeyStandsInNoHeader() throws {
        let json: JSON = [
            "method": "POST", "url": "https://hooks.example.com/in",
            "headers": [["authorization", "Bearer ${secret:HOOK}"]],
        ]
        let error = try #require(throws: CorralError.self) { try reader(Self.key).read(json) }
        #expect(error.code.number == 767)
    }

    @Test(arguments: [
        #"{"id":"msg.1","secrets":["HOOK"]}"#, #"{"id":"","secrets":["HOOK"]}"#, #"{"id":"m","secrets":[]}"#,
        #"{"id":"m"}"#, "true", #"{"id":"m","secrets":["HOOK","HOOK","HOOK","HOOK","HOOK"]}"#,
    ])
    func wrongFormsAreRefused(_ sign: String) throws {
        let json = request(try JSON(parsing: sign))
        let error = try #require(throws: CorralError.self) { try reader(Self.key).read(json) }
        #expect(error.code.number == 754, "\(error)")
    }

    @Test func unusableKeyIsNamedAndNotShown() throws {
        let error = try #require(throws: CorralError.self) {
            try reader("whsec_short").read(request(["id": "m", "secrets": ["HOOK"]]))
        }
        #expect(error.code.number == 766 && !"\(error)".contains("whsec_short"), "\(error)")
    }
}

extension WithProcesses {
    @Suite struct SignedRequestTests {
        @Test func attemptIsSignedWithItsOwnTime() async throws {
            let peer = try PythonPeer()
            let key = try #require(WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
            let other = "whsec_" + Base64.text([UInt8](repeating: 7, count: 32))
            try await withBroker { client in
                let before = Int64(Date().timeIntervalSince1970)
                let request = peer.get("/echo", method: "POST") {
                    $0.body = Array(#"{"a": "ä"}"#.utf8)
                    $0.signature = BrokerSignature(
                        id: "msg_1",
                        keys: [
                            BrokerSecret(name: "A", value: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", isBasic: false),
                            BrokerSecret(name: "B", value: other, isBasic: false),
                        ])
                }
                let echo = try JSON(parsing: try await client.perform(request, tenant: .acme).body)
                let pairs = (echo["headers"]?.arrayValue ?? []).compactMap { $0.arrayValue?.compactMap(\.stringValue) }
                let headers = Dictionary(pairs.map { ($0[0], $0[1]) }) { first, _ in first }
                #expect(headers["webhook-id"] == "msg_1")
                let timestamp = try #require(headers["webhook-timestamp"].flatMap { Int64($0) })
                #expect((before...(before + 10)).contains(timestamp))
                let signatures = headers["webhook-signature"]?.split(separator: " ").map(String.init)
                #expect(signatures?.count == 2)
                #expect(signatures?.first == key.signature(id: "msg_1", timestamp: timestamp, body: request.body))
            }
        }

        @Test func anotherHostLearnsNoSignature() async throws {
            let peer = try PythonPeer()
            let target = try PythonPeer()
            try await withBroker { client in
                let to = target.url("/echo").addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                let request = peer.get("/redirect?code=307&to=\(to)", method: "POST") {
                    $0.rules.append(
                        NetworkRule(scheme: .http, host: "127.0.0.1", ports: [target.port], isInternal: true))
                    $0.signature = BrokerSignature(
                        id: "msg_1",
                        keys: [BrokerSecret(name: "A", value: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", isBasic: false)]
                    )
                }
                let response = try await client.perform(request, tenant: .acme)
                #expect(response.head.url == target.url("/echo"))
                #expect(!String(decoding: response.body, as: UTF8.self).contains("webhook-"))
            }
        }
    }
}
