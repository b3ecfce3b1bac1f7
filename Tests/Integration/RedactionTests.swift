// SPDX-License-Identifier: Apache-2.0
// RedactionTests: hundreds of sensitive values go through runs; none is readable afterwards in any file of the home, the
// sealed journal and the sealed files among them, nor in anything that was printed.

import Foundation
import Testing

@Suite(.serialized)
struct RedactionTests {
    /// What a user types or an agent says, and the part of it that nobody may read.
    struct Planted {
        var text: String
        var value: String

        init(_ text: String, _ value: String? = nil) {
            self.text = text
            self.value = value ?? text
        }
    }

    // MARK: Values

    /// Digits with a check digit behind them (Luhn).
    static func card(_ number: Int) -> String {
        let digits = "4539" + String(format: "%011d", number * 7_919)
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = (digit.wholeNumberValue ?? 0) * (place % 2 == 0 ? 2 : 1)
            sum += value > 9 ? value - 9 : value
        }
        return digits + "\((10 - sum % 10) % 10)"
    }

    /// A German account number with its check digits (ISO 7064 MOD 97-10).
    static func iban(_ number: Int) -> String {
        let account = "37040044" + String(format: "%010d", number * 104_729)
        let rest = (account + "131400").reduce(0) { ($0 * 10 + ($1.wholeNumberValue ?? 0)) % 97 }
        return "DE" + String(format: "%02d", 98 - rest) + account
    }

    /// Letters and digits that differ for each number.
    static func letters(_ number: Int, _ count: Int) -> String {
        let alphabet = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        var state = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 | 1
        return String(
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(state >> 33) % alphabet.count]
            })
    }

    static func planted(_ group: Int) -> [Planted] {
        let numbers = (0..<25).map { group * 25 + $0 }
        return numbers.flatMap { n -> [Planted] in
            let pair = [letters(n, 12), "x\(n)y" + letters(n + 7, 10) + "9"]
            return [
                Planted("person\(n).\(letters(n, 5).lowercased())@mail\(n).example.com"),
                Planted(card(n)), Planted("\(301 + n)-\(11 + n % 80)-\(String(format: "%04d", 1_001 + n * 13))"),
                Planted("+1 415 5\(String(format: "%02d", 21 + n % 70)) \(String(format: "%04d", 2_000 + n))"),
                Planted(iban(n)), Planted("ghp_" + letters(n, 36)),
                Planted("https://user:\(pair[1])@host\(n).example.com/path", pair[1]),
                Planted("postgres://app:\(pair[0])@db\(n)/app", pair[0]),
                Planted(
                    "-----BEGIN PRIVATE KEY-----\n\(letters(n, 60))\n-----END PRIVATE KEY-----", letters(n, 60)),
            ]
        }
    }

    private static func json(_ planted: [Planted]) throws -> String {
        let bytes = try JSONSerialization.data(
            withJSONObject: planted.map(\.text), options: [.withoutEscapingSlashes])
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Where to look

    private func files(below folder: URL) -> [URL] {
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        return (all?.compactMap { $0 as? URL } ?? []).filter {
            (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
        }
    }

    /// Each place that holds a value, with the value.
    private func hits(_ planted: [Planted], _ places: [(name: String, bytes: Data)]) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "corral-hits-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let values = folder.appending(path: "values")
        try planted.map(\.value).joined(separator: "\n").write(to: values, atomically: true, encoding: .utf8)
        let copies = folder.appending(path: "places")
        try FileManager.default.createDirectory(at: copies, withIntermediateDirectories: true)
        for (index, place) in places.enumerated() { try place.bytes.write(to: copies.appending(path: "\(index)")) }
        let found = try Corral.execute(
            "/usr/bin/env", ["LC_ALL=C", "grep", "-raoF", "-f", values.path(), copies.path()])
        #expect(found.status == 0 || found.status == 1, "\(found.standardError)")
        return found.standardOutput.split(separator: "\n").map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            let index = parts.first?.split(separator: "/").last.flatMap { Int($0) } ?? 0
            return "\(places[index].name): \(parts.last ?? "")"
        }
    }

    private func scanner() throws -> Corral {
        let corral = try Corral()
        try corral.install("says-everything", "echo", "prompter")
        let library = Corral.products.appending(path: "libcorral-scanner-sensitive.so")
        try FileManager.default.copyItem(at: library, to: corral.pluginFolder.appending(path: "scanner.so"))
        return corral
    }

    // MARK: Claims

    @Test func noValueIsReadableInAnyFileOrStream() throws {
        let corral = try scanner()
        let groups = (0..<2).map(Self.planted)
        let all = groups.flatMap(\.self)
        #expect(all.count >= 450)
        var streams: [(String, Data)] = []
        func keep(_ arguments: String...) throws {
            let output = try corral.run(arguments)
            // What a user typed stands in the arguments, not in what is printed.
            streams.append(
                (arguments.prefix(3).joined(separator: " "), Data((output.standardOutput + output.standardError).utf8)))
        }
        try keep("run", "test/says-everything", "--input", "values=\(Self.json(groups[0]))")
        #expect(String(decoding: streams[0].1, as: UTF8.self).contains("[redacted:"), "\(streams[0])")
        try keep("run", "test/says-everything", "--json", "--input", "values=\(Self.json(groups[0]))")
        try keep("run", "test/says-everything", "--input", "values=\(Self.json(groups[1]))", "--input", "fail=true")
        try keep(
            "run", "test/says-everything", "--json", "--input", "values=\(Self.json(groups[1]))", "--input", "fail=true"
        )
        let text = groups[1].prefix(120).map(\.text).joined(separator: "\n")
        try keep("prompt", "set", "test/prompter.greet", "--text", text + " {{name}} {{mood}}", "--note", all[1].text)
        try keep("prompt", "approve", "test/prompter.greet", "1")
        try keep("prompt", "list")
        let variables = #"{"name": "\#(all[0].text)", "mood": "\#(all[1].text)"}"#
        try keep("run", "test/prompter", "--input", "prompt=greet", "--input", "variables=\(variables)")
        let prompted = String(decoding: streams[streams.count - 1].1, as: UTF8.self)
        #expect(prompted.contains("[redacted:"), "\(prompted)")
        let named = try corral.write("\(all[0].value).txt", all.map(\.text).joined(separator: "\n"))
        let flow = try corral.write(
            "two.yaml",
            """
            flow: two
            input:
              file: {type: file}
              values: {type: list}
            steps:
              first: {agent: test/echo, with: {values: "${input.values}", file: "${input.file}"}}
              second: {agent: test/says-everything, after: first, with: {values: "${first.values}"}}
              third: {agent: test/echo, after: second, with: {wrong: "${int(first.values[0])}"}}
            """)
        try keep("run", flow, "--input", "file=@\(named)", "--input", "values=\(Self.json(groups[0]))")
        for run in try runs(corral) {
            try keep("runs", "show", run)
            try keep("runs", "show", run, "--json", "--trace")
        }
        try keep("runs", "list")
        try keep("runs", "list", "--json")
        try keep("tenant", "usage", "--json")
        try keep("plugin", "show", "test/says-everything")
        let host = corral.hostProcess
        corral.stop()
        try eventually("the host has ended", within: 20) { host.map { !Processes.isAlive($0) } ?? true }
        try FileManager.default.removeItem(atPath: named)

        var places = streams.map { (name: $0.0, bytes: $0.1) }
        for file in files(below: corral.project)
        where file.lastPathComponent != "two.yaml" {
            places.append((file.path(), try Data(contentsOf: file)))
            places.append((file.path() + " (name)", Data(file.path().utf8)))
        }
        #expect(places.contains { $0.name.hasSuffix("host.log") && !$0.bytes.isEmpty })
        #expect(places.contains { $0.name.contains("state.db") && $0.bytes.count > 100_000 })
        #expect(places.contains { $0.name.contains("spans.db") && $0.bytes.count > 4_096 })
        #expect(places.contains { $0.name.hasSuffix("everything.txt") || $0.name.contains("everything") })
        // The search itself finds what is there.
        #expect(try hits(all, [("itself", Data(all[7].text.utf8))]).count == 1)
        let hits = try hits(all, places)
        #expect(hits.isEmpty, "\(hits.count) values are readable: \(hits.prefix(12).joined(separator: "\n"))")
    }

    private func runs(_ corral: Corral) throws -> [String] {
        let output = try corral("runs", "list", "--json").standardOutput
        let list = try JSONSerialization.jsonObject(with: Data(output.utf8))
        let rows = (list as? [[String: Any]]) ?? ((list as? [String: Any])?["runs"] as? [[String: Any]]) ?? []
        return rows.compactMap { $0["run"] as? String ?? $0["id"] as? String }
    }

    @Test func policyBlocksRedactsAndLetsPass() throws {
        let corral = try scanner()
        _ = try corral.write(
            "corral.yaml",
            """
            security:
              policy:
                - {classes: [email_addresses], agents: [test/echo], action: allow}
                - {classes: [credit_cards], action: block}
                - {classes: [ssn], direction: request, action: redact}
            """)
        let blocked = try corral("run", "test/echo", "--input", "card=4111111111111111")
        #expect(blocked.status == 4 && blocked.standardError.contains("CRL-0922"), "\(blocked)")
        #expect(blocked.standardError.contains("security.policy[1]") && blocked.standardError.contains("credit_cards"))
        #expect(!blocked.standardError.contains("4111111111111111"), "\(blocked)")
        let redacted = try corral("run", "test/echo", "--json", "--input", "text=ssn 536-90-4399")
        #expect(redacted.status == 0 && redacted.standardOutput.contains("[redacted:ssn]"), "\(redacted)")
        let passed = try corral("run", "test/echo", "--input", "text=no secrets here")
        #expect(passed.status == 0, "\(passed)")
    }

    @Test func aMandatedScannerThatIsMissingRefusesEveryCall() throws {
        let corral = try Corral()
        try corral.install("echo")
        _ = try corral.write("corral.yaml", "security: {required: true, scanners: [test/not-there]}\n")
        let refused = try corral("run", "test/echo", "--input", "text=x")
        #expect(refused.status == 4 && refused.standardError.contains("CRL-0920"), "\(refused)")
    }
}
