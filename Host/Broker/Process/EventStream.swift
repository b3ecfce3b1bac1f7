// SPDX-License-Identifier: Apache-2.0
// EventStream: bytes of a text/event-stream as they arrive → events (WHATWG HTML, section 9.2, "Server-sent events"),
// and events → batches, so that a model that sends a token every millisecond does not cost a frame for each.

import CorralBase
import CorralWire

struct ServerEvent: Hashable {
    var event: String
    var data: String
    var id: String

    var json: JSON { ["event": .string(event), "data": .string(data), "id": .string(id)] }
}

/// The parser. What one event holds is bounded; a longer one is an error.
struct EventParser {
    private var line: [UInt8] = []
    private var lastWasReturn = false
    private var isFirstLine = true
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var lastID = ""

    /// - Throws: `response_too_large` for an event beyond the limit.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CorralError) -> [ServerEvent] {
        var events: [ServerEvent] = []
        for byte in bytes {
            // A line ends with CR LF, LF or CR.
            if byte == 0x0A, lastWasReturn {
                lastWasReturn = false
                continue
            }
            lastWasReturn = byte == 0x0D
            guard byte == 0x0A || byte == 0x0D else {
                line.append(byte)
                guard line.count + data.count <= Limits.httpEventBytesMax else { throw .eventTooLarge() }
                continue
            }
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> ServerEvent? {
        defer {
            line.removeAll(keepingCapacity: true)
            isFirstLine = false
        }
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        if line.isEmpty { return dispatch() }
        guard line[0] != UInt8(ascii: ":") else { return nil }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": name = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(0x0A) }
            data.append(contentsOf: value)
            hasData = true
        case "id" where !value.contains(0): lastID = String(decoding: value, as: UTF8.self)
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> ServerEvent? {
        defer {
            name = ""
            data = []
            hasData = false
        }
        guard hasData else { return nil }
        return ServerEvent(
            event: name.isEmpty ? "message" : name, data: String(decoding: data, as: UTF8.self), id: lastID)
    }
}

/// Events that wait to be sent together, as `{"events": […]}`.
struct EventBatch {
    /// No event waits longer.
    static let patience: UInt64 = 10_000_000
    /// A batch is closed before it grows beyond this, unless a single event does.
    static let bytesMax = 64 << 10

    private static let head = Array("{\"events\":[".utf8)

    private var open: [UInt8] = []
    private var closed: [[UInt8]] = []
    private var lastSent: UInt64 = 0
    /// When the batch must be sent; nil while it is empty.
    private(set) var due: UInt64?

    /// The first event after a pause goes out at once; those that follow within the patience wait for each other.
    /// - Throws: `response_too_large` for an event that is beyond the limit when it is written down.
    mutating func append(_ event: ServerEvent, now: UInt64) throws(CorralError) {
        let bytes = event.json.bytes()
        guard bytes.count <= Limits.httpEventBytesMax else { throw .eventTooLarge() }
        if !open.isEmpty, open.count + bytes.count > Self.bytesMax { close() }
        open.append(contentsOf: open.isEmpty ? Self.head : [UInt8(ascii: ",")])
        open.append(contentsOf: bytes)
        if due == nil { due = max(now, lastSent + Self.patience) }
    }

    /// The batches to send now.
    mutating func take(now: UInt64, isLast: Bool = false) -> [[UInt8]] {
        guard let due, isLast || now >= due || !closed.isEmpty else { return [] }
        close()
        lastSent = now
        self.due = nil
        defer { closed = [] }
        return closed
    }

    private mutating func close() {
        guard !open.isEmpty else { return }
        closed.append(open + Array("]}".utf8))
        open.removeAll(keepingCapacity: true)
    }
}
