// SPDX-License-Identifier: Apache-2.0

/// Finds what must not go on as it stands (scanner.h). The host's policy decides what becomes of a finding.
public protocol Scanner: InfrastructurePlugin {
    /// What it finds, for the manifest: policies are checked against it.
    static var classes: [ScanClass] { get }

    /// In order of text and start; findings of one text do not overlap. Must take time linear in the size of the texts and
    /// keep nothing of them.
    func scan(_ request: ScanRequest, _ context: PluginContext) async throws -> [ScanFinding]
}

extension Scanner {
    public static var classes: [ScanClass] { [] }
}

/// A class of findings.
public struct ScanClass: Codable, Sendable, Hashable {
    /// `[a-z][a-z0-9_]{0,63}`, for example `credit_card`.
    public var name: String
    public var severity: Severity
    public var help: String

    public init(_ name: String, _ severity: Severity, help: String = "") {
        self.name = name
        self.severity = severity
        self.help = help
    }
}

public struct ScanRequest: Codable, Sendable {
    public var nowMilliseconds: Int64
    public var texts: [ScanText]

    enum CodingKeys: String, CodingKey {
        case texts
        case nowMilliseconds = "now_ms"
    }
}

public struct ScanText: Codable, Sendable, Hashable {
    /// The name under which the text stood, for example of its JSON member.
    public var key: String?
    public var text: String

    public init(key: String? = nil, text: String) {
        self.key = key
        self.text = text
    }
}

public struct ScanFinding: Codable, Sendable, Hashable {
    /// Which text: its index.
    public var text: Int
    /// UTF-8 byte offsets on character borders; `start < end`.
    public var start: Int
    public var end: Int
    public var findingClass: String
    public var severity: Severity
    /// From 0 to 1.
    public var confidence: Double
    /// The text that may stand in its place.
    public var redaction: String

    public init(
        text: Int, start: Int, end: Int, findingClass: String, severity: Severity, confidence: Double,
        redaction: String
    ) {
        self.text = text
        self.start = start
        self.end = end
        self.findingClass = findingClass
        self.severity = severity
        self.confidence = confidence
        self.redaction = redaction
    }

    enum CodingKeys: String, CodingKey {
        case text, start, end, severity, confidence, redaction
        case findingClass = "class"
    }
}
