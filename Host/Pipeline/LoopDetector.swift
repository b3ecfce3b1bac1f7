// SPDX-License-Identifier: Apache-2.0
// LoopDetector: notices that a plugin goes in circles before the circle costs anything: the same call over and over, or a
// call that waits for an equal one. It looks at what one call of the engine leads to, from that call's start to its end, so
// equal items of a for_each, retries and resumes are each other's strangers.

import CorralBase

extension Limits {
    /// Different calls remembered for one call of the engine, some 300 bytes each. When there are more, those made once are
    /// forgotten: a loop comes back.
    package static let loopCallsRemembered = 10_000
}

/// One per tenant, on the tenant's lane.
package actor LoopDetector {
    private nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// A call that has not ended.
    private struct Live {
        var root: UInt64
        var parent: UInt64?
        var target: String
        var body: [UInt8]
        /// SHA-256 of the canonical arguments; nil until somebody compares it.
        var arguments: String?
    }

    /// What makes calls equal: who asks, through whom, whom, and for what.
    private struct Repeated: Hashable {
        var ancestors: [PluginID]
        var target: String
        var arguments: String
    }

    private var live: [UInt64: Live] = [:]
    private var counts: [UInt64: [Repeated: Int]] = [:]
    /// How often an equal call may be made; nil = as often as anybody likes.
    private var limit: Int?

    package init(limit: Int?, executor: any SerialExecutor) {
        self.limit = limit
        self.executor = executor
    }

    package func setLimit(_ limit: Int?) { self.limit = limit }

    /// Calls that have not ended; for tests.
    package var liveCalls: Int { live.count }

    /// Why the call is refused; nil when it may begin, and `leave` must follow.
    func enter(_ call: Call) -> CorralError? {
        guard case .plugin(let caller, let parent, _) = call.caller, let asking = live[parent] else {
            live[call.id] = Live(root: call.id, target: call.targetText, body: call.body)
            return nil
        }
        let arguments = call.effect?.requestHash ?? Self.hash(call.body)
        if let chain = circle(call.targetText, arguments, from: parent) { return .callCircular(chain: chain) }
        if let refusal = count(call, caller, arguments, root: asking.root) { return refusal }
        live[call.id] = Live(
            root: asking.root, parent: parent, target: call.targetText, body: call.body, arguments: arguments)
        return nil
    }

    func leave(_ call: UInt64) {
        live[call] = nil
        counts[call] = nil
    }

    private func count(_ call: Call, _ caller: PluginID, _ arguments: String, root: UInt64) -> CorralError? {
        guard let limit else { return nil }
        let key = Repeated(ancestors: call.ancestors, target: call.targetText, arguments: arguments)
        let made = counts[root]?[key] ?? 0
        guard made < limit else {
            return .callRepeated(caller.text, call.targetText, times: made, step: call.origin?.attempt.step)
        }
        counts[root, default: [:]][key] = made + 1
        if counts[root]?.count ?? 0 > Limits.loopCallsRemembered { forgetSome(of: root) }
        return nil
    }

    private func forgetSome(of root: UInt64) {
        let often = counts[root]?.filter { $0.value > 1 } ?? [:]
        counts[root] = often.count > Limits.loopCallsRemembered / 2 ? [:] : often
    }

    /// The calls from an equal one to this one, when one of those that wait for this one is equal.
    private func circle(_ target: String, _ arguments: String, from parent: UInt64) -> [String]? {
        var chain = [target]
        var next: UInt64? = parent
        while let id = next, let call = live[id] {
            chain.append(call.target)
            if call.target == target, argumentsHash(of: id, call) == arguments { return chain.reversed() }
            next = call.parent
        }
        return nil
    }

    private func argumentsHash(of id: UInt64, _ call: Live) -> String {
        if let known = call.arguments { return known }
        let hash = Self.hash(call.body)
        live[id]?.arguments = hash
        return hash
    }

    private static func hash(_ body: [UInt8]) -> String { CanonicalArguments.hash(body) }
}

/// After admission: what is refused there is not counted.
package struct LoopDetection: Interceptor {
    private let detector: LoopDetector

    package init(_ detector: LoopDetector) { self.detector = detector }

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        // What a host service does itself leads to no further calls, and waiting by asking again is its caller's right.
        guard call.kind.isStep || call.kind == .toolUse else { return try await next(call) }
        if let refusal = await detector.enter(call) { throw CallFailure(refusal) }
        let outcome: Result<CallResult, CallFailure>
        do throws(CallFailure) { outcome = .success(try await next(call)) } catch { outcome = .failure(error) }
        await detector.leave(call.id)
        return try outcome.get()
    }
}
