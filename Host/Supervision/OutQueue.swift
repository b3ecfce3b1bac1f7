// SPDX-License-Identifier: Apache-2.0
// OutQueue: frames on their way to a worker that does not read fast enough. The host never waits for a worker to read.

import CorralBase
import CorralSocket
import CorralWire
import Glibc

package struct OutQueue {
    package enum Progress {
        /// All is written.
        case empty
        /// The socket is full: go on when it can be written.
        case blocked
        /// The peer has gone.
        case broken
    }

    /// Header and payload stay apart, so that a body of a megabyte is not copied once more to be sent.
    private struct Item {
        var header: [UInt8]
        var payload: [UInt8]
        var sent = 0
        /// Closed when the item is sent or dropped.
        var descriptors: [OwnedDescriptor]
    }

    private var items: [Item] = []
    private var front = 0
    package private(set) var bytes = 0
    /// Open in the host until their frame is sent.
    private(set) var descriptors = 0

    package init() {}

    package mutating func append(_ frame: Frame, descriptors: [OwnedDescriptor]) {
        var writer = ByteWriter(reserving: Frame.headerBytes)
        writer.u32(UInt32(truncatingIfNeeded: frame.payload.count))
        writer.u16(frame.kind.rawValue)
        writer.u16(frame.flags.rawValue)
        writer.u64(frame.call)
        bytes += Frame.headerBytes + frame.payload.count
        self.descriptors += descriptors.count
        items.append(Item(header: writer.bytes, payload: frame.payload, descriptors: descriptors))
    }

    package mutating func flush(to socket: Int32) -> Progress {
        while front < items.count {
            switch sendFront(to: socket) {
            case .empty: front += 1
            case .blocked:
                if front > 256 {
                    items.removeSubrange(0..<front)
                    front = 0
                }
                return .blocked
            case .broken:
                drop()
                return .broken
            }
        }
        drop()
        return .empty
    }

    private mutating func drop() {
        items.removeAll(keepingCapacity: true)
        front = 0
        bytes = 0
        descriptors = 0
    }

    private mutating func sendFront(to socket: Int32) -> Progress {
        let total = items[front].header.count + items[front].payload.count
        while items[front].sent < total {
            let count = sendOnce(items[front], to: socket)
            if count == -Int(EAGAIN) { return .blocked }
            guard count > 0 else { return .broken }
            items[front].sent += count
            bytes -= count
        }
        descriptors -= items[front].descriptors.count
        items[front].descriptors = []
        return .empty
    }

    private func sendOnce(_ item: Item, to socket: Int32) -> Int {
        let numbers = item.sent == 0 ? item.descriptors.map(\.number) : []
        let skipped = min(item.sent, item.header.count)
        return item.header.withUnsafeBytes { header in
            item.payload.withUnsafeBytes { payload in
                let first = UnsafeRawBufferPointer(rebasing: header[skipped...])
                let rest = UnsafeRawBufferPointer(rebasing: payload[(item.sent - skipped)...])
                guard !first.isEmpty else {
                    return corral_socket_send(
                        socket, rest.baseAddress, rest.count, nil, 0, numbers, Int32(numbers.count))
                }
                return corral_socket_send(
                    socket, first.baseAddress, first.count, rest.baseAddress, rest.count, numbers, Int32(numbers.count))
            }
        }
    }
}
