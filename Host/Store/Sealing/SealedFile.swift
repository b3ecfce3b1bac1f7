// SPDX-License-Identifier: Apache-2.0
// SealedFile: a file sealed in chunks, so that one of a gigabyte passes through a quarter of a megabyte of memory. A chunk
// that is missing, twice, elsewhere or of another file does not open, and neither does a file whose end is missing.
//
// Head: 8 bytes of title, 24 random bytes that name the file's key. Then chunks of 256 KiB, each with its tag, and a seal at
// the end that binds the number of bytes, the place, and that this was all.

import CorralBase
import Crypto
import Foundation
import Glibc

enum SealedFile {
    static let title = Array("CRRLSEAL".utf8)
    static let headBytes = 32
    static let tagBytes = 16
    /// Large enough that a copy is bound by the disk.
    static let chunkBytes = 256 << 10

    /// What a file of this length holds; nil for a length that no sealed file has.
    static func contentBytes(of fileBytes: Int) -> Int? {
        let body = fileBytes - headBytes - tagBytes
        guard body >= 0 else { return nil }
        let (full, rest) = body.quotientAndRemainder(dividingBy: chunkBytes + tagBytes)
        guard rest == 0 || rest > tagBytes else { return nil }
        return full * chunkBytes + max(0, rest - tagBytes)
    }

    /// - Parameter isEnd: the seal at the end never passes for a chunk.
    fileprivate static func nonce(_ number: UInt64, isEnd: Bool) throws -> AES.GCM.Nonce {
        let bytes = withUnsafeBytes(of: number.bigEndian) { Array($0) } + [isEnd ? 1 : 0, 0, 0, 0]
        return try AES.GCM.Nonce(data: bytes)
    }

    fileprivate static func end(_ sealer: Sealer, _ space: Sealer.Space, _ place: ContentPlace, _ bytes: Int) -> [UInt8]
    {
        sealer.associated("file\u{0}\(space.rawValue)\u{0}\(place.hex)\u{0}\(bytes)")
    }
}

/// Seals what is written, in whatever pieces it comes.
struct SealedFileWriter {
    private let file: TemporaryFile
    private let sealer: Sealer
    private let key: SymmetricKey
    private var pending: [UInt8] = []
    private var chunks: UInt64 = 0
    private(set) var bytes = 0

    init(_ file: TemporaryFile, _ sealer: Sealer) throws {
        self.file = file
        self.sealer = sealer
        let random = Sealer.random()
        key = sealer.fileKey(random)
        pending.reserveCapacity(SealedFile.chunkBytes)
        try (SealedFile.title + random).withUnsafeBytes { try file.write($0) }
    }

    mutating func write(_ content: UnsafeRawBufferPointer) throws {
        bytes += content.count
        var rest = content[...]
        while !rest.isEmpty {
            let part = rest.prefix(SealedFile.chunkBytes - pending.count)
            pending += part
            rest = rest.dropFirst(part.count)
            if pending.count == SealedFile.chunkBytes { try sealChunk() }
        }
    }

    /// Closes the file's content; the place is known only now.
    mutating func finish(_ space: Sealer.Space, _ place: ContentPlace) throws {
        if !pending.isEmpty { try sealChunk() }
        let end = try AES.GCM.seal(
            [UInt8](), using: key, nonce: SealedFile.nonce(chunks, isEnd: true),
            authenticating: SealedFile.end(sealer, space, place, bytes))
        try Array(end.tag).withUnsafeBytes { try file.write($0) }
    }

    private mutating func sealChunk() throws {
        let box = try AES.GCM.seal(pending, using: key, nonce: SealedFile.nonce(chunks, isEnd: false))
        try box.ciphertext.withUnsafeBytes { try file.write($0) }
        try box.tag.withUnsafeBytes { try file.write($0) }
        chunks += 1
        pending.removeAll(keepingCapacity: true)
    }
}

extension SealedFile {
    /// Opens a file piece by piece. What `body` was given counts only when this returns.
    /// - Throws: `Sealer.Broken`; what `body` throws; `store_io`.
    static func scan(
        _ descriptor: Int32, _ sealer: Sealer, _ space: Sealer.Space, _ place: ContentPlace,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0, let total = contentBytes(of: Int(status.st_size)) else {
            throw Sealer.Broken(reason: "it has a length that no sealed file has")
        }
        let head = try read(descriptor, headBytes, at: 0)
        guard Array(head.prefix(title.count)) == title else { throw Sealer.Broken(reason: "it is no sealed file") }
        let key = sealer.fileKey(Array(head.suffix(headBytes - title.count)))
        var (offset, rest, number) = (headBytes, total, UInt64(0))
        while rest > 0 {
            let length = min(rest, chunkBytes)
            let chunk = try read(descriptor, length + tagBytes, at: offset)
            let plain = try open(chunk, key, nonce(number, isEnd: false), [])
            try plain.withUnsafeBytes(body)
            (offset, rest, number) = (offset + chunk.count, rest - length, number + 1)
        }
        let end = try read(descriptor, tagBytes, at: offset)
        _ = try open(end, key, nonce(number, isEnd: true), Self.end(sealer, space, place, total))
    }

    private static func open(
        _ sealed: [UInt8], _ key: SymmetricKey, _ nonce: AES.GCM.Nonce, _ associated: [UInt8]
    ) throws -> Data {
        do {
            let box = try AES.GCM.SealedBox(
                nonce: nonce, ciphertext: sealed.dropLast(tagBytes), tag: sealed.suffix(tagBytes))
            return try AES.GCM.open(box, using: key, authenticating: associated)
        } catch {
            throw Sealer.Broken(reason: "a part of it does not open: it was changed, cut off or moved")
        }
    }

    private static func read(_ descriptor: Int32, _ count: Int, at offset: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let step = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: done), count - done, off_t(offset + done))
            }
            if step < 0, errno == EINTR { continue }
            guard step >= 0 else { throw CorralError.system("read", "a sealed file", errno) }
            guard step > 0 else { throw Sealer.Broken(reason: "it was cut off while it was read") }
            done += step
        }
        return bytes
    }
}
