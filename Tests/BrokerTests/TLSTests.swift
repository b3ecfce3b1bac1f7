// SPDX-License-Identifier: Apache-2.0
// TLSTests: certificates are always checked, against the machine's authorities and those the operator adds.

import CorralBase
import CorralBroker
import CorralWire
import Foundation
import Testing

/// An authority and a server's certificate made by the openssl command.
struct PrivateAuthority {
    let folder: URL
    var authority: String { folder.appending(path: "ca.pem").path() }
    var certificate: String { folder.appending(path: "server.pem").path() }
    var key: String { folder.appending(path: "server.key").path() }

    init(name: String = "localhost") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "corral-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try "subjectAltName=DNS:\(name)\n".write(
            to: folder.appending(path: "names"), atomically: true, encoding: .utf8)
        let script = """
            set -e; cd '\(folder.path())'; exec >log 2>&1
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem \
                -days 2 -subj '/CN=Test authority'
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.csr \
                -subj '/CN=\(name)'
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
                -out server.pem
            """
        let status = try Child(["/bin/sh", "-c", script]).wait()
        try #require(status == 0, "openssl made no certificates")
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}

extension WithProcesses {
    @Suite struct TLSTests {
        private func request(_ peer: PythonPeer, host: String = "localhost") -> BrokerRequest {
            var request = makeRequest(peer.url("/hello", scheme: "https", host: host))
            request.rules = [NetworkRule(scheme: .https, host: host, ports: [peer.port], isInternal: true)]
            return request
        }

        @Test func privateAuthorityIsTrustedWhenNamed() async throws {
            let authority = try PrivateAuthority()
            defer { authority.remove() }
            let peer = try PythonPeer(["--tls", authority.certificate, authority.key])
            let certificates = try NetworkSettings.certificates(file: authority.authority)
            try await withBroker(NetworkSettings(certificates: certificates)) { client in
                let response = try await client.perform(request(peer), tenant: .acme)
                #expect(response.body == Array("hello".utf8))
                // The certificate is for localhost, not for its address.
                let error = await failure(client, request(peer, host: "127.0.0.1"))
                #expect(error?.code.number == 760, "\(error as Any)")
            }
        }

        @Test func strangersAreRefused() async throws {
            let authority = try PrivateAuthority()
            defer { authority.remove() }
            let peer = try PythonPeer(["--tls", authority.certificate, authority.key])
            for certificates in [try NetworkSettings.certificates(file: nil), []] {
                try await withBroker(NetworkSettings(certificates: certificates)) { client in
                    let error = await failure(client, request(peer))
                    #expect(
                        error?.code.number == 760 && error?.hint?.contains("network.ca_file") == true, "\(error as Any)"
                    )
                }
            }
        }

        @Test func oldTLSIsRefused() async throws {
            let authority = try PrivateAuthority()
            defer { authority.remove() }
            let peer = try PythonPeer(["--tls", authority.certificate, authority.key, "--old-tls"])
            let settings = NetworkSettings(certificates: try NetworkSettings.certificates(file: authority.authority))
            try await withBroker(settings) { client in
                let error = await failure(client, request(peer))
                #expect(error?.code.number == 760, "\(error as Any)")
            }
        }

        @Test func redirectFromHTTPSToHTTPIsRefused() async throws {
            let authority = try PrivateAuthority()
            defer { authority.remove() }
            let secure = try PythonPeer(["--tls", authority.certificate, authority.key])
            let open = try PythonPeer()
            let settings = NetworkSettings(certificates: try NetworkSettings.certificates(file: authority.authority))
            try await withBroker(settings) { client in
                var request = request(secure)
                let target = open.url("/hello").addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                request.url = secure.url("/redirect?to=\(target)", scheme: "https", host: "localhost")
                request.rules.append(
                    NetworkRule(scheme: .http, host: "127.0.0.1", ports: [open.port], isInternal: true))
                let error = await failure(client, request)
                #expect(error?.code.number == 757 && error?.message.contains("from https to http") == true)
            }
        }

        @Test func fileWithoutCertificatesIsAMistake() throws {
            #expect(throws: CorralError.self) { try NetworkSettings.certificates(file: "/etc/passwd") }
            #expect(throws: CorralError.self) { try NetworkSettings.certificates(file: "/nowhere.pem") }
            #expect(throws: CorralError.self) { try NetworkSettings.certificates(file: "/dev/zero") }
        }
    }
}

extension WithProcesses {
    @Suite struct ProxyTests {
        @Test func requestsGoThroughTheProxy() async throws {
            let authority = try PrivateAuthority(name: "secure.test")
            defer { authority.remove() }
            let secure = try PythonPeer(["--tls", authority.certificate, authority.key])
            let proxy = try PythonPeer(["--proxy"])
            let settings = NetworkSettings(
                proxy: "http://127.0.0.1:\(proxy.port)", withoutProxy: ["127.0.0.1"],
                certificates: try NetworkSettings.certificates(file: authority.authority))
            try await withBroker(settings) { client in
                // Only the proxy knows where secure.test is; it says loopback, and that is its business.
                var request = makeRequest("https://secure.test:\(secure.port)/hello")
                request.rules = [NetworkRule(host: "secure.test", ports: [secure.port])]
                #expect(try await client.perform(request, tenant: .acme).body == Array("hello".utf8))
                var plain = makeRequest("http://plain.test/hello")
                plain.rules = [NetworkRule(scheme: .http, host: "plain.test")]
                #expect(try await client.perform(plain, tenant: .acme).body == Array("forwarded".utf8))
                let counts = try await proxy.counts(client)
                #expect(counts["CONNECT secure.test:\(secure.port)"] == 1 && counts["FORWARD plain.test"] == 1)
            }
        }

        @Test func addressesAreJudgedBeforeTheProxyIsAsked() async throws {
            let proxy = try PythonPeer(["--proxy"])
            let settings = NetworkSettings(proxy: "http://127.0.0.1:\(proxy.port)")
            try await withBroker(settings) { client in
                var request = makeRequest("http://169.254.169.254/latest")
                request.rules = [NetworkRule(scheme: .http, host: "*")]
                let error = await failure(client, request)
                #expect(error?.code.number == 756 && error?.message.contains("metadata") == true)
            }
        }

        @Test func proxyThatRefusesIsNamed() async throws {
            let proxy = try PythonPeer(["--proxy"])
            for port in [proxy.port, 1] {
                try await withBroker(NetworkSettings(proxy: "http://127.0.0.1:\(port)")) { client in
                    var request = makeRequest("https://forbidden.test/")
                    request.rules = [NetworkRule(host: "forbidden.test")]
                    let error = await failure(client, request)
                    #expect(error?.code.number == 764, "\(error as Any)")
                }
            }
        }

        @Test func connectionsAreTunnelled() async throws {
            let peer = try PythonPeer()
            let proxy = try PythonPeer(["--proxy"])
            try await withBroker(NetworkSettings(proxy: "http://127.0.0.1:\(proxy.port)")) { client in
                let socket = try await client.connect(
                    host: "peer.test", port: peer.port, isInternal: false, timeout: .seconds(5), tenant: .acme)
                let request = Array("GET /hello HTTP/1.0\r\n\r\n".utf8)
                #expect(write(socket.number, request, request.count) == request.count)
                var buffer = [UInt8](repeating: 0, count: 4096)
                #expect(read(socket.number, &buffer, buffer.count) > 0)
            }
        }
    }
}
