// SPDX-License-Identifier: Apache-2.0
// PolicyTests: rules, addresses and names, without a network.

import CorralBase
import CorralBroker
import CorralWire
import Foundation
import Testing

@testable import CorralBrokerProcess

@Suite struct NetworkHostTests {
    @Test(arguments: [
        ("example.com", "example.com"), ("API.Example.COM", "api.example.com"), ("a_b-c.test", "a_b-c.test"),
        ("127.0.0.1", "127.0.0.1"), ("[::1]", "::1"), ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
        ("localhost", "localhost"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ])
    func takesPlainNames(written: String, text: String) { #expect(NetworkHost(written)?.text == text) }

    @Test(arguments: [
        "", ".", "example.com.", "a..b", "-a.com", "a-.com", "ex%61mple.com", "exam ple.com", "a/b", "a\\b", "a@b",
        "a:80",
        "0x7f.0.0.1", "0x7f000001", "2130706433", "127.1", "127.0.0.01", "0177.0.0.1", "256.0.0.1", "1.2.3", "a.0x1",
        "bücher.example", "１２７.0.0.1", "[::1", "::1]", "[127.0.0.1]", "[::1%lo]", "[0:0:0:0:0:0:0:1]", "fe80::1%eth0",
        String(repeating: "a", count: 64) + ".com", String(repeating: "a.", count: 127) + "com", "a\u{0}b",
    ])
    func refusesWhatNeedsInterpretation(written: String) { #expect(NetworkHost(written) == nil) }
}

@Suite struct NetworkRuleTests {
    private func origin(_ url: String) throws -> NetworkOrigin { try RequestAddress(url).origin }

    @Test func permitsExactlyWhatItSays() throws {
        let rule = NetworkRule(host: "api.example.com", methods: ["GET"])
        #expect(rule.permits(try origin("https://api.example.com/x"), method: "GET"))
        for url in [
            "http://api.example.com/", "https://api.example.com:8443/", "https://example.com/",
            "https://x.api.example.com/",
            "https://api.example.com.evil.test/", "https://apiXexample.com/",
        ] { #expect(!rule.permits(try origin(url), method: "GET"), "\(url)") }
        #expect(!rule.permits(try origin("https://api.example.com/"), method: "POST"))
    }

    @Test func wildcardCoversWhatIsBelow() throws {
        let rule = NetworkRule(host: "*.example.com")
        #expect(rule.permits(try origin("https://a.example.com/"), method: "GET"))
        #expect(rule.permits(try origin("https://a.b.example.com/"), method: "GET"))
        for url in ["https://example.com/", "https://badexample.com/", "https://example.com.test/", "https://1.2.3.4/"]
        {
            #expect(!rule.permits(try origin(url), method: "GET"), "\(url)")
        }
    }

    @Test func withoutARuleNothingIsReached() throws {
        let nowhere: [NetworkRule] = []
        #expect(nowhere.verdict(try origin("https://example.com/"), method: "GET") == .denied)
        let rules = [NetworkRule(host: "*"), NetworkRule(host: "db.corp.test", isInternal: true)]
        #expect(rules.verdict(try origin("https://example.com/"), method: "GET") == .allowed(.open))
        #expect(rules.verdict(try origin("https://db.corp.test/"), method: "GET") == .allowed(.inside))
        let named = [NetworkRule(scheme: .http, host: "10.0.0.1", isInternal: true)]
        #expect(named.verdict(try origin("http://10.0.0.1/"), method: "GET") == .allowed(.named))
    }
}

@Suite struct PeerAddressTests {
    private func realm(_ text: String) throws -> PeerAddress.Realm {
        let host = try #require(NetworkHost(text))
        return try #require(PeerAddress(host)).realm
    }

    @Test(arguments: [
        "8.8.8.8", "93.184.216.34", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111",
    ])
    func publicOnes(text: String) throws { #expect(try realm(text) == .open) }

    @Test(arguments: [
        ("127.0.0.1", PeerAddress.Realm.loopback), ("127.255.1.2", .loopback), ("::1", .loopback),
        ("10.1.2.3", .inside), ("172.16.0.1", .inside), ("172.31.255.255", .inside), ("192.168.1.1", .inside),
        ("100.64.0.1", .inside), ("100.127.255.255", .inside), ("fc00::1", .inside), ("fd12::1", .inside),
        ("fec0::1", .inside), ("169.254.1.1", .linkLocal), ("fe80::1", .linkLocal),
        ("169.254.169.254", .metadata), ("169.254.170.2", .metadata), ("100.100.100.200", .metadata),
        ("168.63.129.16", .metadata), ("fd00:ec2::254", .metadata), ("0.0.0.0", .unspecified), ("::", .unspecified),
        ("0.1.2.3", .reserved), ("224.0.0.1", .multicast), ("239.1.1.1", .multicast), ("ff02::1", .multicast),
        ("255.255.255.255", .reserved), ("240.0.0.1", .reserved), ("192.0.2.1", .reserved), ("198.18.0.1", .reserved),
        ("2001:db8::1", .reserved), ("2001:10::1", .reserved), ("3fff::1", .reserved), ("100::1", .reserved),
        // IPv4 inside IPv6, in every way there is.
        ("::ffff:127.0.0.1", .loopback), ("::ffff:10.0.0.1", .inside), ("::ffff:169.254.169.254", .metadata),
        ("64:ff9b::a9fe:a9fe", .metadata), ("64:ff9b::7f00:1", .loopback), ("64:ff9b::808:808", .reserved),
        ("64:ff9b:1::a00:1", .inside), ("2002:7f00:1::1", .loopback), ("2002:a9fe:a9fe::", .metadata),
        ("2002:808:808::1", .reserved), ("2001:0:1:2:3:4:80ff:fffe", .loopback), ("::7f00:1", .loopback),
    ])
    func whatIsNotPublic(text: String, expected: PeerAddress.Realm) throws {
        // inet_ntop writes the compatible form as ::127.0.0.1, so that is what a URL must say.
        let written = text == "::7f00:1" ? "::127.0.0.1" : text
        let host = NetworkHost(written) ?? NetworkHost(canonical(written))
        let address = try #require(host.flatMap { PeerAddress($0) }, "\(text)")
        #expect(address.realm == expected, "\(text) is \(address.realm)")
        #expect(!address.isReachable(.open))
    }

    private func canonical(_ text: String) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return text }
        return PeerAddress(bytes).description
    }

    @Test func reachIsWhatTheRuleSays() throws {
        let addresses = try ["127.0.0.1", "10.0.0.1", "169.254.1.1", "169.254.169.254", "224.0.0.1", "0.0.0.0"].map {
            text in
            let host = try #require(NetworkHost(text))
            return try #require(PeerAddress(host))
        }
        #expect(addresses.map { $0.isReachable(.inside) } == [true, true, true, false, false, false])
        #expect(addresses.map { $0.isReachable(.named) } == [true, true, true, true, false, false])
    }
}

@Suite struct RequestAddressTests {
    @Test func readsWhomItLeadsTo() throws {
        let address = try RequestAddress("HTTPS://API.example.com:8443/v1?x=1#part")
        #expect(address.origin.description == "https://api.example.com:8443")
        #expect(try RequestAddress("http://[::1]:8080/").origin.description == "http://[::1]:8080")
        #expect(try RequestAddress("https://example.com?x=/@evil.test").origin.host.text == "example.com")
    }

    @Test(arguments: [
        "", "example.com", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "https:/example.com",
        "https://user@example.com/", "https://example.com@evil.test/", "https://example.com\\@evil.test/",
        "https://example.com:0/", "https://example.com:080/", "https://example.com:99999/", "https://example.com:+80/",
        "https://exam\tple.com/", "https://example.com/ path", "https://example.com/\u{0}", "https://0x7f.1/",
        "https://[::1/", "https://::1/", "https://ex%61mple.com/", "https:// example.com/",
        "https://example.com:80:80/",
        "https://bücher.example/", "https://${secret:KEY}/", "https://example.com./",
    ])
    func refusesTheRest(url: String) {
        #expect(throws: CorralError.self) { try RequestAddress(url) }
    }

    @Test(arguments: [
        "https://example.com/${secret:KEY}", "https://example.com/?${secret:KEY}",
        "https://example.com/?a=x${secret:KEY}",
        "https://example.com/#${secret:KEY}", "https://example.com/?a=${secret:K}${secret:L}",
    ])
    func secretsStandOnlyInTheQuery(url: String) {
        let error = #expect(throws: CorralError.self) { try RequestAddress(url) }
        #expect(error?.code.number == 767)
    }

    /// What the host accepts, libcurl reads in the same way: the two can never mean different peers.
    @Test func hostAndLibcurlNeverDisagree() throws {
        var generator = SeededGenerator(seed: 7)
        let pieces = [
            "http", "https", "HTTP", "://", ":", "/", "//", "@", "?", "#", "\\", ".", "..", "%2e", "%00", "[", "]",
            "::1",
            "127.0.0.1", "0x7f", "2130706433", "example.com", "evil.test", "a", "-", "_", "80", "443", "0", "user", "&",
            "=",
            ";", "|", "^", "\"", "<", "'", "~", "$", "{", "}", "xn--a", "%", "+", ",", "!", "*", "(", "fe80::1%25lo",
        ]
        var accepted = 0
        for round in 0..<20_000 {
            var url = ["http://", "https://", ""].randomElement(using: &generator) ?? ""
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                url += pieces.randomElement(using: &generator) ?? ""
            }
            guard let address = try? RequestAddress(url) else { continue }
            accepted += 1
            if let read = try? ParsedURL(url).readOrigin() {
                #expect(read == address.origin, "seed 7, round \(round): \(url)")
            }
        }
        #expect(accepted > 500)
    }
}

@Suite struct PlaceholderTests {
    private let placeholders = Placeholders([
        BrokerSecret(name: "KEY", value: "v&l/ue", isBasic: false),
        BrokerSecret(name: "USER", value: "a:b", isBasic: true),
        BrokerSecret(name: "LOOP", value: "${secret:KEY}", isBasic: false),
    ])

    @Test func becomeTheirValues() {
        #expect(placeholders.inHeader("Bearer ${secret:KEY}") == "Bearer v&l/ue")
        #expect(placeholders.inHeader("Basic ${secret:USER}") == "Basic YTpi")
        #expect(placeholders.inURL("https://e/?k=${secret:KEY}") == "https://e/?k=v%26l%2Fue")
    }

    @Test func othersStayAndValuesAreNotLookedInto() {
        #expect(placeholders.inHeader("${secret:OTHER} $ ${KEY}") == "${secret:OTHER} $ ${KEY}")
        #expect(placeholders.inHeader("${secret:LOOP}") == "${secret:KEY}")
    }

    @Test func textsForPeopleLoseThem() {
        let placeholders = Placeholders([BrokerSecret(name: "KEY", value: "v&l/ue", isBasic: false)])
        #expect(placeholders.redacted("peer said v&l/ue and v%26l%2Fue") == "peer said ${secret:KEY} and ${secret:KEY}")
    }

    @Test func base64IsTheUsualOne() {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            #expect(Base64.text(bytes) == Data(bytes).base64EncodedString())
            #expect(Base64.bytes(Base64.text(bytes)) == bytes)
        }
        for text in ["a", "ab==c", "====", "a===", "ab=c", "äbc"] { #expect(Base64.bytes(text) == nil, "\(text)") }
    }
}

@Suite struct EventParserTests {
    private func events(_ text: String, pieces size: Int = 1000) throws -> [ServerEvent] {
        var parser = EventParser()
        var found: [ServerEvent] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            found += try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { try parser.append($0) }
        }
        return found
    }

    @Test(arguments: [1, 2, 3, 7, 1000]) func readsTheStandardsExamples(size: Int) throws {
        let text =
            "\u{FEFF}: comment\n\ndata: YHOO\ndata: +2\r\ndata: 10\r\r\nevent: add\ndata: 73857293\nid: 7\n\ndata:test\n\ndata\n\n"
        #expect(
            try events(text, pieces: size) == [
                ServerEvent(event: "message", data: "YHOO\n+2\n10", id: ""),
                ServerEvent(event: "add", data: "73857293", id: "7"),
                ServerEvent(event: "message", data: "test", id: "7"), ServerEvent(event: "message", data: "", id: "7"),
            ])
    }

    @Test func unfinishedAndEmptyEventsAreNone() throws {
        #expect(try events("event: x\n\nid: 1\n\ndata: never ended\n").isEmpty)
    }

    @Test func eventWithoutEndIsRefused() {
        #expect(throws: CorralError.self) { try events("data: " + String(repeating: "x", count: 200 << 10)) }
    }

    @Test func batchWaitsAtMostItsPatience() throws {
        var batch = EventBatch()
        let event = ServerEvent(event: "e", data: "d", id: "")
        try batch.append(event, now: 100_000_000)
        #expect(batch.take(now: 100_000_000).count == 1)
        try batch.append(event, now: 101_000_000)
        try batch.append(event, now: 104_000_000)
        #expect(batch.take(now: 105_000_000).isEmpty)
        #expect(batch.due == 110_000_000)
        let late = batch.take(now: 110_000_000)
        let events = try JSON(parsing: late.first ?? [])
        #expect(late.count == 1 && events["events"]?.arrayValue?.count == 2)
        #expect(batch.due == nil && batch.take(now: 200_000_000).isEmpty)
    }
}
