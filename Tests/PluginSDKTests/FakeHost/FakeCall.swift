// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Synchronization

/// One call from the host's side: what the plugin pushed, and its completion to wait for.
final class FakeCall: @unchecked Sendable {
    // Invariant: the request's memory is written in `init` only and freed by nobody; all else is behind the mutex.
    struct Failure: Equatable {
        var code: String
        var message: String
        var isRetryable: Bool
        var details: String
    }

    struct Record {
        var result: [UInt8] = []
        var partials: [String] = []
        var progress: [(Double, String)] = []
        var log: [(UInt32, String)] = []
        var artifacts: [String: [UInt8]] = [:]
        var confidence: Double?
        var changes: [String] = []
        var error: Failure?
        var status: corral_status?
        /// Uses of the handle after the completion.
        var staleUses = 0

        var text: String { String(decoding: result, as: UTF8.self) }
    }

    private struct State {
        var record = Record()
        var bytes = 0
        var isCancelled = false
        var cancelCallback: (@Sendable () -> Void)?
        var waiters: [CheckedContinuation<Record, Never>] = []
        var observers: [(met: @Sendable (Record) -> Bool, waiter: CheckedContinuation<Void, Never>)] = []
    }

    let files: [String: UnsafeMutableBufferPointer<UInt8>]
    let request: UnsafeMutablePointer<corral_request>
    private(set) var handle: corral_call = 0
    private let state = Mutex(State())
    /// Holds back pushes past the credit until the test opens it.
    private let gate: Gate?

    init(
        _ body: String, deadline: UInt64 = 0, metadata: [WritableKeyPath<corral_request, corral_slice>: String] = [:],
        files: [String: [UInt8]] = [:], gate: Gate? = nil
    ) {
        self.gate = gate
        self.files = files.mapValues(Self.memory)
        request = .allocate(capacity: 1)
        var value = corral_request()
        value.struct_size = UInt32(MemoryLayout<corral_request>.size)
        value.body = Self.slice(body)
        value.deadline_ns = deadline
        for (member, text) in metadata { value[keyPath: member] = Self.slice(text) }
        request.initialize(to: value)
        handle = FakeHost.register(self)
    }

    private static func memory(_ bytes: [UInt8]) -> UnsafeMutableBufferPointer<UInt8> {
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = memory.initialize(from: bytes)
        return memory
    }

    private static func slice(_ text: String) -> corral_slice {
        let bytes = memory(Array(text.utf8))
        return corral_slice(data: UnsafePointer(bytes.baseAddress), size: bytes.count)
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled || $0.record.status != nil } }

    func change(_ body: (inout Record) -> Void) -> corral_status {
        let (status, met) = state.withLock { state -> (corral_status, [CheckedContinuation<Void, Never>]) in
            guard state.record.status == nil else {
                state.record.staleUses += 1
                return (CORRAL_GONE, [])
            }
            body(&state.record)
            let record = state.record
            let met = state.observers.filter { $0.met(record) }.map(\.waiter)
            state.observers.removeAll { $0.met(record) }
            return (CORRAL_OK, met)
        }
        met.forEach { $0.resume() }
        return status
    }

    func push(_ size: Int, _ body: (inout Record) -> Void) -> corral_status {
        let isPastCredit = state.withLock { state in
            state.bytes += size + 64
            return state.bytes > 64 * 1024
        }
        if isPastCredit { gate?.wait() }
        if state.withLock({ $0.isCancelled }) { return CORRAL_CANCELLED }
        return change(body)
    }

    func complete(_ status: corral_status) -> corral_status {
        var waiters: [CheckedContinuation<Record, Never>] = []
        var record = Record()
        let answer = change { _ in }
        guard answer == CORRAL_OK else { return answer }
        state.withLock { state in
            state.record.status = status
            record = state.record
            waiters = state.waiters
            state.waiters = []
        }
        waiters.forEach { $0.resume(returning: record) }
        return CORRAL_OK
    }

    func onCancel(_ callback: @escaping @Sendable () -> Void) -> corral_status {
        let runsNow = state.withLock { state in
            state.cancelCallback = callback
            return state.isCancelled
        }
        if runsNow { callback() }
        return CORRAL_OK
    }

    func cancel() {
        let callback = state.withLock { state in
            state.isCancelled = true
            return state.cancelCallback.take()
        }
        callback?()
    }

    /// Waits until the plugin has pushed what the condition asks for.
    func until(_ met: @escaping @Sendable (Record) -> Bool) async {
        await withCheckedContinuation { waiter in
            let isMet = state.withLock { state in
                if met(state.record) { return true }
                state.observers.append((met, waiter))
                return false
            }
            if isMet { waiter.resume() }
        }
    }

    func completion() async -> Record {
        await withCheckedContinuation { waiter in
            let record: Record? = state.withLock { state in
                guard state.record.status == nil else { return state.record }
                state.waiters.append(waiter)
                return nil
            }
            if let record { waiter.resume(returning: record) }
        }
    }

    var record: Record { state.withLock { $0.record } }

    var staleUses: Int { record.staleUses }
}
