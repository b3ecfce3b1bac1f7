// SPDX-License-Identifier: Apache-2.0
import SensitiveScanner
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct CleanTests {
    @Test(arguments: [
        // Numbers that are none of a person's
        "000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "078-05-1120", "219-09-9999",
        "111-11-1111", "4111111111111112", "4111 1111 1111 1112", "0000000000000000", "1234567890123456", "536904399",
        "1609459200000", "1733011200123456789", "4.111111111111111", "0.4111111111111111", "3442870000",
        "20181231", "2018-12-31 2019-01-01 2019-01-02", "2018-12-31T23:59:59.123+01:00", "+1234567", "+12345678.90",
        "+12.5%", "1,234,567,890", "4012888888881", "345 678 9012", "212.555.12", "911-911-9111",
        // Hashes, identifiers
        "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:4111111111111111aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "018f4e3c-7a2b-7c3d-8e4f-1234567890ab",
        "12345678-4111-4111-4111-411111111111", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        // Texts about secrets
        "the password must be changed", "password: required", "password = getPassword()", "password=${DB_PASSWORD}",
        "password: <your password>", "api_key = os.environ[\"API_KEY_FOR_ALPACA_1\"]",
        "Bearer of bad news from the markets",
        "tokens: 128000", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----", "https://example.com:8080/a@b",
        "redis://localhost:6379", "http://u:${PASSWORD}@h/",
        "git@github.com:apple/swift.git", "icon@2x.png", "swift@6.3.1", "user@host", "@handle", "a@b.c",
        "sk-short", "AKIA1234", "eyJ.eyJ.x", "GB82 WEST 1234 5698 7654 33", "DE00370400440532013000",
        "XX82WEST12345698765432",
        "Intel 345 678 9012 shares", "hotel 123", "AAPL 170.5 MSFT 250.25", "[redacted:passwords] [redacted:ssn]",
    ]) func staysSilent(_ text: String) throws {
        #expect(try Shared.scan(text).isEmpty)
    }

    /// Every file of prices in the tree, as a text and value by value, as the host scans it.
    @Test(arguments: [
        "Plugins/Flows/market-review/sp500-daily.csv", "Tests/MarketDataTests/Fixtures/vix-daily.csv",
        "Tests/MarketDataTests/Fixtures/us-stocks-monthly-2000-2010.csv",
    ]) func findsNothingInMarketData(_ file: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = String(decoding: try Data(contentsOf: root.appending(path: file)), as: UTF8.self)
        #expect(text.utf8.count > 1_000)
        #expect(try Shared.scan(text).isEmpty)
        let values = Set(text.split { $0 == "," || $0.isNewline })
        for value in values { #expect(try Shared.scan(String(value), key: "volume").isEmpty, "\(value)") }
    }

    /// Milliseconds from 2000 to 2038, at some distance: no time is a card.
    @Test func findsNothingInTimes() throws {
        for milliseconds in stride(from: 946_684_800_000 as Int64, to: 2_145_916_800_000, by: 86_400_000 * 7 + 12_345) {
            #expect(try Shared.scan("\(milliseconds)", key: "time_ms").isEmpty)
            #expect(try Shared.scan("\(milliseconds * 1_000)").isEmpty)
            #expect(try Shared.scan("\(milliseconds * 1_000_000)").isEmpty)
        }
    }
}
