// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// One call from start to completion, seen from the plugin. It makes sure that nothing of the host's memory is touched
/// and nothing pushed after the completion.
final class LiveCall: @unchecked Sendable {
    // Invariant: `request` is read only while the call is not over, which `state` guards; all else is immutable or
    // behind the mutex.

    /// The host takes this much of every call without waiting (host.h), so it may be pushed from any thread.
    static let unwaitedBytesMax = 64 * 1024
    /// What the host counts for a push besides its bytes.
    static let pushOverheadBytes = 64

    enum Channel: Sendable {
        case result
        case partial
        case artifact(name: String, mediaType: String)
    }

    struct State {
        var task: Task<Void, Never>?
        var isCancelled = false
        var isOver = false
        /// Threads that look at the host's memory now. The last one completes the call when it is over.
        var readers = 0
        var statusAfterReaders: corral_status?
        var bytesPushed = 0
        var artifacts: Set<String> = []
    }

    let host: HostFunctions
    let handle: corral_call
    let deadlineNanoseconds: UInt64
    let state = Mutex(State())

    init(host: HostFunctions, handle: corral_call, deadlineNanoseconds: UInt64) {
        self.host = host
        self.handle = handle
        self.deadlineNanoseconds = deadlineNanoseconds
    }

    var isCancelled: Bool { host.table.pointee.is_cancelled(handle) != 0 }

    func log(_ level: LogLevel, _ message: String) {
        host.log(handle, level, message)
    }

    func pushProgress(_ fraction: Double?, _ text: String) {
        let known = fraction.map { $0.isNaN ? $0 : min(max($0, 0), 1) } ?? .nan
        _ = Slice.with(text) { host.table.pointee.push_progress(handle, known, $0) }
    }

    /// Hands bytes to the host, which copies them; on a thread that may wait when there are too many to be sure.
    func push(_ bytes: [UInt8], to channel: Channel) async throws {
        let fits = state.withLock { state in
            // Past the limit the exact sum does not matter; kept small it cannot overflow.
            state.bytesPushed = min(state.bytesPushed, Self.unwaitedBytesMax + 1) + bytes.count + Self.pushOverheadBytes
            return state.bytesPushed <= Self.unwaitedBytesMax
        }
        let status =
            fits
            ? pushNow(bytes, to: channel)
            : await BlockingThreads.shared.run { self.pushNow(bytes, to: channel) }
        try HostRefusal.check(status, channel)
    }

    private func pushNow(_ bytes: [UInt8], to channel: Channel) -> corral_status {
        Slice.with(bytes) { slice in
            switch channel {
            case .result: host.table.pointee.push_result(handle, slice)
            case .partial: host.table.pointee.push_partial(handle, slice)
            case .artifact(let name, let mediaType):
                Slice.with(name) { name in
                    Slice.with(mediaType) { host.table.pointee.push_artifact(handle, name, $0, slice) }
                }
            }
        }
    }

    /// Pushing to a name again would append to the file.
    func reserveArtifact(_ name: String) throws {
        guard state.withLock({ $0.artifacts.insert(name).inserted }) else {
            throw AgentError("invalid_artifact", "a file \"\(name)\" was attached before")
        }
    }

    func withArtifact<Value>(_ reference: String, _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
        try beginReading()
        defer { endReading() }
        var content = corral_slice(data: nil, size: 0)
        let status = Slice.with(reference) { host.table.pointee.read_artifact(handle, $0, &content) }
        if status == CORRAL_INVALID {
            throw AgentError("unknown_artifact", "the input does not refer to a file \"\(reference)\"")
        }
        try HostRefusal.check(status, .result)
        return try body(UnsafeRawBufferPointer(start: content.data, count: content.data == nil ? 0 : content.size))
    }

    private func beginReading() throws {
        try state.withLock { state in
            guard !state.isOver else { throw CancellationError() }
            state.readers += 1
        }
    }

    private func endReading() {
        let status: corral_status? = state.withLock { state in
            state.readers -= 1
            return state.readers == 0 ? state.statusAfterReaders.take() : nil
        }
        if let status { _ = host.table.pointee.complete(handle, status) }
    }

    /// Ends the call, or leaves that to the last reader.
    func complete(_ status: corral_status) {
        let mayComplete = state.withLock { state in
            state.isOver = true
            state.task = nil
            guard state.readers > 0 else { return true }
            state.statusAfterReaders = status
            return false
        }
        if mayComplete { _ = host.table.pointee.complete(handle, status) }
    }
}

/// What the host says no to, as an error for the author.
enum HostRefusal {
    static func check(_ status: corral_status, _ channel: LiveCall.Channel) throws {
        switch status {
        case CORRAL_OK...: return
        case CORRAL_CANCELLED, CORRAL_GONE, CORRAL_TIMEOUT: throw CancellationError()
        case CORRAL_LIMIT: throw AgentError("limit", "the host takes no more \(noun(channel)) of this call")
        case CORRAL_INVALID:
            if case .artifact(let name, let type) = channel {
                throw AgentError("invalid_artifact", "the host cannot use a file \"\(name)\" of type \"\(type)\"")
            }
            throw AgentError("invalid_\(noun(channel))", "the host cannot use this \(noun(channel))")
        default: throw AgentError("failed", "the host did not take the \(noun(channel)) (status \(status))")
        }
    }

    private static func noun(_ channel: LiveCall.Channel) -> String {
        switch channel {
        case .result: "result"
        case .partial: "partial output"
        case .artifact: "file content"
        }
    }
}
