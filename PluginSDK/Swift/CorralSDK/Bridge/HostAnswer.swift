// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a host service answered.
struct HostAnswer: Sendable {
    var status: corral_status
    var bytes: [UInt8]
    var descriptors: [Int32] = []

    /// What the host says about a refusal or a failure.
    private struct Reason: Decodable {
        var code: String?
        var message: String?
        var retryable: Bool?
    }

    /// The answer's bytes.
    /// - Parameter what: what was asked for, for an error without words of its own.
    func value(of what: String) throws -> [UInt8] {
        if status >= CORRAL_OK { return bytes }
        if status == CORRAL_CANCELLED || status == CORRAL_GONE { throw CancellationError() }
        let stated = try? JSONReader.value(Reason.self, from: bytes, named: "reason")
        throw AgentError(
            stated?.code ?? Self.code(of: status),
            stated?.message ?? "\(what) failed without a reason (status \(status))",
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

/// The one who waits for a service's answer, on its way through C. The completion comes exactly once and takes it back.
final class HostWait: Sendable {
    private let continuation: CheckedContinuation<HostAnswer, Never>
    let event: (@Sendable ([UInt8]) -> Void)?

    init(_ continuation: CheckedContinuation<HostAnswer, Never>, _ event: (@Sendable ([UInt8]) -> Void)?) {
        self.continuation = continuation
        self.event = event
    }

    /// From a completion.
    static func finish(
        _ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice,
        _ descriptors: [Int32] = []
    ) {
        guard let argument else { return }
        let wait = Unmanaged<HostWait>.fromOpaque(argument).takeRetainedValue()
        wait.continuation.resume(
            returning: HostAnswer(
                status: status, bytes: result.bytes, descriptors: descriptors.filter { $0 >= 0 }))
    }
}

extension LiveCall {
    /// Starts a request of a service and waits for its answer.
    /// - Parameters:
    ///   - id: the service's extension id.
    ///   - denial: what the author reads where the plugin has no grant.
    ///   - start: calls the service's function with the argument for its callbacks.
    func ask<Table>(
        _ id: String, as type: Table.Type, denial: String, event: (@Sendable ([UInt8]) -> Void)? = nil,
        _ start: (Table, UnsafeMutableRawPointer) -> corral_status
    ) async throws -> HostAnswer {
        guard let service = host.service(id, as: type) else { throw AgentError("denied", denial) }
        return await withCheckedContinuation { (continuation: CheckedContinuation<HostAnswer, Never>) in
            let argument = Unmanaged.passRetained(HostWait(continuation, event)).toOpaque()
            let status = start(service.pointee, argument)
            // Not started: the completion will not come.
            if status < CORRAL_OK {
                HostWait.finish(argument, status, corral_slice(data: nil, size: 0))
            }
        }
    }
}
