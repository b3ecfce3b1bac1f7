// SPDX-License-Identifier: Apache-2.0
// Diagnostic: one mistake in a file a person wrote, with the place and a suggestion. Checks report all of them at once.

/// A place in a text file. Lines and columns count from 1; columns count Unicode scalars.
package struct SourceLocation: Hashable, Sendable, Codable, Comparable {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package static func < (a: SourceLocation, b: SourceLocation) -> Bool {
        (a.file, a.line, a.column) < (b.file, b.line, b.column)
    }
}

/// One finding of a check over a text file.
package struct Diagnostic: Hashable, Sendable, Codable {
    package enum Severity: String, Sendable, Codable {
        case error
        case warning
    }

    package let severity: Severity
    package let code: ErrorCode
    package let message: String
    package let location: SourceLocation
    /// What to write instead, for example `did you mean "technical"?`.
    package let suggestion: String?

    package init(
        _ severity: Severity, _ code: ErrorCode, _ message: String, at location: SourceLocation,
        suggestion: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.location = location
        self.suggestion = suggestion
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: error: message (suggestion) [CRL-nnnn]`, the form editors can jump to.
    package var description: String {
        let place = "\(location.file):\(location.line):\(location.column)"
        let advice = suggestion.map { " (\($0))" } ?? ""
        return "\(place): \(severity.rawValue): \(message)\(advice) [\(code.text)]"
    }
}

/// Thrown when a document has at least one diagnostic of severity `error`; carries warnings too, in file order.
package struct DiagnosticsError: Error, Sendable {
    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics.sorted { $0.location < $1.location }
    }
}

extension DiagnosticsError: CustomStringConvertible {
    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
