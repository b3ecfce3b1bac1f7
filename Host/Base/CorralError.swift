// SPDX-License-Identifier: Apache-2.0
// CorralError: the one shape of every error a person or a script sees: code, message, hint, cause.

/// An error of the world (a file, a plugin, a peer, a person's input), never one of our own bugs.
package struct CorralError: Error, Hashable, Sendable, Codable {
    package let code: ErrorCode
    /// What failed and why, lower case, with the offending value quoted; no full stop.
    package let message: String
    /// What to do: a command or a setting. Nil when there is nothing a person could do.
    package let hint: String?
    /// The error text underneath, for example an errno or what a plugin said.
    package let cause: String?
    /// Whether the same request may succeed when sent again unchanged.
    package let isRetryable: Bool

    package init(
        _ code: ErrorCode, _ message: String, hint: String? = nil, cause: String? = nil, isRetryable: Bool = false
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.cause = cause
        self.isRetryable = isRetryable
    }
}

extension CorralError: CustomStringConvertible {
    /// The form printed on a terminal: `error:`, `hint:` and `code:` lines.
    package var description: String {
        var lines = ["error: " + message + (cause.map { ": " + $0 } ?? "")]
        if let hint { lines.append("hint: " + hint) }
        lines.append("code: \(code.text) · corral explain \(code.text)")
        return lines.joined(separator: "\n")
    }
}
