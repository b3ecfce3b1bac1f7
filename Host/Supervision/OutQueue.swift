// SPDX-License-Identifier: Apache-2.0
// OutQueue: frames on their way to a worker that does not read fast enough. The host never waits for a worker to read.

import CorralBase
import CorralSocket
import CorralWire
import Glibc

struct OutQueue {
    enum Progress {
        /// All is written.
        case empty
        /// The socket is full: go on when it can be written.
        case blocked
        /// The peer has gone.
        case broken
    }

    private struct Item {
        var bytes: [UInt8]
        var sent = 0
        /// Closed when the item is sent or dropped.
        var descriptors: [OwnedDescriptor]
    }

    private var items: [Item] = []
    private var front = 0
    private(set) var bytes = 0

    mutating func append(_ frame: Frame, descriptors: [OwnedDescriptor]) {
        let item = Item(bytes: frame.bytes, descriptors: descriptors)
        bytes += item.bytes.count
        items.append(item)
    }

    mutating func flush(to socket: Int32) -> Progress {
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
    }

    private mutating func sendFront(to socket: Int32) -> Progress {
        while items[front].sent < items[front].bytes.count {
            let sent = items[front].sent
            let numbers = sent == 0 ? items[front].descriptors.map(\.number) : []
            let count = items[front].bytes.withUnsafeBytes { buffer in
                corral_socket_send(
                    socket, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, nil, 0, numbers,
                    Int32(numbers.count))
            }
            if count == -Int(EAGAIN) { return .blocked }
            guard count > 0 else { return .broken }
            items[front].sent += count
            bytes -= count
        }
        items[front].descriptors = []
        return .empty
    }
}
