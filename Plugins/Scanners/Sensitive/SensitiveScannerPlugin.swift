// SPDX-License-Identifier: Apache-2.0
import CorralSDK

/// corral/scanner-sensitive: texts in, the personal data and secrets in them out, as places.
package struct SensitiveScannerPlugin: Scanner {
    package static let card = PluginCard(
        "corral/scanner-sensitive", version: "1.0.0",
        summary: "Finds personal data, keys and passwords by their shape and check digits")

    package static let classes = SensitiveClass.allCases.map {
        ScanClass($0.rawValue, Severity($0.severity), help: $0.help)
    }

    private let texts: SensitiveText

    /// Compiles the patterns, once for all calls.
    package init(_ activation: Activation) throws {
        do { texts = try SensitiveText() } catch {
            throw AgentError("patterns_unusable", error.description)
        }
    }

    package func scan(_ request: ScanRequest, _ context: PluginContext) async throws -> [ScanFinding] {
        var findings: [ScanFinding] = []
        var keys: [String: KeyContext] = [:]
        for (index, text) in request.texts.enumerated() {
            try context.checkCancellation()
            let key = keys[text.key ?? ""] ?? KeyContext(text.key)
            keys[text.key ?? ""] = key
            let found: [Detection]
            do { found = try texts.scan(text.text, key) } catch {
                throw AgentError("scan_failed", error.description)
            }
            findings += found.map { ScanFinding($0, in: index) }
        }
        return findings
    }
}

extension ScanFinding {
    fileprivate init(_ detection: Detection, in text: Int) {
        self.init(
            text: text, start: detection.range.lowerBound, end: detection.range.upperBound,
            findingClass: detection.sensitiveClass.rawValue, severity: Severity(detection.sensitiveClass.severity),
            confidence: detection.confidence, redaction: detection.sensitiveClass.redaction)
    }
}

extension Severity {
    fileprivate init(_ severity: SensitiveClass.Severity) {
        switch severity {
        case .low: self = .low
        case .medium: self = .medium
        case .high: self = .high
        case .critical: self = .critical
        }
    }
}
