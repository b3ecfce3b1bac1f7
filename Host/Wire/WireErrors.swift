// SPDX-License-Identifier: Apache-2.0
// WireErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let protocolViolation = ErrorCode(301, "protocol_violation")
    package static let socketFailed = ErrorCode(302, "socket_failed")
    /// Raised by the host, which reads a URL first, and by the broker, which reads it again.
    package static let urlInvalid = ErrorCode(753, "url_invalid")
}

extension CorralError {
    /// A peer sent what the protocol does not allow; the connection is over.
    package static func protocolViolation(_ what: String) -> CorralError {
        CorralError(.protocolViolation, "the other side of a socket sent \(what)")
    }

    package static func socketFailed(_ operation: String, _ cause: String) -> CorralError {
        CorralError(.socketFailed, "cannot \(operation) on a socket", cause: cause)
    }
}
