// SPDX-License-Identifier: Apache-2.0

/// Why a call failed, in the author's words: it reaches the user as written.
///
/// ``AgentContext/tool(_:_:as:)`` throws it too, with the words of the tool or of the host that refused it.
public struct AgentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A short machine name, `[a-z0-9_]{1,64}`. Flows match it in `retry.on`.
    public var code: String
    /// One sentence for people.
    public var message: String
    /// Whether the same call may succeed later. A flow's retry policy reads it.
    public var isRetryable: Bool
    /// More for whoever handles it.
    public var details: JSON?

    public init(_ code: String, _ message: String, retryable: Bool = false, details: JSON? = nil) {
        self.code = code
        self.message = message
        self.isRetryable = retryable
        self.details = details
    }

    public var description: String { "\(code): \(message)" }
}
