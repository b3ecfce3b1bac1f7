// SPDX-License-Identifier: Apache-2.0
// RedirectTests: each hop passes the checks of the first, and nothing confidential leaves the origin it was meant for.

import CorralBase
import CorralBroker
import CorralWire
import Foundation
import Testing

extension WithProcesses {
    @Suite struct RedirectTests {
        private func redirect(_ peer: PythonPeer, to target: String, code: Int = 302) -> String {
            let encoded = target.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return "/redirect?code=\(code)&to=\(encoded)"
        }

        @Test func isFollowedWithinTheRules() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let response = try await client.perform(peer.get(redirect(peer, to: "/hello")), tenant: .acme)
                #expect(response.head.status == 200 && response.head.url == peer.url("/hello"))
                #expect(response.done.redirects == 1)
            }
        }

        @Test func leavesItAloneWhenAskedTo() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let request = peer.get(redirect(peer, to: "/hello")) { $0.redirectsMax = 0 }
                let response = try await client.perform(request, tenant: .acme)
                #expect(response.head.status == 302)
                #expect(response.head.headers.contains { $0.name == "Location" && $0.value == "/hello" })
            }
        }

        @Test func endsAfterFive() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let error = await failure(client, peer.get("/loop/1"))
                #expect(error?.code.number == 757 && error?.message.contains("6th in a row") == true)
                let counts = try await peer.counts(client)
                #expect(counts["loop"] == 6)
            }
        }

        @Test(arguments: [
            ("http://localhost:1/", "no grant"), ("http://169.254.169.254/latest/meta-data", "no grant"),
            ("file:///etc/passwd", ""), ("gopher://127.0.0.1/", ""), ("http://user:password@127.0.0.1/", ""),
            ("http://0x7f000001/", "no grant"), ("http://[::1%25lo]/", ""),
        ])
        func refusesWhatNoRuleCovers(target: String, says: String) async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let error = await failure(client, peer.get(redirect(peer, to: target)))
                #expect(error?.code.number == 757, "\(error as Any)")
                #expect(says.isEmpty || error?.message.contains(says) == true, "\(error as Any)")
            }
        }

        @Test func addressOfTheNextHopIsCheckedToo() async throws {
            let first = try PythonPeer()
            let second = try PythonPeer()
            try await withBroker { client in
                // A rule for the name exists, but it is not internal, and the name is loopback.
                let request = first.get(redirect(first, to: second.url("/hello", host: "localhost"))) {
                    $0.rules.append(NetworkRule(scheme: .http, host: "localhost", ports: [second.port]))
                }
                let error = await failure(client, request)
                #expect(error?.code.number == 756 && error?.message.contains("loopback") == true, "\(error as Any)")
                let counts = try await second.counts(client)
                #expect(counts["hello"] == nil)
            }
        }

        @Test func methodChangesAsBrowsersDo() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                for (code, method, body) in [
                    (303, "GET", ""), (302, "GET", ""), (307, "POST", "kept"), (308, "POST", "kept"),
                ] {
                    let request = peer.get(redirect(peer, to: "/echo", code: code), method: "POST") {
                        $0.body = Array("kept".utf8)
                    }
                    let echo = try JSON(parsing: try await client.perform(request, tenant: .acme).body)
                    #expect(echo["method"] == .string(method) && echo["body"] == .string(body), "after \(code)")
                }
            }
        }

        @Test func secretsAndCredentialsStayAtHome() async throws {
            let first = try PythonPeer()
            let second = try PythonPeer()
            try await withBroker { client in
                let headers: [BrokerRequest.Header] = [
                    .init("Authorization", "Bearer ${secret:KEY}"), .init("Cookie", "session=1"),
                    .init("X-Api-Key", "plain"),
                    .init("X-Token", "${secret:KEY}"), .init("Accept", "text/plain"),
                ]
                func echo(_ path: String) async throws -> [[String]] {
                    let request = first.get(path) {
                        $0.headers = headers
                        $0.secrets = [BrokerSecret(name: "KEY", value: "s3cr3t-value", isBasic: false)]
                        $0.rules.append(
                            NetworkRule(scheme: .http, host: "127.0.0.1", ports: [second.port], isInternal: true))
                    }
                    let echo = try JSON(parsing: try await client.perform(request, tenant: .acme).body)
                    return (echo["headers"]?.arrayValue ?? []).compactMap { $0.arrayValue?.compactMap(\.stringValue) }
                }
                let home = try await echo(redirect(first, to: "/echo"))
                #expect(
                    home.contains(["authorization", "Bearer s3cr3t-value"]) && home.contains(["cookie", "session=1"]))
                let away = try await echo(redirect(first, to: second.url("/echo")))
                #expect(away.contains(["accept", "text/plain"]))
                for name in ["authorization", "cookie", "x-api-key", "x-token"] {
                    #expect(!away.contains { $0[0] == name }, "\(name) went along")
                }
                // Nor do they come back once they were away.
                let back = try await echo(redirect(first, to: second.url(redirect(second, to: first.url("/echo")))))
                #expect(!back.contains { $0[0] == "authorization" })
            }
        }

        @Test func peerCannotAskForASecret() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let request = peer.get(redirect(peer, to: "/echo?stolen=${secret:KEY}")) {
                    $0.headers = [.init("Authorization", "Bearer ${secret:KEY}")]
                    $0.secrets = [BrokerSecret(name: "KEY", value: "s3cr3t-value", isBasic: false)]
                }
                let echo = try JSON(parsing: try await client.perform(request, tenant: .acme).body)
                #expect(echo["path"]?.stringValue?.contains("s3cr3t") == false)
            }
        }

        @Test func answerNamesTheAddressWithoutTheSecret() async throws {
            let peer = try PythonPeer()
            try await withBroker { client in
                let request = peer.get("/echo?key=${secret:KEY}") {
                    $0.secrets = [BrokerSecret(name: "KEY", value: "s3/cr&t", isBasic: false)]
                }
                let response = try await client.perform(request, tenant: .acme)
                #expect(response.head.url == peer.url("/echo?key=${secret:KEY}"))
                #expect(try JSON(parsing: response.body)["path"] == "/echo?key=s3%2Fcr%26t")
            }
        }
    }
}
