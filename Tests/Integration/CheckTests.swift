// SPDX-License-Identifier: Apache-2.0
// CheckTests: `corral plugin check` with plugins that are bad in one way each, and with those that are good.

import Foundation
import Testing

@Suite struct CheckTests {
    struct Bad: CustomTestStringConvertible, Sendable {
        var plugin: String
        var check: String
        /// What the report says about it.
        var words: String
        var testDescription: String { "\(plugin) fails \(check)" }
    }

    static let bad = [
        Bad(plugin: "entry-null", check: "entry", words: "returned NULL"),
        Bad(plugin: "two-exports", check: "exports", words: "another_symbol"),
        Bad(plugin: "bad-schema", check: "manifest", words: "did you mean \"string\"?"),
        Bad(plugin: "changing-manifest", check: "same-manifest", words: "another manifest"),
        Bad(plugin: "claims-any-abi", check: "other-abi", words: "CORRAL_ABI_MAJOR"),
        Bad(plugin: "copies-host", check: "short-host", words: "SIGSEGV"),
        Bad(plugin: "exact-host", check: "newer-host", words: "struct_size"),
        Bad(plugin: "answers-any-id", check: "extensions", words: "is not NULL"),
        Bad(plugin: "deactivate-crash", check: "life-cycle", words: "SIGABRT"),
        Bad(plugin: "result-no-json", check: "sample", words: "no JSON value"),
        Bad(plugin: "crash-on-huge", check: "bad-input", words: "a text of 8 MiB, it crashed with SIGSEGV at +0x"),
        Bad(plugin: "gives-up", check: "after-error", words: "status -3"),
        Bad(plugin: "ignores-cancel", check: "cancellation", words: "after its call was cancelled"),
        Bad(plugin: "ignores-deadline", check: "deadline", words: "after a deadline"),
        Bad(plugin: "shares-a-buffer", check: "concurrency", words: "another result"),
        Bad(plugin: "sets-variable", check: "environment", words: "+TEST_PLUGIN_WAS_HERE=1"),
        Bad(plugin: "print", check: "silence", words: "a line on standard output"),
        Bad(plugin: "leak-memory", check: "leaks", words: "memory grew"),
        Bad(plugin: "leak-descriptors", check: "leaks", words: "more descriptors"),
        Bad(plugin: "crash-on-control", check: "fuzz", words: "SIGILL"),
        Bad(plugin: "scanner-wrong-text", check: "scan-findings", words: "a finding is outside its text"),
        Bad(plugin: "scanner-first-page", check: "scan-borders", words: "not the same at byte"),
        Bad(plugin: "scanner-quadratic", check: "scan-linear", words: "take longer than"),
        Bad(plugin: "judge-eleven", check: "judge-scores", words: "is 11, not from 1 to 10"),
        Bad(plugin: "memory-loses-authors", check: "memory-keep", words: "author comes back as"),
        Bad(plugin: "memory-one-namespace", check: "memory-apart", words: "another namespace's entry"),
        Bad(plugin: "memory-never-expires", check: "memory-expiry", words: "an expired entry is found"),
        Bad(plugin: "memory-no-limit", check: "memory-search", words: "does not keep to its limit"),
        Bad(plugin: "memory-same-page", check: "memory-pages", words: "does not end"),
        Bad(plugin: "memory-forgets-nothing", check: "memory-forget", words: "older_than_ms"),
        Bad(plugin: "memory-forgetful", check: "memory-lasts", words: "0 are there after the process was killed"),
        Bad(plugin: "notifier-claims", check: "notifier-failure", words: "claims to have delivered"),
        Bad(plugin: "tracer-rejects", check: "tracer-receipt", words: "it says that it rejected 1000000"),
    ]
    /// They run for a second or more each; of the plugins that fail another check they are left out.
    static let slow: Set = ["leaks", "fuzz"]

    static func checks() throws -> [String] {
        let list = try Corral()("plugin", "check", "--list", "--json").standardOutput
        let names = try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [[String: String]] ?? []
        return names.compactMap { $0["name"] }
    }

    @Test func hasABadPluginForEveryCheck() throws {
        #expect(Set(Self.bad.map(\.check)) == Set(try Self.checks()))
    }

    @Test(arguments: bad)
    func failsExactlyItsCheck(_ bad: Bad) throws {
        let corral = try Corral()
        let library = try Corral.badPlugins.get().appending(path: "\(bad.plugin).so").path()
        let checks = try Self.checks().filter { $0 == bad.check || !Self.slow.contains($0) }
        let output = try corral.run(
            ["plugin", "check", library, "--json", "--seed", "5eed"] + checks.flatMap { ["--only", $0] })
        #expect(output.status == 1, "\(output)")
        let results = try #require(try output.json()["checks"] as? [[String: Any]])
        let failed = results.filter { $0["state"] as? String == "failed" }
        #expect(failed.compactMap { $0["name"] as? String } == [bad.check], "\(failed)")
        #expect((failed.first?["detail"] as? String)?.contains(bad.words) == true, "\(failed)")
        // A library that does not load can show nothing else.
        let skipped = results.filter { $0["state"] as? String == "skipped" }
        #expect(bad.check == "entry" ? skipped.count >= 14 : skipped.isEmpty, "\(skipped)")
    }

    @Test func reproducesTheCaseThatCrashed() throws {
        let corral = try Corral()
        let library = try Corral.badPlugins.get().appending(path: "crash-on-control.so").path()
        let output = try corral("plugin", "check", library, "--only", "fuzz", "--seed", "5eed", "--json")
        let results = try #require(try output.json()["checks"] as? [[String: Any]])
        let token = try #require(results.first?["reproduce"] as? String)
        #expect(token.hasPrefix("fuzz-5eed-"))
        let again = try corral("plugin", "check", library, "--reproduce", token, "--json")
        let reproduced = try again.json()
        #expect(again.status == 1 && reproduced["state"] as? String == "failed", "\(again)")
        #expect((reproduced["input_hex"] as? String)?.isEmpty == false)
        let other = try corral("plugin", "check", library, "--reproduce", "fuzz-5eed", "--json")
        #expect(other.status == 2, "\(other)")
    }

    @Test(
        arguments: [
            "corral-market-data", "corral-technical-analyst", "corral-report-writer", "corral-file-facts",
            "corral-regime-analyst", "corral-seasonality-analyst", "corral-anomaly-auditor", "corral-portfolio-manager",
            "corral-compliance-checker",
        ])
    func passesThePluginsThatComeWithCorral(_ name: String) throws {
        let corral = try Corral()
        let prices = Corral.repository.appending(path: "Plugins/Flows/market-review/sp500-daily.csv").path()
        let library = Corral.products.appending(path: "lib\(name).so").path()
        let input =
            switch name {
            case "corral-market-data": ["--input", "prices=@\(prices)"]
            case "corral-file-facts": ["--input", "file=@\(Corral.repository.appending(path: "README.md").path())"]
            default: [String]()
            }
        // Thousands of calls with twenty years of prices take long; the others of this suite show that the two work.
        let checks = try Self.checks().filter { !Self.slow.contains($0) }
        let output = try corral.run(["plugin", "check", library] + input + checks.flatMap { ["--only", $0] })
        #expect(output.status == 0, "\(output.standardOutput)\(output.standardError)")
    }

    @Test func writesJUnitForCI() throws {
        let corral = try Corral()
        let library = try Corral.badPlugins.get().appending(path: "two-exports.so").path()
        let output = try corral(
            "plugin", "check", library, "--only", "entry", "--only", "exports", "--junit", "check.xml")
        #expect(output.status == 1 && output.standardOutput.contains("1 passed, 1 failed"), "\(output)")
        let xml = try String(contentsOf: corral.project.appending(path: "check.xml"), encoding: .utf8)
        #expect(xml.contains(#"<testsuite name="test/two-exports" tests="2" failures="1""#), "\(xml)")
        let parser = try Corral.execute(
            "/usr/bin/env",
            [
                "python3", "-c", "import sys, xml.etree.ElementTree as e; print(len(e.parse(sys.argv[1]).getroot()))",
                corral.project.appending(path: "check.xml").path(),
            ])
        #expect(parser.standardOutput == "2\n", "\(parser)")
    }

    @Test func namesTheNearestCheck() throws {
        let output = try Corral()("plugin", "check", "x.so", "--only", "leak")
        #expect(output.status == 2 && output.standardError.contains("did you mean \"leaks\"?"), "\(output)")
    }
}
