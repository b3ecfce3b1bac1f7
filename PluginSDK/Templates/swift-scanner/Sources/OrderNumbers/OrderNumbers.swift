// SPDX-License-Identifier: Apache-2.0

import CorralSDK

/// Finds order numbers, `ORD-` and eight digits, in one pass.
public struct OrderNumbers: Scanner {
    public static let card = PluginCard("acme/order-numbers", version: "1.0.0", summary: "Finds order numbers")
    public static let classes = [ScanClass("order_number", .high, help: "ORD- and eight digits")]

    private static let prefix = Array("ORD-".utf8)
    private static let length = 12

    public init(_ activation: Activation) throws {}

    public func scan(_ request: ScanRequest, _ context: PluginContext) async throws -> [ScanFinding] {
        var findings: [ScanFinding] = []
        for (index, text) in request.texts.enumerated() {
            try context.checkCancellation()
            // Offsets count bytes of the text as UTF-8.
            let bytes = Array(text.text.utf8)
            var at = 0
            while at < bytes.count {
                guard Self.isNumber(bytes, at) else {
                    at += 1
                    continue
                }
                findings.append(
                    ScanFinding(
                        text: index, start: at, end: at + Self.length, findingClass: "order_number", severity: .high,
                        confidence: 0.95, redaction: "[order number]"))
                at += Self.length
            }
        }
        return findings
    }

    /// Whether a number begins here and ends where a word ends.
    private static func isNumber(_ bytes: [UInt8], _ at: Int) -> Bool {
        guard bytes[at] == prefix[0], bytes.count - at >= length, at == 0 || !isWord(bytes[at - 1]),
            bytes[at..<at + 4].elementsEqual(prefix), bytes[at + 4..<at + length].allSatisfy(isDigit)
        else { return false }
        return at + length == bytes.count || !isWord(bytes[at + length])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == 0x5F || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
    }
}
