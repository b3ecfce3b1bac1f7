// SPDX-License-Identifier: Apache-2.0
// SecretTests: where a plugin's request may have a secret, who may use it, and where its value may come from.

import CorralBase
import CorralBroker
import CorralWire
import Foundation
import Testing

@Suite struct SecretTests {
    private let rules = [
        NetworkRule(host: "api.example.com"), NetworkRule(host: "other.example.com"),
        NetworkRule(scheme: .http, host: "api.example.com"),
        NetworkRule(scheme: .http, host: "db.corp.test", isInternal: true),
    ]

    private func reader(_ place: SecretBinding.Place = .bearer, tenants: [String]? = nil) -> HTTPRequestReader {
        let binding = SecretBinding(
            name: "KEY", source: .variable("KEY"), hosts: ["api.example.com", "db.corp.test"], place: place,
            tenants: tenants)
        let vault = SecretVault([binding], environment: ["KEY": "s3cr3t"])
        return HTTPRequestReader(
            rules: rules, vault: vault, tenant: .acme, idempotencyKey: "key-1", timeLeft: .seconds(300))
    }

    private func failure(_ reader: HTTPRequestReader, _ json: JSON) -> CorralError? {
        #expect(throws: CorralError.self) { try reader.read(json) }
    }

    private func request(_ header: String, _ value: String) -> JSON {
        request("https://api.example.com/", header, value)
    }

    private func request(_ url: String, _ header: String, _ value: String) -> JSON {
        ["url": .string(url), "headers": [[.string(header), .string(value)]]]
    }

    @Test(arguments: [
        ("bearer", "Authorization", "Bearer ${secret:KEY}"), ("basic", "authorization", "Basic ${secret:KEY}"),
        ("header:X-Api-Key", "x-api-key", "prefix ${secret:KEY}"),
    ])
    func standsInItsPlace(place: String, header: String, value: String) throws {
        let read = try reader(try #require(SecretBinding.Place(place))).read(request(header, value))
        #expect(read.secrets == [BrokerSecret(name: "KEY", value: "s3cr3t", isBasic: place == "basic")])
        #expect(read.headers.contains { $0.value == value }, "the request keeps the name")
    }

    @Test(arguments: [
        ("bearer", "Authorization", "Basic ${secret:KEY}"), ("bearer", "X-Other", "Bearer ${secret:KEY}"),
        ("bearer", "Authorization", "Bearer ${secret:KEY}x"), ("basic", "Authorization", "Bearer ${secret:KEY}"),
        ("header:X-Api-Key", "Authorization", "${secret:KEY}"), ("query:key", "Authorization", "Bearer ${secret:KEY}"),
    ])
    func standsNowhereElse(place: String, header: String, value: String) throws {
        let reader = reader(try #require(SecretBinding.Place(place)))
        #expect(failure(reader, request(header, value))?.code.number == 767)
    }

    @Test func queryNamesItsKey() throws {
        let reader = reader(.query("key"))
        #expect(try reader.read(["url": "https://api.example.com/?a=1&key=${secret:KEY}"]).secrets.count == 1)
        #expect(failure(reader, ["url": "https://api.example.com/?other=${secret:KEY}"])?.code.number == 767)
    }

    @Test func goesOnlyToItsHosts() {
        let error = failure(reader(), request("https://other.example.com/", "Authorization", "Bearer ${secret:KEY}"))
        #expect(error?.code.number == 765 && error?.message.contains("other.example.com") == true)
    }

    @Test func goesUnencryptedOnlyToTheInside() throws {
        let error = failure(reader(), request("http://api.example.com/", "Authorization", "Bearer ${secret:KEY}"))
        #expect(error?.code.number == 767 && error?.message.contains("unencrypted") == true)
        #expect(
            try reader().read(request("http://db.corp.test/", "Authorization", "Bearer ${secret:KEY}")).secrets.count
                == 1)
    }

    @Test func isForItsTenantsOnly() throws {
        let header = request("Authorization", "Bearer ${secret:KEY}")
        #expect(try reader(tenants: ["acme"]).read(header).secrets.count == 1)
        #expect(failure(reader(tenants: ["globex"]), header)?.code.number == 766)
        let unknown = failure(reader(), request("Authorization", "Bearer ${secret:NONE}"))
        #expect(unknown?.code.number == 766 && unknown?.message.contains("NONE") == true)
    }

    @Test func noErrorHoldsAValue() {
        for json in [
            request("https://other.example.com/", "Authorization", "Bearer ${secret:KEY}"),
            request("Authorization", "${secret:KEY}"), ["url": "https://api.example.com/${secret:KEY}"],
        ] {
            let error = failure(reader(), json)
            #expect(error.map { "\($0)".contains("s3cr3t") } == false)
        }
    }

    // MARK: Files

    private func withFile(_ content: String, mode: Int, _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "corral-secret-\(UUID().uuidString)").path()
        try content.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func value(of source: SecretBinding.Source) throws(CorralError) -> String {
        try SecretVault([SecretBinding(name: "KEY", source: source, hosts: ["a.test"])], environment: ["SET": "x"])
            .value("KEY", for: .acme)
    }

    @Test func fileOfTheOwnerIsRead() throws {
        for (content, mode) in [("from-file\n", 0o600), ("from-file", 0o400)] {
            try withFile(content, mode: mode) { path in
                let read = try value(of: .file(path))
                #expect(read == "from-file")
            }
        }
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660]) func fileThatOthersReadIsRefused(mode: Int) throws {
        try withFile("s3cr3t", mode: mode) { path in
            let error = #expect(throws: CorralError.self) { try value(of: .file(path)) }
            #expect(error?.code.number == 766 && error?.message.contains("chmod 600") == true)
            #expect(error.map { "\($0)".contains("s3cr3t") } == false)
        }
    }

    @Test(arguments: ["", "two\nlines", "tab\there", "\u{0}"]) func valuesThatAreNoneAreRefused(content: String) throws
    {
        try withFile(content, mode: 0o600) { path in
            #expect(throws: CorralError.self) { try value(of: .file(path)) }
        }
    }

    @Test func whatIsNotThereSaysSo() {
        for source in [
            SecretBinding.Source.file("/nowhere"), .file("/dev/zero"), .file("/etc"), .variable("UNSET_IN_THIS_TEST"),
        ] {
            let error = #expect(throws: CorralError.self) { try value(of: source) }
            #expect(error?.code.number == 766)
        }
        #expect((try? value(of: .variable("SET"))) == "x")
    }
}

@Suite struct RequestReaderTests {
    private let reader = HTTPRequestReader(
        rules: [NetworkRule(host: "api.example.com")], vault: SecretVault([], environment: [:]), tenant: .acme,
        idempotencyKey: "key-1", timeLeft: .seconds(20))

    @Test func idempotencyKeyGoesWithWhatChanges() throws {
        func keys(_ json: JSON) throws -> [String] {
            try reader.read(json).headers.filter { $0.name.lowercased() == "idempotency-key" }.map(\.value)
        }
        let url: JSON = "https://api.example.com/"
        #expect(try keys(["url": url]) == [])
        #expect(try keys(["url": url, "method": "POST"]) == ["key-1"])
        #expect(try keys(["url": url, "method": "POST", "headers": [["idempotency-KEY", "own"]]]) == ["own"])
    }

    @Test func timesStayWithinTheCallsDeadline() throws {
        let url: JSON = "https://api.example.com/"
        #expect(try reader.read(["url": url]).times.total == .seconds(20))
        #expect(try reader.read(["url": url, "timeout_ms": 1500]).times.total == .milliseconds(1500))
    }

    @Test(arguments: [
        "{}", "{\"url\":1}", "{\"url\":\"https://api.example.com/\",\"methd\":\"GET\"}",
        "{\"url\":\"https://api.example.com/\",\"method\":\"get\"}",
        "{\"url\":\"https://api.example.com/\",\"method\":\"CONNECT\"}",
        "{\"url\":\"https://api.example.com/\",\"headers\":{}}",
        "{\"url\":\"https://api.example.com/\",\"headers\":[[\"a\"]]}",
        "{\"url\":\"https://api.example.com/\",\"headers\":[[\"a b\",\"c\"]]}",
        "{\"url\":\"https://api.example.com/\",\"headers\":[[\"a\",\"b\\r\\nc: d\"]]}",
        "{\"url\":\"https://api.example.com/\",\"headers\":[[\"Host\",\"evil.test\"]]}",
        "{\"url\":\"https://api.example.com/\",\"headers\":[[\"transfer-encoding\",\"chunked\"]]}",
        "{\"url\":\"https://api.example.com/\",\"body\":\"x\"}",
        "{\"url\":\"https://api.example.com/\",\"method\":\"POST\",\"body\":\"x\",\"body_base64\":\"eA==\"}",
        "{\"url\":\"https://api.example.com/\",\"method\":\"POST\",\"body_base64\":\"?\"}",
        "{\"url\":\"https://api.example.com/\",\"timeout_ms\":0}",
        "{\"url\":\"https://api.example.com/\",\"stream\":1}",
        "{\"url\":\"https://api.example.com/\",\"max_redirects\":50}",
    ])
    func refusesWhatItCannotSend(text: String) throws {
        let json = try JSON(parsing: Array(text.utf8))
        let error = #expect(throws: CorralError.self) { try reader.read(json) }
        #expect(error?.code.number == 754, "\(error as Any)")
    }

    @Test func refusesWhatIsNotGranted() {
        let error = #expect(throws: CorralError.self) { try reader.read(["url": "https://evil.test/?q=hidden"]) }
        #expect(error?.code.number == 755 && error?.message.contains("GET https://evil.test") == true)
        #expect(error.map { "\($0)".contains("hidden") } == false)
    }
}
