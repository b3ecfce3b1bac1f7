// SPDX-License-Identifier: Apache-2.0
// BrokerErrors: every error text of the broker's process. A text names schemes, hosts and ports, never a path, a query,
// a header or a body: those may hold secrets.

import CorralBase
import CorralWire

extension ErrorCode {
    package static let addressRefused = ErrorCode(756, "address_refused")
    package static let redirectRefused = ErrorCode(757, "redirect_refused")
    package static let nameNotResolved = ErrorCode(758, "name_not_resolved")
    package static let connectFailed = ErrorCode(759, "connect_failed")
    package static let tlsFailed = ErrorCode(760, "tls_failed")
    package static let httpTimeout = ErrorCode(761, "http_timeout")
    package static let responseTooLarge = ErrorCode(762, "response_too_large")
    package static let responseBroken = ErrorCode(763, "response_broken")
    package static let proxyFailed = ErrorCode(764, "proxy_failed")
    package static let mailRefused = ErrorCode(1000, "mail_refused")
    package static let mailLoginRefused = ErrorCode(1001, "mail_login_refused")
}

extension CorralError {
    static func urlInvalid(_ why: String) -> CorralError {
        CorralError(
            .urlInvalid, "the request's URL cannot be used: \(why)",
            hint: "write it as https://host:port/path, with everything unusual percent-encoded")
    }

    static func readDifferently(_ mine: NetworkOrigin, _ host: NetworkOrigin) -> CorralError {
        CorralError(
            .urlInvalid, "the request's URL can be read in two ways: as \"\(host)\" and as \"\(mine)\"",
            hint: "write it as https://host:port/path, with everything unusual percent-encoded")
    }

    static func addressRefused(_ host: NetworkHost, _ address: PeerAddress) -> CorralError {
        CorralError(
            .addressRefused,
            "\"\(host)\" is at \(address), which is a \(address.realm.rawValue) address",
            hint: "if the plugin is meant to reach it, write `internal: true` at its entry in `grants:`")
    }

    static func redirectRefused(_ from: NetworkOrigin, _ why: String) -> CorralError {
        CorralError(.redirectRefused, "\"\(from)\" answered with a redirect that is not followed: \(why)")
    }

    static func nameNotResolved(_ host: NetworkHost) -> CorralError {
        CorralError(
            .nameNotResolved, "the name \"\(host)\" has no address",
            hint: "look it up: getent hosts \(host)", isRetryable: true)
    }

    static func resolverBusy(_ host: NetworkHost) -> CorralError {
        CorralError(
            .nameNotResolved,
            "the name \"\(host)\" is not looked up: \(Limits.networkRequestsMax) look-ups wait for slow name servers",
            isRetryable: true)
    }

    static func connectFailed(_ target: String, _ cause: String) -> CorralError {
        CorralError(
            .connectFailed, "cannot connect to \"\(target)\"",
            hint: "check that it runs and that this machine may reach it", cause: cause, isRetryable: true)
    }

    static func tlsFailed(_ origin: NetworkOrigin, _ cause: String) -> CorralError {
        CorralError(
            .tlsFailed, "\"\(origin)\" could not prove who it is, or speaks no TLS 1.2 or newer",
            hint: "for a private authority name its certificate in `network.ca_file`", cause: cause)
    }

    static func httpTimeout(_ target: String, _ part: String, _ limit: Duration) -> CorralError {
        CorralError(
            .httpTimeout, "\"\(target)\" took longer than \(limit) \(part)",
            hint: "raise `timeout_ms` in the request if the peer is only slow", isRetryable: true)
    }

    static func responseTooLarge(_ origin: NetworkOrigin, _ what: String) -> CorralError {
        CorralError(
            .responseTooLarge, "the response of \"\(origin)\" is too large: \(what)",
            hint: "ask the peer for less, for example page by page")
    }

    static func eventTooLarge() -> CorralError {
        CorralError(
            .responseTooLarge, "an event of the stream has more than \(Limits.httpEventBytesMax) bytes",
            hint: "ask the peer for smaller events")
    }

    static func responseBroken(_ origin: NetworkOrigin, _ cause: String) -> CorralError {
        CorralError(
            .responseBroken, "the response of \"\(origin)\" broke off or is no HTTP", cause: cause, isRetryable: true)
    }

    /// - Parameter reply: the server's line; its first digit says whether later is better (RFC 5321, section 4.2.1).
    static func mailRefused(_ origin: NetworkOrigin, _ status: Int, _ reply: String) -> CorralError {
        CorralError(
            .mailRefused, "the mail server \"\(origin)\" did not take the message: it answered \(status)",
            hint: status < 500
                ? "it asks to try again later"
                : "check sender and recipients, and whether this server takes mail from here",
            cause: reply, isRetryable: status < 500)
    }

    static func mailLoginRefused(_ origin: NetworkOrigin, _ status: Int, _ reply: String) -> CorralError {
        CorralError(
            .mailLoginRefused, "the mail server \"\(origin)\" refused the login: it answered \(status)",
            hint: "check the secret: its value is user:password, as the server knows them", cause: reply,
            isRetryable: (400...499).contains(status))
    }

    static func proxyFailed(_ target: String, _ cause: String) -> CorralError {
        CorralError(
            .proxyFailed, "the proxy did not connect to \"\(target)\"",
            hint: "check `network.proxy`, and `network.no_proxy` for hosts that need none", cause: cause,
            isRetryable: true)
    }
}
