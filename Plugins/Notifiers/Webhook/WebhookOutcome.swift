// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import NotifierKit

/// What an answer means for the delivery (Standard Webhooks 1.0): 2xx is success and nothing else is; 410 says that this
/// endpoint is to be asked no more.
enum WebhookOutcome {
    /// - Returns: a line for the history.
    /// - Throws: `endpoint_gone`, `redirected`, `http_status`.
    static func check(_ response: HTTPResponse, now: Int64) throws -> String {
        switch response.status {
        case 200..<300: return "the endpoint answered \(response.status)"
        case 300..<400: throw WebhookErrors.redirected(response.status)
        case 410: throw WebhookErrors.gone()
        default: throw WebhookErrors.status(response.status, wait: wait(response, now))
        }
    }

    /// Milliseconds that the header `Retry-After` asks for: seconds or a date (RFC 9110, section 10.2.3). A day is the most
    /// that is believed.
    static func wait(_ response: HTTPResponse, _ now: Int64) -> Int64? {
        guard let text = response.header("retry-after") else { return nil }
        let most: Int64 = 86_400_000
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return min(most, Int64(text).map { $0 > most / 1000 ? most : $0 * 1000 } ?? most)
        }
        return UTCTime(httpDate: text).map { min(most, max(0, $0.millisecondsSince1970 - now)) }
    }
}

/// Every sentence with which this notifier refuses or fails.
enum WebhookErrors {
    static func gone() -> AgentError {
        AgentError("endpoint_gone", "the endpoint answered 410: it wants no more webhooks")
    }

    static func redirected(_ status: Int) -> AgentError {
        AgentError(
            "redirected", "the endpoint answered \(status), a redirect, which is not followed: change its address",
            retryable: true)
    }

    /// - Parameter wait: how long the endpoint asks to be left alone.
    static func status(_ status: Int, wait: Int64?) -> AgentError {
        var details: [String: JSON] = ["status": .integer(status)]
        if let wait { details["retry_after_ms"] = .integer(Int(wait)) }
        return AgentError(
            "http_status", "the endpoint answered \(status)", retryable: true, details: .object(details))
    }
}
