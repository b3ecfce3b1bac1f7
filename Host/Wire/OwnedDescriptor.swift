// SPDX-License-Identifier: Apache-2.0
// OwnedDescriptor: a descriptor on its way from whoever opened it to whoever gets it, closed wherever that way ends.

import CorralSocket
import Glibc

/// A descriptor that is closed when nobody holds it any more.
package final class OwnedDescriptor: Sendable {
    package let number: Int32
    package init(_ number: Int32) { self.number = number }
    deinit { if number >= 0 { close(number) } }
}

extension OwnedDescriptor {
    /// The two ends of a pipe, close-on-exec; nil, with errno set, when there is none to be had.
    package static func pipe() -> (reading: OwnedDescriptor, writing: OwnedDescriptor)? {
        var (reading, writing): (Int32, Int32) = (-1, -1)
        let result = corral_pipe(&reading, &writing)
        guard result == 0 else {
            errno = -result
            return nil
        }
        return (OwnedDescriptor(reading), OwnedDescriptor(writing))
    }

    /// Bytes that went over a TCP socket, as the kernel counts them; zeros for anything else.
    package var traffic: (sent: Int64, received: Int64) {
        var sent: UInt64 = 0
        var received: UInt64 = 0
        guard corral_socket_traffic(number, &sent, &received) == 0 else { return (0, 0) }
        return (Int64(clamping: sent), Int64(clamping: received))
    }

    /// Ends a connection for everyone who has a copy of the descriptor.
    package func shutDown() { shutdown(number, Int32(SHUT_RDWR)) }
}
