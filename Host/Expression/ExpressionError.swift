// SPDX-License-Identifier: Apache-2.0
// ExpressionError: a mistake in an expression with its place inside the text. Who knows where the text stands in a
// file turns it into a diagnostic; who does not, into an error that quotes the text.

import CorralBase

package struct ExpressionError: Error, Sendable {
    /// Looking for the nearest name takes long compared with an evaluation step, and `||` may absorb the error: so it is
    /// looked for when somebody reads the suggestion.
    enum Advice: Sendable {
        case text(String?)
        case nearest(String, CELMap)
    }

    package let code: ErrorCode
    package let message: String
    private let advice: Advice
    /// Unicode scalars before the mistake; the column people see is one more.
    package let offset: Int
    /// Whether `&&`, `||` and the macros may not absorb it: the cost limit must hold whatever stands beside it.
    let isFatal: Bool

    init(_ code: ErrorCode, _ message: String, at offset: Int, suggestion: String? = nil, isFatal: Bool = false) {
        self.init(code, message, at: offset, advice: .text(suggestion), isFatal: isFatal)
    }

    init(_ code: ErrorCode, _ message: String, at offset: Int, advice: Advice, isFatal: Bool = false) {
        self.code = code
        self.message = message
        self.advice = advice
        self.offset = offset
        self.isFatal = isFatal
    }

    /// What to write instead, or nil.
    package var suggestion: String? {
        switch advice {
        case .text(let text): text
        case .nearest(let word, let map): map.count > 1000 ? nil : didYouMean(word, among: map.names)
        }
    }

    /// The same mistake in a text in which the expression starts `distance` scalars later.
    package func moved(by distance: Int) -> ExpressionError {
        ExpressionError(code, message, at: offset + distance, advice: advice, isFatal: isFatal)
    }

    package func diagnostic(at location: SourceLocation) -> Diagnostic {
        Diagnostic(.error, code, message, at: location, suggestion: suggestion)
    }

    /// The error for a run, with the place in the file.
    package func corralError(at location: SourceLocation) -> CorralError {
        CorralError(
            code, "\(location.file):\(location.line):\(location.column): \(message)", hint: suggestion)
    }

    /// The error for an expression that stands in no file.
    package func corralError(in text: String) -> CorralError {
        CorralError(code, "expression \"\(shown(text))\", column \(offset + 1): \(message)", hint: suggestion)
    }
}
