// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Glibc

/// The host service corral.host.tool/1 with three tools: "acme/math.double" answers from another thread,
/// "acme/math.fail" fails with a reason, anything else is denied by policy.
enum FakeTools {
    nonisolated(unsafe) static let service: UnsafeRawPointer = {
        let table = UnsafeMutablePointer<corral_host_tool>.allocate(capacity: 1)
        table.initialize(
            to: corral_host_tool(
                struct_size: UInt32(MemoryLayout<corral_host_tool>.size), reserved: 0, start: startTool))
        return UnsafeRawPointer(table)
    }()
}

private final class Answer: Sendable {
    let completion: corral_tool_completion
    nonisolated(unsafe) let argument: UnsafeMutableRawPointer?
    let status: corral_status
    let json: String

    init(
        _ completion: @escaping corral_tool_completion, _ argument: UnsafeMutableRawPointer?, _ status: corral_status,
        _ json: String
    ) {
        self.completion = completion
        self.argument = argument
        self.status = status
        self.json = json
    }
}

private func startTool(
    _ call: corral_call, _ tool: corral_slice, _ arguments: corral_slice,
    _ completion: @escaping corral_tool_completion, _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    if tool.string == "acme/math.busy" { return CORRAL_LIMIT }
    let (status, json) = toolAnswer(tool.string, arguments.string)
    let box = Unmanaged.passRetained(Answer(completion, argument, status, json)).toOpaque()
    var thread = pthread_t()
    pthread_create(&thread, nil, answerFromThread, box)
    pthread_detach(thread)
    return CORRAL_OK
}

private func toolAnswer(_ tool: String, _ arguments: String) -> (corral_status, String) {
    switch tool {
    case "acme/math.double": (CORRAL_OK, #"{"value":\#(arguments.filter(\.isNumber))0}"#)
    case "acme/math.fail":
        (CORRAL_FAILED, #"{"code":"overflow","message":"the sum is too large","retryable":true}"#)
    default: (CORRAL_DENIED, #"{"code":"denied","message":"policy allows acme/math only"}"#)
    }
}

private func answerFromThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let answer = Unmanaged<Answer>.fromOpaque(argument).takeRetainedValue()
    var json = answer.json
    json.withUTF8 {
        answer.completion(answer.argument, answer.status, corral_slice(data: $0.baseAddress, size: $0.count))
    }
    return nil
}
