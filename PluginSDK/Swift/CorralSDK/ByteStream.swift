// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A descriptor that the host handed to a call: a connected socket, or an end of a pipe. Closed when nobody holds it any
/// more. It ends with the call: the host shuts connections down and ends programs then.
public final class ByteStream: Sendable {
    /// For libraries that want the number. It stays this object's to close.
    public let descriptor: Int32
    private let isOpen = Atomic<Bool>(true)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    /// Closes it now; for a program's input that is its end.
    public func close() {
        if isOpen.exchange(false, ordering: .relaxed) { Glibc.close(descriptor) }
    }

    /// Up to `count` bytes, as soon as there are some; empty at the end.
    ///
    /// - Throws: ``AgentError`` with code `io_failed`.
    public func read(atMost count: Int = 64 << 10) async throws -> [UInt8] {
        try await onThread { [descriptor] in
            var bytes = [UInt8](repeating: 0, count: max(1, count))
            let got = bytes.withUnsafeMutableBytes { buffer in
                Self.retried { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
            }
            guard got >= 0 else { return .failure(Self.failure("read", errno)) }
            return .success(Array(bytes.prefix(got)))
        }
    }

    /// All bytes to the end.
    ///
    /// - Parameter count: more than this is an error, so that no peer can fill the worker's memory.
    /// - Throws: ``AgentError`` with code `io_failed`, or `limit`.
    public func readToEnd(atMost count: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try await read()
            if bytes.isEmpty { return all }
            all += bytes
            if all.count > count { throw AgentError("limit", "the stream holds more than \(count) bytes") }
        }
    }

    /// Writes all bytes.
    ///
    /// - Throws: ``AgentError`` with code `io_failed`, for example when the other side has closed it.
    public func write(_ bytes: [UInt8]) async throws {
        _ = try await onThread { [descriptor] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    Self.retried { Glibc.write(descriptor, buffer.baseAddress! + sent, buffer.count - sent) }
                }
                guard count > 0 else { return .failure(Self.failure("write", errno)) }
                sent += count
            }
            return .success([])
        }
    }

    /// Not on Swift's cooperative threads, which must not wait.
    private func onThread(
        _ body: @escaping @Sendable () -> Result<[UInt8], AgentError>
    ) async throws -> [UInt8] {
        guard isOpen.load(ordering: .relaxed) else { throw AgentError("io_failed", "the stream is closed") }
        // The body holds this object until the work is done, or the number could be another file's by then.
        return try await BlockingThreads.shared.run { withExtendedLifetime(self) { body() } }.get()
    }

    private static func retried(_ body: () -> Int) -> Int {
        while true {
            let count = body()
            if count >= 0 || errno != EINTR { return count }
        }
    }

    private static func failure(_ what: String, _ number: Int32) -> AgentError {
        AgentError("io_failed", "cannot \(what): \(String(cString: strerror(number)))")
    }
}
