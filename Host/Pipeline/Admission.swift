// SPDX-License-Identifier: Apache-2.0
// Admission: refuses a call before anything is spent on it: no grant, too deep, too large, bound to deadlock, or over a
// limit of its tenant.

import CorralBase

package struct Admission: Interceptor {
    private let gate: TenantGate
    private let isSerial: @Sendable (PluginID) -> Bool

    /// - Parameter isSerial: whether a plugin's manifest asks for one call at a time.
    package init(gate: TenantGate, isSerial: @escaping @Sendable (PluginID) -> Bool) {
        self.gate = gate
        self.isSerial = isSerial
    }

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        if let refusal = refusal(of: call) { throw CallFailure(refusal) }
        if let refusal = await gate.refusal(of: call) { throw CallFailure(refusal) }
        return try await next(call)
    }

    private func refusal(of call: Call) -> CorralError? {
        if let refusal = call.refusal { return refusal }
        if let operation = call.operation { return operation.refusal ?? tooLarge(call) }
        if call.kind.provider == nil, case .plugin(let caller, _, let grants) = call.caller,
            !grants.mayUse(tool: call.targetText)
        {
            return .grantMissing(caller: caller.text, target: call.targetText)
        }
        if call.ancestors.count > Limits.callDepthMax {
            return .callTooDeep(call.targetText, depth: call.ancestors.count)
        }
        if let error = tooLarge(call) { return error }
        if call.ancestors.contains(call.plugin), isSerial(call.plugin) {
            return .wouldDeadlock(chain: (call.ancestors + [call.plugin]).map(\.text))
        }
        return nil
    }

    private func tooLarge(_ call: Call) -> CorralError? {
        guard call.body.count > Limits.requestBytesMax else { return nil }
        return .requestTooLarge(call.targetText, bytes: call.body.count)
    }
}
