// SPDX-License-Identifier: Apache-2.0
// NetworkErrors: every error text of this module. None holds a secret's value, a path or a query.

import CorralBase
import CorralWire

extension ErrorCode {
    package static let brokerUnavailable = ErrorCode(750, "broker_unavailable")
    package static let brokerLost = ErrorCode(751, "broker_lost")
    package static let networkBusy = ErrorCode(752, "network_busy")
    package static let httpRequestInvalid = ErrorCode(754, "http_request_invalid")
    package static let httpNotGranted = ErrorCode(755, "http_not_granted")
    package static let secretNotBound = ErrorCode(765, "secret_not_bound")
    package static let secretUnavailable = ErrorCode(766, "secret_unavailable")
    package static let secretMisplaced = ErrorCode(767, "secret_misplaced")
    package static let mailRequestInvalid = ErrorCode(1002, "mail_request_invalid")
    package static let requestCancelled = ErrorCode(768, "request_cancelled")
    package static let certificatesUnreadable = ErrorCode(769, "certificates_unreadable")
}

extension CorralError {
    static func brokerUnavailable(_ cause: String) -> CorralError {
        CorralError(
            .brokerUnavailable, "the network broker cannot be used", hint: "corral doctor shows whether it starts",
            cause: cause, isRetryable: true)
    }

    static func brokerLost(_ target: String, _ cause: String) -> CorralError {
        CorralError(
            .brokerLost, "the network broker ended while \"\(target)\" was being asked",
            hint: "it is started again by the next request; this one may have arrived", cause: cause,
            isRetryable: true)
    }

    static func networkBusy(_ whose: String, _ limit: Int) -> CorralError {
        CorralError(
            .networkBusy, "\(whose) has \(limit) network requests under way, which is the most there can be",
            hint: "let fewer steps run at once (`max_parallel`), or retry", isRetryable: true)
    }

    static func urlUnreadable(_ why: String) -> CorralError {
        CorralError(
            .urlInvalid, "the request's URL cannot be used: \(why)",
            hint: "write it as https://host:port/path, with everything unusual percent-encoded")
    }

    static func hostInvalid(_ host: String) -> CorralError {
        CorralError(
            .urlInvalid, "\"\(host.prefix(80))\" is no plain host name or address",
            hint: "write a name such as redis.example.com, or an address such as 192.0.2.1")
    }

    static func httpRequestInvalid(_ what: String, _ hint: String?) -> CorralError {
        CorralError(.httpRequestInvalid, "the HTTP request cannot be sent: \(what)", hint: hint)
    }

    package static func httpNotGranted(_ method: String, _ origin: NetworkOrigin) -> CorralError {
        CorralError(
            .httpNotGranted, "no grant of the plugin covers \(method) \(origin)",
            hint: "its manifest must ask for it and `grants:` in corral.yaml must allow it: corral plugin show")
    }

    static func secretNotBound(_ name: String, _ host: NetworkHost) -> CorralError {
        CorralError(
            .secretNotBound, "the secret \"\(name.prefix(64))\" is not bound to \"\(host)\"",
            hint: "add the host to `secrets.\(name.prefix(64)).hosts` if it is meant to get it")
    }

    static func secretUnavailable(_ name: String, _ why: String) -> CorralError {
        CorralError(
            .secretUnavailable, "the secret \"\(name.prefix(64))\" has no value: \(why)", hint: "corral config check")
    }

    static func secretMisplaced(_ name: String, _ place: SecretBinding.Place) -> CorralError {
        let form =
            switch place {
            case .bearer: "Authorization: Bearer ${secret:\(name)}"
            case .basic: "Authorization: Basic ${secret:\(name)}"
            case .header(let header): "\(header): ${secret:\(name)}"
            case .query(let key): "?\(key)=${secret:\(name)}"
            case .signature: "\"sign\": {\"secrets\": [\"\(name)\"]}, and nothing else"
            }
        return CorralError(
            .secretMisplaced, "the secret \"\(name)\" may not stand where the request has it",
            hint: "its scheme is \(place.text): write \(form)")
    }

    static func secretMisplacedInURL(_ name: String) -> CorralError {
        CorralError(
            .secretMisplaced, "the secret \"\(name.prefix(64))\" may not stand where the request's URL has it",
            hint: "in a URL it can only be a whole value of the query: ?key=${secret:NAME}")
    }

    static func secretUnprotected(_ name: String, _ origin: NetworkOrigin) -> CorralError {
        CorralError(
            .secretMisplaced, "the secret \"\(name)\" would go to \"\(origin)\" unencrypted",
            hint: "use https; only hosts granted as internal get secrets by http")
    }

    static func signingKeyUnusable(_ name: String) -> CorralError {
        let range = WebhookKey.bytesRange
        return CorralError(
            .secretUnavailable, "the secret \"\(name.prefix(64))\" is no key that signs webhooks",
            hint: "make one: echo whsec_$(openssl rand -base64 32)",
            cause: "expected \(WebhookKey.prefix) and \(range.lowerBound) to \(range.upperBound) bytes in base64")
    }

    static func mailRequestInvalid(_ what: String, _ hint: String? = nil) -> CorralError {
        CorralError(.mailRequestInvalid, "the message cannot be sent: \(what)", hint: hint)
    }

    static func requestCancelled(_ target: String) -> CorralError {
        CorralError(.requestCancelled, "the request to \"\(target)\" was cancelled")
    }

    package static func certificatesUnreadable(_ path: String, _ cause: String) -> CorralError {
        CorralError(
            .certificatesUnreadable, "the certificates in \"\(path)\" cannot be used",
            hint: "check `network.ca_file`: a PEM file with one or more certificates", cause: cause)
    }
}
