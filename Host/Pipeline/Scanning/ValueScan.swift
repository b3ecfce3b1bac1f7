// SPDX-License-Identifier: Apache-2.0
// ValueScan: looks at one value that crosses between host and plugin, and does what policy says with what is found.

import CorralBase

struct ValueScan: Sendable {
    let scanner: TextScanner
    let call: Call
    let direction: ScanDirection

    /// What became of a value.
    struct Outcome {
        var value: JSON
        var isChanged = false
        var report = ScanReport()
    }

    /// - Returns: the value as it may go on; nil when nobody looks at values of this tenant.
    /// - Throws: `content_blocked`; `scanner_missing` and `scan_failed` when nothing may pass without having been looked
    ///   at.
    func scan(_ value: JSON) async throws(CallFailure) -> Outcome? {
        guard await scanner.isUseful else { return nil }
        let texts = await scanner.texts(of: value)
        var outcome = Outcome(value: value)
        let found: [[Finding]]
        do throws(CallFailure) { found = try await scanner.findings(in: texts.texts, about: call) } catch {
            let policy = await scanner.policy
            if policy.enforces(direction, agent: call.plugin, tenant: call.tenant) { throw error }
            outcome.report.add(
                .init(
                    direction: direction.rawValue, foundClass: "not_scanned", severity: "medium", action: .flag,
                    path: error.error.code.name, count: 1, setting: "security"))
            return outcome
        }
        await scanner.remember(texts, found)
        let replacements = try await decide(texts, found, &outcome.report)
        if !replacements.isEmpty {
            outcome.value = value.replacing(replacements)
            outcome.isChanged = true
        }
        return outcome
    }

    /// - Returns: the texts that do not go on as they are, and what goes on instead.
    private func decide(
        _ texts: ValueTexts, _ found: [[Finding]], _ report: inout ScanReport
    ) async throws(CallFailure) -> [ScanText: String] {
        let policy = await scanner.policy
        var replacements: [ScanText: String] = [:]
        var names: [String: String] = [:]
        for (text, findings) in zip(texts.texts, found) where text.key == nil && !findings.isEmpty {
            names[text.text] = text.text.redacted(findings)
        }
        for (index, findings) in found.enumerated() where !findings.isEmpty {
            let place = texts.places[index].text { names[$0] ?? $0 }
            var redacted: [Finding] = []
            for finding in findings {
                let (action, setting) = policy.decision(
                    finding.foundClass, confidence: finding.confidence, direction, agent: call.plugin,
                    tenant: call.tenant)
                if action == .allow { continue }
                report.add(
                    .init(
                        direction: direction.rawValue, foundClass: finding.foundClass, severity: finding.severity,
                        action: action, path: place, count: 1, setting: setting))
                if action == .redact { redacted.append(finding) }
            }
            if !redacted.isEmpty { replacements[texts.texts[index]] = texts.texts[index].text.redacted(redacted) }
        }
        if let blocked = report.lines.first(where: { $0.action == .block }) {
            var metrics = CallMetrics()
            report.write(to: &metrics.attributes)
            throw CallFailure(
                .contentBlocked(
                    direction, of: call.targetText, foundClass: blocked.foundClass, path: blocked.path,
                    setting: blocked.setting), metrics: metrics)
        }
        return replacements
    }
}
