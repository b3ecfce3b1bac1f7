// SPDX-License-Identifier: Apache-2.0
// PrivateNetworkTests: names that lead to the inside, in a network of its own where "public" addresses exist and the
// name server is hostile.

import CorralBase
import CorralBroker
import CorralWire
import Foundation
import Testing

extension WithProcesses {
    @Suite(.enabled(if: PrivateNetworkLauncher.reason == nil, "needs a network namespace: unshare --user --net"))
    struct PrivateNetworkTests {
        private func request(_ host: String, isInternal: Bool = false) -> BrokerRequest {
            var request = makeRequest("http://\(host)/hello")
            request.rules = [NetworkRule(scheme: .http, host: host, isInternal: isInternal)]
            return request
        }

        @Test func publicNamesAreReached() async throws {
            try await withBroker(launcher: PrivateNetworkLauncher()) { client in
                let answer1 = try await client.perform(request("public.test"), tenant: .acme)
                #expect(answer1.body == Array("hello".utf8))
            }
        }

        @Test(arguments: ["private.test", "metadata.test", "six.test", "translated.test"])
        func namesOfTheInsideAreRefused(host: String) async throws {
            try await withBroker(launcher: PrivateNetworkLauncher()) { client in
                let error = await failure(client, request(host))
                #expect(error?.code.number == 756 && error?.message.contains(host) == true, "\(error as Any)")
            }
        }

        @Test func internalReachesThePrivateButNotTheMetadata() async throws {
            try await withBroker(launcher: PrivateNetworkLauncher()) { client in
                let answer2 = try await client.perform(request("private.test", isInternal: true), tenant: .acme)
                #expect(answer2.head.status == 200)
                let error = await failure(client, request("metadata.test", isInternal: true))
                #expect(error?.code.number == 756, "\(error as Any)")
                let named = try await client.perform(request("169.254.169.254", isInternal: true), tenant: .acme)
                #expect(named.head.status == 200)
            }
        }

        @Test func nameIsLookedUpOnceAndPinned() async throws {
            try await withBroker(launcher: PrivateNetworkLauncher()) { client in
                // The name server says the public address once and loopback ever after: whoever looked the name up a second
                // time, after the check, would end there. The same server listens on both, and says on which.
                var request = request("rebind.test")
                request.url = "http://rebind.test/whereami"
                for _ in 0..<3 {
                    let response = try await client.perform(request, tenant: .acme)
                    #expect(String(decoding: response.body, as: UTF8.self) == "93.184.216.34")
                }
            }
        }

        @Test func nameThatHasTurnedInsideIsRefused() async throws {
            let launcher = PrivateNetworkLauncher(forgetting: "rebind.test")
            try await withBroker(launcher: launcher) { client in
                let error = await failure(client, request("rebind.test"))
                #expect(error?.code.number == 756 && error?.message.contains("127.0.0.1") == true, "\(error as Any)")
            }
        }

        /// A look-up cannot be called off, so whoever waits for its end waits for the slowest name server there is.
        @Test func slowNameServerHoldsUpNobodyElse() async throws {
            try await withBroker(launcher: PrivateNetworkLauncher()) { client in
                _ = try await client.perform(request("public.test"), tenant: .acme)
                var slow = request("slow.test")
                slow.times.total = .milliseconds(200)
                let started = ContinuousClock.now
                for _ in 0..<3 {
                    let error = await failure(client, slow)
                    #expect(error?.code.number == 761, "\(error as Any)")
                    _ = try await client.perform(request("public.test"), tenant: .acme)
                }
                // glibc asks twice and waits five seconds for each answer.
                #expect(ContinuousClock.now - started < .seconds(4))
            }
        }

        @Test func privateAmongPublicAddressesIsPassedOver() async throws {
            try await withBroker(launcher: PrivateNetworkLauncher()) { client in
                let answer4 = try await client.perform(request("both.test"), tenant: .acme)
                #expect(answer4.head.status == 200)
            }
        }

        @Test func redirectFromOutsideToInsideIsRefused() async throws {
            try await withBroker(launcher: PrivateNetworkLauncher()) { client in
                for (target, code) in [("private.test", 756), ("10.9.9.9", 757), ("127.0.0.1", 757)] {
                    var request = request("public.test")
                    request.url = "http://public.test/redirect?to=http%3A%2F%2F\(target)%2Fhello"
                    request.rules.append(NetworkRule(scheme: .http, host: "private.test"))
                    let error = await failure(client, request)
                    #expect(error?.code.number == code, "\(target): \(error as Any)")
                }
            }
        }

        @Test func openConnectionToTheInsideServesNobodyElse() async throws {
            try await withBroker(launcher: PrivateNetworkLauncher()) { client in
                let answer5 = try await client.perform(request("private.test", isInternal: true), tenant: .acme)
                #expect(answer5.head.status == 200)
                let error = await failure(client, request("private.test"))
                #expect(error?.code.number == 756, "\(error as Any)")
            }
        }
    }
}
