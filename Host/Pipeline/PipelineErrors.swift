// SPDX-License-Identifier: Apache-2.0
// PipelineErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let grantMissing = ErrorCode(701, "grant_missing")
    package static let callTooDeep = ErrorCode(702, "call_too_deep")
    package static let requestTooLarge = ErrorCode(703, "request_too_large")
    package static let wouldDeadlock = ErrorCode(704, "would_deadlock")
    package static let resultNotJSON = ErrorCode(705, "result_not_json")
    package static let artifactNotPushed = ErrorCode(706, "artifact_not_pushed")
    package static let agentsWaiting = ErrorCode(738, "agents_waiting")
    package static let payloadTooLarge = ErrorCode(740, "payload_too_large")
    package static let infrastructureBusy = ErrorCode(901, "infrastructure_busy")
    package static let infrastructureGone = ErrorCode(902, "infrastructure_gone")
    package static let callRepeated = ErrorCode(958, "call_repeated")
    package static let callCircular = ErrorCode(959, "call_circular")
}

extension CorralError {
    package static func grantMissing(caller: String, target: String) -> CorralError {
        CorralError(
            .grantMissing, "plugin \"\(caller)\" has no grant for the tool \"\(target)\"",
            hint: "its manifest must ask for it: \"grants\": {\"tools\": [\"\(target)\"]}")
    }

    package static func callTooDeep(_ target: String, depth: Int) -> CorralError {
        CorralError(
            .callTooDeep,
            "the call of \"\(target)\" is nested \(depth) calls deep, at most \(Limits.callDepthMax) are allowed",
            hint: "look for plugins that call each other in a circle: corral runs show RUN --trace")
    }

    package static func requestTooLarge(_ target: String, bytes: Int) -> CorralError {
        CorralError(
            .requestTooLarge,
            "the request to \"\(target)\" has \(bytes) bytes, at most \(Limits.requestBytesMax) are allowed",
            hint: "pass large data as a file (an artifact) instead of a value")
    }

    package static func wouldDeadlock(chain: [String]) -> CorralError {
        CorralError(
            .wouldDeadlock, "the call would wait for itself: " + chain.joined(separator: " → "),
            hint:
                "the plugin takes one call at a time (\"serial\": true) and one of its calls is an ancestor of this one"
        )
    }

    static func callRepeated(_ caller: String, _ target: String, times: Int, step: String?) -> CorralError {
        let place = step.map { " in one attempt of step \"\($0)\"" } ?? ""
        return CorralError(
            .callRepeated,
            "plugin \"\(caller)\" has called \"\(target)\" with the same arguments \(times) times\(place), which is the most"
                + " that may be",
            hint:
                "look for what it waits for: corral runs show RUN --trace; an agent that must ask so often needs a higher"
                + " host.equal_calls")
    }

    static func callCircular(chain: [String]) -> CorralError {
        CorralError(
            .callCircular,
            "the call goes in a circle, to \"\(chain.last ?? "")\" with the arguments of a call that waits for it: "
                + chain.joined(separator: " → "),
            hint: "the plugins call each other without end: corral runs show RUN --trace shows where it begins")
    }

    package static func resultNotJSON(_ target: String, cause: String) -> CorralError {
        CorralError(
            .resultNotJSON, "the result of \"\(target)\" is not one JSON value",
            hint: "a plugin must push exactly one JSON document before it completes", cause: cause)
    }

    package static func artifactNotPushed(_ target: String, name: String) -> CorralError {
        CorralError(
            .artifactNotPushed,
            "the result of \"\(target)\" refers to the file \"\(name.prefix(120))\", which the call neither pushed nor was given",
            hint: "push it with push_artifact under exactly this name before completing")
    }

    static func agentsWaiting(_ count: Int) -> CorralError {
        CorralError(
            .agentsWaiting, "\(count) agents of the tenant wait for a place already, which is the most that can",
            hint: "start fewer runs at once, or raise \(TenantLimit.concurrentAgents.path)", isRetryable: true)
    }

    /// - Parameter limit: how many may work at once; all of them do.
    package static func agentsWaiting(_ target: String, limit: Int64, seconds: Int64) -> CorralError {
        let limited = TenantLimit.concurrentAgents
        return CorralError(
            .agentsWaiting,
            "the call of \"\(target)\" waited \(seconds) s for a place and its deadline came: "
                + "\(limited.text(used: limit, of: limit)) agents work",
            hint: "give the step more time, or raise the limit; a place is free when one of them ends",
            isRetryable: true)
    }

    static func tooManyInfrastructureCalls(_ plugin: String) -> CorralError {
        CorralError(
            .infrastructureBusy,
            "the host does not call \"\(plugin)\": \(Limits.infrastructureCallsMax) calls of the tenant's scanners, judges, "
                + "notifiers, tracers and memory are under way, which is the most that can",
            hint: "one of them may hang: corral workers", isRetryable: true)
    }

    static func infrastructureGone(_ plugin: String) -> CorralError {
        CorralError(
            .infrastructureGone, "the host does not call \"\(plugin)\": the tenant is being closed", isRetryable: true)
    }

    static func payloadLimit(_ target: String, _ what: String, bytes: Int, limit: Int64) -> CorralError {
        let used = TenantLimit.payloadBytes.text(used: Int64(bytes), of: limit)
        return CorralError(
            .payloadTooLarge, "the \(what) of \"\(target)\" is too large: \(used)",
            hint: "pass large data as a file (an artifact) instead of a value")
    }
}
