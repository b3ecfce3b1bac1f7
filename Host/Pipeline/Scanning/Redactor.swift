// SPDX-License-Identifier: Apache-2.0
// Redactor: what every copy of a text goes through that is not the journal's: spans, logs, events, errors, names of files,
// reports. A copy is not subject to the policy's actions; values are replaced in it whatever becomes of the original.

import CorralBase

/// One per tenant. Texts of one call of `redact` are asked about together; the order of calls is their caller's.
package struct Redactor: Sendable {
    private let scanner: TextScanner

    package init(scanner: TextScanner) { self.scanner = scanner }

    /// What a text becomes that nobody could look at.
    package static let withheld = "[withheld: the scanner failed]"

    /// The texts with every sensitive value replaced.
    package func redact(_ texts: [String]) async -> [String] {
        await redact(texts.map { ScanText($0) })
    }

    package func redact(_ text: String) async -> String { await redact([text]).first ?? text }

    /// The same with names: a password is recognised by the word before it.
    package func redact(_ texts: [ScanText]) async -> [String] {
        guard let hidden = await hidden(in: texts) else { return texts.map { $0.text.isEmpty ? "" : Self.withheld } }
        return zip(texts, hidden).map { $0.text.redacted($1) }
    }

    /// Whether anybody looks at texts.
    package var isUseful: Bool { get async { await scanner.isUseful } }

    /// What is hidden of each text; nil when nobody could look.
    package func hidden(in texts: [ScanText]) async -> [[Finding]]? {
        guard await scanner.isUseful else { return texts.map { _ in [] } }
        let readable = await scanner.policy.readableInCopies
        guard let found = try? await scanner.findings(in: texts) else { return nil }
        return found.map { $0.filter { !readable.contains($0.foundClass) } }
    }

    /// A value with every text in it redacted, names of members too.
    package func redact(_ value: JSON) async -> JSON {
        guard await scanner.isUseful else { return value }
        let readable = await scanner.policy.readableInCopies
        let texts = await scanner.texts(of: value)
        do throws(CallFailure) {
            let found = try await scanner.findings(in: texts.texts)
            await scanner.remember(texts, found)
            var replacements: [ScanText: String] = [:]
            for (text, findings) in zip(texts.texts, found) {
                let hidden = findings.filter { !readable.contains($0.foundClass) }
                if !hidden.isEmpty { replacements[text] = text.text.redacted(hidden) }
            }
            return replacements.isEmpty ? value : value.replacing(replacements)
        } catch {
            return .string(Self.withheld)
        }
    }

    /// An error in the same words without the values in them. What policy itself says holds none.
    package func redact(_ error: CorralError) async -> CorralError {
        if [.contentBlocked, .scannerMissing, .scanFailed].contains(error.code) { return error }
        let texts = await redact([error.message, error.hint ?? "", error.cause ?? "", error.code.name])
        // The name is a plugin's to choose, and flows go by it: it stays unless something is or may be in it.
        let mayHide = texts[3] == Self.withheld && error.code.name.utf8.contains { (0x30...0x39).contains($0) }
        let isHidden = texts[3] != error.code.name && texts[3] != Self.withheld
        return CorralError(
            ErrorCode(error.code.number, isHidden || mayHide ? "redacted" : error.code.name), texts[0],
            hint: error.hint.map { _ in texts[1] }, cause: error.cause.map { _ in texts[2] },
            isRetryable: error.isRetryable)
    }
}
