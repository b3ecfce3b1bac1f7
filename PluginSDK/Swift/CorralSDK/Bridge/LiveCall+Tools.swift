// SPDX-License-Identifier: Apache-2.0

extension LiveCall {
    /// Uses a tool through the host and gives its JSON answer.
    func useTool(_ name: String, arguments: [UInt8]) async throws -> [UInt8] {
        guard let service = host.service(CORRAL_EXT_HOST_TOOL, as: corral_host_tool.self) else {
            throw AgentError(
                "denied", "this plugin may not use tools; its card must ask for \"\(name)\" and policy allow it")
        }
        let answer = await withCheckedContinuation { (continuation: CheckedContinuation<ToolAnswer, Never>) in
            let argument = Unmanaged.passRetained(ToolWait(continuation)).toOpaque()
            let status = Slice.with(name) { name in
                Slice.with(arguments) { service.pointee.start(handle, name, $0, toolCompleted, argument) }
            }
            // Not started: the completion will not come.
            if status < CORRAL_OK {
                Unmanaged<ToolWait>.fromOpaque(argument).release()
                continuation.resume(returning: ToolAnswer(status: status, json: []))
            }
        }
        return try answer.value(of: name)
    }
}

/// The one who waits for a tool's answer, on its way through C. The completion comes exactly once and takes it back.
private final class ToolWait: Sendable {
    let continuation: CheckedContinuation<ToolAnswer, Never>

    init(_ continuation: CheckedContinuation<ToolAnswer, Never>) {
        self.continuation = continuation
    }
}

private func toolCompleted(_ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice) {
    guard let argument else { return }
    let wait = Unmanaged<ToolWait>.fromOpaque(argument).takeRetainedValue()
    wait.continuation.resume(returning: ToolAnswer(status: status, json: result.bytes))
}

private struct ToolAnswer: Sendable {
    var status: corral_status
    var json: [UInt8]

    /// What the host says about a failed tool.
    private struct Reason: Decodable {
        var code: String?
        var message: String?
        var retryable: Bool?
    }

    func value(of tool: String) throws -> [UInt8] {
        if status >= CORRAL_OK { return json }
        if status == CORRAL_CANCELLED || status == CORRAL_GONE { throw CancellationError() }
        let stated = try? JSONReader.value(Reason.self, from: json, named: "reason")
        throw AgentError(
            stated?.code ?? Self.code(of: status),
            stated?.message ?? "the tool \(tool) failed without a reason (status \(status))",
            retryable: stated?.retryable ?? (status == CORRAL_UNAVAILABLE))
    }

    private static func code(of status: corral_status) -> String {
        switch status {
        case CORRAL_INVALID: "invalid_arguments"
        case CORRAL_UNAVAILABLE: "unavailable"
        case CORRAL_DENIED: "denied"
        case CORRAL_UNSUPPORTED: "unsupported"
        case CORRAL_LIMIT: "limit"
        case CORRAL_TIMEOUT: "timeout"
        default: "failed"
        }
    }
}
