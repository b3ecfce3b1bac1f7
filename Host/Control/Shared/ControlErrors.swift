// SPDX-License-Identifier: Apache-2.0
// ControlErrors: every error text of this module, both halves.

import CorralBase

extension ErrorCode {
    package static let controlVersionMismatch = ErrorCode(801, "control_version_mismatch")
    package static let requestNotUnderstood = ErrorCode(802, "request_not_understood")
    package static let hostUnreachable = ErrorCode(803, "host_unreachable")
    package static let hostBusy = ErrorCode(804, "host_busy")
    package static let hostGone = ErrorCode(805, "host_gone")
    package static let controlSocketFailed = ErrorCode(806, "control_socket_failed")
    package static let peerRefused = ErrorCode(807, "peer_refused")
    package static let clientTooSlow = ErrorCode(808, "client_too_slow")
    package static let replyTooLarge = ErrorCode(809, "reply_too_large")
}

extension CorralError {
    /// - Parameters:
    ///   - host: the host's `corral --version` and protocol version; `client`: the same of the client.
    package static func versionMismatch(
        host: (version: String, protocolVersion: Int), client: (version: String, protocolVersion: Int)
    ) -> CorralError {
        let isClientNewer = client.protocolVersion > host.protocolVersion
        return CorralError(
            .controlVersionMismatch,
            "this corral (\(client.version), control protocol \(client.protocolVersion)) is "
                + "\(isClientNewer ? "newer" : "older") than the running host "
                + "(\(host.version), control protocol \(host.protocolVersion))",
            hint: isClientNewer
                ? "end the old host with `kill -TERM $(cat HOME/host.lock)`, HOME as `corral doctor` prints it; "
                    + "the next command starts a new one"
                : "use the corral that started the host, or update this one")
    }

    package static func requestNotUnderstood(_ what: String) -> CorralError {
        CorralError(
            .requestNotUnderstood, "the control message was not understood: \(what)",
            hint: "client and host should be of one build: compare `corral --version` and `corral host status`")
    }

    package static func hostUnreachable(_ path: String, _ cause: String) -> CorralError {
        CorralError(
            .hostUnreachable, "no host answers at \"\(path)\"", hint: "start one with `corral serve`", cause: cause,
            isRetryable: true)
    }

    package static func hostBusy(clients: Int) -> CorralError {
        CorralError(
            .hostBusy, "the host serves \(clients) clients already, which is its limit",
            hint: "end commands that follow a run, then try again", isRetryable: true)
    }

    package static func hostGone(_ cause: String) -> CorralError {
        CorralError(
            .hostGone, "the host went away before it answered",
            hint: "see host.log in the home that `corral doctor` prints; an interrupted run goes on with "
                + "`corral runs resume last`",
            cause: cause, isRetryable: true)
    }

    package static func controlSocketFailed(_ operation: String, _ path: String, _ cause: String) -> CorralError {
        CorralError(
            .controlSocketFailed, "cannot \(operation) the control socket \"\(path)\"",
            hint: "check the folder's owner and free space with `corral doctor`", cause: cause)
    }

    package static func peerRefused(uid: UInt32, owner: UInt32) -> CorralError {
        CorralError(
            .peerRefused, "user \(uid) may not control this host, which belongs to user \(owner)",
            hint:
                "run the command as the owner, or use a home of your own with `--home`; the owner lets others in with "
                + "host.control.access")
    }

    package static func clientTooSlow(bytes: Int) -> CorralError {
        CorralError(.clientTooSlow, "the client left \(bytes) bytes unread and was disconnected")
    }

    package static func replyTooLarge(bytes: Int) -> CorralError {
        CorralError(
            .replyTooLarge, "the reply has \(bytes) bytes, a client takes at most \(Limits.controlMessageBytesMax)",
            hint: "let the flow's agents push large results as artifacts")
    }
}
