// SPDX-License-Identifier: Apache-2.0
import SensitiveScanner
import Testing

/// Compiled once: it takes longer than all the scans of a test.
enum Shared {
    static let scanner: SensitiveText? = try? SensitiveText()

    static func scan(_ text: String, key: String? = nil) throws -> [Detection] {
        try #require(scanner).scan(text, key: key)
    }

    static func examined(_ bytes: [UInt8]) throws -> (found: [Detection], examined: Int) {
        let scanner = try #require(scanner)
        return try bytes.withUnsafeBufferPointer { try scanner.scan($0) }
    }

    /// The text with every finding replaced.
    static func redacted(_ text: String, key: String? = nil) throws -> String {
        var bytes = Array(text.utf8)
        for finding in try scan(text, key: key).reversed() {
            bytes.replaceSubrange(finding.range, with: finding.sensitiveClass.redaction.utf8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

struct Planted: Sendable, CustomTestStringConvertible {
    var sensitiveClass: SensitiveClass
    /// The text around the value; `§` on both sides of it.
    var marked: String

    init(_ sensitiveClass: SensitiveClass, _ marked: String) {
        self.sensitiveClass = sensitiveClass
        self.marked = marked
    }

    var testDescription: String { marked }
    var text: String { marked.filter { $0 != "§" } }
    var value: String { String(marked.split(separator: "§", omittingEmptySubsequences: false)[1]) }
}
