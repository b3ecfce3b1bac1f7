// SPDX-License-Identifier: Apache-2.0
// SliceReader: the fields of a call as slices of one block of memory, which is how plugins get them. `CallMessage` of
// Wire writes the same layout; the runtime does not decode with it because each text would become a String and back.

import CCorral
import Glibc

struct SliceReader {
    private let base: UnsafeRawPointer
    private let count: Int
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        count = bytes.count
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T {
        let at = advance(MemoryLayout<T>.size)
        return T(littleEndian: base.loadUnaligned(fromByteOffset: at, as: T.self))
    }

    mutating func run() -> corral_slice {
        let size = Int(integer(UInt32.self))
        return slice(at: advance(size), size)
    }

    mutating func rest() -> corral_slice {
        let size = count - position
        return slice(at: advance(size), size)
    }

    private func slice(at offset: Int, _ size: Int) -> corral_slice {
        corral_slice(data: size == 0 ? nil : (base + offset).assumingMemoryBound(to: UInt8.self), size: size)
    }

    private mutating func advance(_ size: Int) -> Int {
        guard size >= 0, size <= count - position else { die("the host sent a call that ends too early") }
        defer { position += size }
        return position
    }
}

extension corral_slice {
    /// Nil when the slice claims bytes but points nowhere.
    var bytes: UnsafeRawBufferPointer? {
        if size == 0 { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let data, size > 0 else { return nil }
        return UnsafeRawBufferPointer(start: data, count: size)
    }

    /// The text with bytes that are not UTF-8 repaired, cut to `bytesMax` bytes with a mark. Nil when it points nowhere.
    func text(bytesMax: Int) -> String? {
        guard let bytes else { return nil }
        if bytes.count <= bytesMax { return String(decoding: bytes, as: UTF8.self) }
        let kept = bytes.prefix(wholeCharacters(bytes, within: max(0, bytesMax - 3)))
        return String(decoding: kept, as: UTF8.self) + "…"
    }
}

/// The largest count up to `limit` that does not cut a UTF-8 character in two. For bytes that are no UTF-8, `limit`.
func wholeCharacters(_ bytes: UnsafeRawBufferPointer, within limit: Int) -> Int {
    guard limit < bytes.count else { return bytes.count }
    var count = limit
    while count > max(0, limit - 3), bytes[count] & 0xC0 == 0x80 { count -= 1 }
    return count == 0 || bytes[count] & 0xC0 == 0x80 ? limit : count
}
