// SPDX-License-Identifier: Apache-2.0
// ResponseReader: the head and the body of one response as libcurl delivers them, within their bounds.

import CorralBase
import CorralWire

struct ResponseReader {
    private let bodyBytesMax: Int
    private let wantsEvents: Bool
    private(set) var status = 0
    private(set) var headers: [BrokerRequest.Header] = []
    private var headerBytes = 0
    private var headIsOver = false
    private var bodyBytes = 0
    private var parser = EventParser()
    var events = EventBatch()

    init(_ request: BrokerRequest) {
        bodyBytesMax = request.bodyBytesMax
        wantsEvents = request.isStream
    }

    /// The value of the first header of a name, given in lower case.
    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

    var isEventStream: Bool {
        wantsEvents && status / 100 == 2
            && (header("content-type") ?? "").lowercased().hasPrefix("text/event-stream")
    }

    // MARK: Head

    /// Takes one line, which may be a status line, a header, the empty line after them, or a trailer.
    /// - Returns: true when the head of the final response has just ended.
    /// - Throws: `response_too_large`.
    mutating func appendHeader(_ line: UnsafeRawBufferPointer, origin: NetworkOrigin) throws(CorralError) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Limits.httpHeaderBytesMax, headers.count < Limits.httpHeadersMax else {
            throw .responseTooLarge(
                origin, "more than \(Limits.httpHeaderBytesMax) bytes or \(Limits.httpHeadersMax) lines of headers")
        }
        var bytes = line[...]
        while let last = bytes.last, last == 0x0D || last == 0x0A { bytes = bytes.dropLast() }
        // A trailer comes after the head was sent on.
        guard !headIsOver else { return false }
        if bytes.isEmpty {
            headIsOver = status >= 200
            return headIsOver
        }
        if bytes.starts(with: "HTTP/".utf8) {
            readStatus(bytes)
        } else {
            readField(bytes)
        }
        return false
    }

    /// Interim responses (1xx) have status lines too; the last one counts.
    private mutating func readStatus(_ line: Slice<UnsafeRawBufferPointer>) {
        headers = []
        let words = line.split(separator: 0x20, maxSplits: 2)
        status = words.count > 1 ? Int(String(decoding: words[1], as: UTF8.self)) ?? 0 : 0
    }

    private mutating func readField(_ line: Slice<UnsafeRawBufferPointer>) {
        if line.first == 0x20 || line.first == 0x09, let last = headers.indices.last {
            headers[last].value += " " + Self.text(line)
            return
        }
        guard let colon = line.firstIndex(of: 0x3A) else { return }
        headers.append(.init(Self.text(line[..<colon]), Self.text(line[line.index(after: colon)...])))
    }

    /// Without the white space around it.
    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var bytes = bytes
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes = bytes.dropLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Body

    /// What libcurl counts as received may lack the piece it is decoding.
    private static let receivedSlack = 16 << 10

    /// - Parameter received: bytes from the network so far, before decoding.
    mutating func countBody(_ count: Int, received: Int, origin: NetworkOrigin) throws(CorralError) {
        bodyBytes += count
        guard bodyBytes <= bodyBytesMax else {
            throw .responseTooLarge(origin, "more than \(bodyBytesMax) bytes")
        }
        guard bodyBytes <= 1 << 20 || bodyBytes / Limits.httpDecodeRatioMax <= received + Self.receivedSlack else {
            throw .responseTooLarge(
                origin, "\(received) bytes unpack to more than \(Limits.httpDecodeRatioMax) times as many")
        }
    }

    /// The bytes to send on; nil when they became events.
    mutating func body(_ bytes: UnsafeRawBufferPointer, now: UInt64) throws(CorralError) -> UnsafeRawBufferPointer? {
        guard isEventStream else { return bytes }
        for event in try parser.append(bytes) { try events.append(event, now: now) }
        return nil
    }
}
