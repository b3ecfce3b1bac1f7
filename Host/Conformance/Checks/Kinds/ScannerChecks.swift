// SPDX-License-Identifier: Apache-2.0
// ScannerChecks: findings that a redaction can rely on, at any place of any text, in time that no text can stretch.

import CorralBase

struct ScannerChecks {
    let rig: CheckRig
    let facts: PluginFacts

    /// Values of the classes that scanners commonly find, and harmless neighbours. None is anybody's.
    static let texts = [
        "", "Nothing to see here.", "mail ada.lovelace@example.com now", "call +1 (202) 555-0143 or 202-555-0143",
        "SSN 219-09-9999 and not 000-12-3456", "card 4111 1111 1111 1111, not 4111 1111 1111 1112",
        "IBAN DE89 3704 0044 0532 0130 00", "AKIAIOSFODNN7EXAMPLE is a key id",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "https://user:secret-word@example.com/path", "password=correct-horse-battery",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu\n-----END RSA PRIVATE KEY-----",
        "Größe 東京 🙂 ada@example.org 👩‍👩‍👧 e\u{301}", "CUST-00012345, ORD-00012345",
        "ada@example.com,grace@example.com;linus@example.com", String(repeating: "x ", count: 5000) + "ada@example.net",
    ]
    private static let severities: Set = ["low", "medium", "high", "critical"]

    private struct Finding: Hashable {
        var text: Int
        var start: Int
        var end: Int
        var name: String
    }

    // MARK: Findings

    func findings() throws -> Verdict {
        let caller = KindCaller(try facts.ready(rig), .scanner)
        let found = try scan(caller, Self.texts, "the texts of the check")
        for (index, text) in Self.texts.enumerated() {
            let alone = try scan(caller, [text], "a text alone")
            let together = found.filter { $0.text == index }.map { finding in
                Finding(text: 0, start: finding.start, end: finding.end, name: finding.name)
            }
            try require(
                alone == together,
                "\"\(text.prefix(60))\" alone has \(alone.count) findings, beside others \(together.count)")
        }
        return .passed("\(found.count) findings in \(Self.texts.count) texts")
    }

    /// Asks, and checks what can be checked of each finding.
    private func scan(_ caller: KindCaller, _ texts: [String], _ what: String) throws -> [Finding] {
        let request: JSON = [
            "now_ms": .int(KindExample.now), "texts": .array(texts.map { ["text": .string($0)] }),
        ]
        let answer = try caller.ask("scan", request, what)
        var findings: [Finding] = []
        for json in answer["findings"]?.arrayValue ?? [] {
            let finding = try finding(json, texts)
            if let last = findings.last {
                try require(
                    (last.text, last.end) <= (finding.text, finding.text == last.text ? finding.start : last.end)
                        && last.text <= finding.text,
                    "findings overlap or are out of order: \(json.text())")
            }
            findings.append(finding)
        }
        return findings
    }

    private func finding(_ json: JSON, _ texts: [String]) throws -> Finding {
        let shown = String(json.text().prefix(200))
        guard let index = json["text"]?.intValue, texts.indices.contains(Int(index)),
            let start = json["start"]?.intValue, let end = json["end"]?.intValue,
            let name = json["class"]?.stringValue, !name.isEmpty
        else { throw Fault("a finding lacks text, start, end or class: \(shown)") }
        let text = texts[Int(index)]
        let bytes = Array(text.utf8)
        try require(0 <= start && start < end && end <= bytes.count, "a finding is outside its text: \(shown)")
        let found = String(validating: bytes[Int(start)..<Int(end)], as: UTF8.self)
        try require(found != nil, "a finding begins or ends inside a character: \(shown)")
        try require(
            Self.severities.contains(json["severity"]?.stringValue ?? ""),
            "the severity of a finding is none of low, medium, high and critical: \(shown)")
        let confidence = json["confidence"]?.doubleValue ?? -1
        try require((0...1).contains(confidence), "the confidence of a finding is not from 0 to 1: \(shown)")
        guard let redaction = json["redaction"]?.stringValue else {
            throw Fault("a finding has no redaction: \(shown)")
        }
        try require(
            !redaction.contains(found ?? ""), "the redaction of a \"\(name)\" holds what was found")
        let declared = Set(
            (facts.manifest.sections[.scanner]?["classes"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue })
        try require(
            declared.isEmpty || declared.contains(name),
            "a finding is of the class \"\(name)\", which the manifest does not declare")
        return Finding(text: Int(index), start: Int(start), end: Int(end), name: name)
    }

    // MARK: Borders

    /// A long text may be looked at in pieces; a value must be found across their borders.
    func borders() throws -> Verdict {
        let caller = KindCaller(try facts.ready(rig), .scanner)
        let values = Self.texts.filter { !$0.isEmpty && $0.utf8.count < 200 }
        var known: [(text: String, findings: [Finding])] = []
        for value in values {
            let findings = try scan(caller, [value], "a text alone")
            if !findings.isEmpty { known.append((value, findings)) }
        }
        guard !known.isEmpty else { return .skipped("it finds nothing in the texts of this check") }
        var places = 0
        for border in [512, 1024, 4096, 8192, 16_384, 65_536] {
            for back in [1, 3, 8, 20] {
                let (value, findings) = known[places % known.count]
                places += 1
                let room = border - back
                // Words that nobody looks for, and a line break before the value.
                let filler = String(String(repeating: "lorem ipsum ", count: room / 12 + 1).prefix(room - 1)) + "\n"
                let moved = try scan(caller, [filler + value + "\n"], "a value at byte \(room)")
                let expected = findings.map {
                    Finding(text: 0, start: $0.start + room, end: $0.end + room, name: $0.name)
                }
                try require(
                    Set(expected).isSubset(of: moved),
                    "\"\(value.prefix(60))\" has \(findings.count) findings at the start of a text, and not the same at byte \(room)"
                )
            }
        }
        return .passed("\(places) places, \(known.count) values")
    }

    // MARK: Time

    private static let bytes = 1 << 20
    private static let patience: Duration = .seconds(10)
    /// Sixteen times the text may take so many times longer: linear, and a busy machine.
    private static let growthMax = 64.0

    /// Each is what one careless pattern or another goes back over again and again.
    private static let hostile: [(name: String, unit: String)] = [
        ("one letter", "a"), ("at signs", "@"), ("letters and at signs", "a@"), ("dots", "a."), ("digits", "4"),
        ("digits and blanks", "4 "), ("digits and dashes", "1-"),
        ("the beginning of a key", "-----BEGIN RSA PRIVATE KEY-----\n"),
        ("slashes", "https://"), ("addresses without an end", "https://a:b"), ("blanks", " "),
        ("equal signs", "password="),
        ("capitals", "DE89A"), ("quotes", "\"'"), ("emoji", "🙂"),
    ]

    func linear() throws -> Verdict {
        let caller = KindCaller(try facts.ready(rig), .scanner)
        var worst: (name: String, time: Duration) = ("", .zero)
        for (name, unit) in Self.hostile {
            let small = try time(caller, unit, Self.bytes / 16, name)
            let large = try time(caller, unit, Self.bytes, name)
            let growth = large / max(small, .milliseconds(5))
            try require(
                growth <= Self.growthMax,
                "1 MiB of \(name) takes \(shown(large)), a sixteenth of it \(shown(small)): that is not linear")
            if large > worst.time { worst = (name, large) }
        }
        return .passed("at most \(shown(worst.time)) for 1 MiB (\(worst.name))")
    }

    private func time(_ caller: KindCaller, _ unit: String, _ bytes: Int, _ name: String) throws -> Duration {
        let text = String(repeating: unit, count: bytes / unit.utf8.count)
        let request: JSON = ["now_ms": .int(KindExample.now), "texts": [["text": .string(text)]]]
        let start = ContinuousClock.now
        let answer: CheckWorker.Answer
        do { answer = try caller.answer("scan", request, within: Self.patience) } catch let lost as CheckWorker.Lost {
            guard lost.isHang else { throw lost }
            throw Fault("\(bytes >> 10) KiB of \(name) take longer than \(Self.patience)")
        }
        try require(answer.status >= 0, "\(bytes >> 10) KiB of \(name) are answered with \(answer.words)")
        return start.duration(to: .now)
    }
}
