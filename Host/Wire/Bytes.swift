// SPDX-License-Identifier: Apache-2.0
// Bytes: the writer and the bounds-checked reader of frame payloads: little-endian integers, u32-prefixed runs of bytes.

import CorralBase

package struct ByteWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(reserving capacity: Int = 64) { bytes.reserveCapacity(capacity) }

    package mutating func u8(_ value: UInt8) { bytes.append(value) }
    package mutating func u16(_ value: UInt16) { integer(value) }
    package mutating func u32(_ value: UInt32) { integer(value) }
    package mutating func u64(_ value: UInt64) { integer(value) }
    package mutating func i32(_ value: Int32) { integer(UInt32(bitPattern: value)) }
    package mutating func f64(_ value: Double) { integer(value.bitPattern) }
    package mutating func raw(_ run: some Sequence<UInt8>) { bytes.append(contentsOf: run) }

    package mutating func run(_ run: some Collection<UInt8>) {
        u32(UInt32(truncatingIfNeeded: run.count))
        bytes.append(contentsOf: run)
    }

    package mutating func text(_ text: String) { run(text.utf8) }

    private mutating func integer<T: FixedWidthInteger & UnsignedInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Reads what `ByteWriter` wrote. Every method throws `protocol_violation` where the bytes end too early.
package struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    package var remaining: Int { bytes.endIndex - position }

    package mutating func u8() throws -> UInt8 { try take(1).first ?? 0 }
    package mutating func u16() throws -> UInt16 { try integer() }
    package mutating func u32() throws -> UInt32 { try integer() }
    package mutating func u64() throws -> UInt64 { try integer() }
    package mutating func i32() throws -> Int32 { Int32(bitPattern: try integer()) }
    package mutating func f64() throws -> Double { Double(bitPattern: try integer()) }

    package mutating func run() throws -> ArraySlice<UInt8> { try take(Int(try u32())) }

    /// Text that must be UTF-8.
    package mutating func text() throws -> String {
        guard let text = String(validating: try run(), as: UTF8.self) else {
            throw CorralError.protocolViolation("text that is not UTF-8")
        }
        return text
    }

    /// Text for people: bytes that are not UTF-8 become U+FFFD.
    package mutating func repairedText() throws -> String { String(decoding: try run(), as: UTF8.self) }

    /// All that is left.
    package mutating func rest() -> ArraySlice<UInt8> {
        defer { position = bytes.endIndex }
        return bytes[position...]
    }

    /// - Throws: `protocol_violation` when bytes are left over.
    package func finish() throws {
        guard remaining == 0 else {
            throw CorralError.protocolViolation("\(remaining) bytes after the end of a payload")
        }
    }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= remaining else {
            throw CorralError.protocolViolation("a payload ends \(count - remaining) bytes too early")
        }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    private mutating func integer<T: FixedWidthInteger & UnsignedInteger>() throws -> T {
        var value: T = 0
        for (index, byte) in try take(T.bitWidth / 8).enumerated() { value |= T(byte) << T(8 * index) }
        return value
    }
}
