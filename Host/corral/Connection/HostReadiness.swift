// SPDX-License-Identifier: Apache-2.0
// HostReadiness: how a host tells the client that started it how the start went: over a pipe, with one message and the
// end of the stream.

import CorralBase
import CorralControl
import CorralWire
import Glibc
import Synchronization

package enum HostReadiness: Sendable, Equatable {
    case ready
    case failed(CorralError)
    /// The stream ended without a word: the host died.
    case silent

    private static let readyByte = UInt8(ascii: "r")
    private static let bytesMax = 64 << 10

    fileprivate var bytes: [UInt8] {
        switch self {
        case .ready: [Self.readyByte]
        case .failed(let error): (try? encodeControlMessage(error)) ?? []
        case .silent: []
        }
    }

    /// Called by the client: waits for the message. Closes the descriptor.
    /// - Returns: nil when nothing came in time.
    static func receive(from descriptor: Int32, timeoutMilliseconds: Int32) -> HostReadiness? {
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < bytesMax {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let status = poll(&entry, 1, timeoutMilliseconds)
            if status < 0, errno == EINTR { continue }
            guard status > 0 else { return nil }
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer[..<count])
            if bytes.first == readyByte { return .ready }
        }
        if bytes.isEmpty { return .silent }
        guard let error = try? decodeControlMessage(CorralError.self, bytes) else { return .silent }
        return .failed(error)
    }
}

/// The host's end of the pipe.
package final class ReadinessPipe: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Throws: `usage_invalid` when the number is no open descriptor.
    package init(_ descriptor: Int32) throws {
        // No worker may inherit it: the client waits for the end of the stream.
        guard descriptor > STDERR_FILENO, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw CorralError.usage("--readiness \(descriptor) is no open descriptor", hint: "leave the option out")
        }
        self.descriptor = Mutex(descriptor)
    }

    /// Says how the start went and closes the pipe. Only the first call says anything; a client that is gone is no
    /// mistake.
    package func send(_ readiness: HostReadiness) {
        guard let descriptor = descriptor.withLock({ $0.take() }) else { return }
        let bytes = readiness.bytes
        _ = write(descriptor, bytes, bytes.count)
        close(descriptor)
    }
}
