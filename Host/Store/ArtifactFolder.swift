// SPDX-License-Identifier: Apache-2.0
// ArtifactFolder: input and output files of runs, sealed. It needs no database, so a large file can be copied on another
// thread than the tenant's lane; a file belongs to a run from the record that names it, and is swept when none ever does.

import CorralBase
import CorralSocket
import Glibc

package struct ArtifactFolder: Sendable {
    let content: ContentFolder

    /// Large enough that a copy is bound by the disk.
    private static let chunkBytes = 256 << 10

    init(_ folder: StoreFolder, _ sealer: Sealer) {
        content = ContentFolder(folder: folder, space: .artifacts, sealer: sealer)
    }

    /// Copies a file into the store, hashing on the way. Blocks for as long as the disk takes; flushed when it returns.
    ///
    /// A regular file is read from its start whatever the descriptor's offset, which stays as it was; whether a path
    /// may be followed was the opener's business.
    /// - Parameters:
    ///   - descriptor: open for reading; stays open.
    ///   - name: shown to people; only its last path component is kept.
    ///   - allowsPipe: also reads pipes and sockets, to their end; such a read waits for the writer.
    /// - Throws: `artifact_refused` for anything but a regular file, `artifact_too_large`, `store_full`, `store_io`.
    package func importFile(
        descriptor: Int32, name: String, mediaType: String, limitBytes: Int = Limits.artifactFileBytesMax,
        allowsPipe: Bool = false
    ) throws -> ArtifactRef {
        let name = lastComponent(name)
        let isRegular = try checkKind(descriptor, name, limitBytes, allowsPipe)
        let file = try TemporaryFile(in: content.folder)
        defer { file.discard() }
        var hasher = ContentHasher()
        var writer = try SealedFileWriter(file, content.sealer)
        var total = 0
        try withUnsafeTemporaryAllocation(byteCount: Self.chunkBytes, alignment: 16) { buffer in
            while let count = try readChunk(descriptor, into: buffer, at: isRegular ? total : nil, name) {
                total += count
                guard total <= limitBytes else { throw CorralError.artifactTooLarge(name, limitBytes: limitBytes) }
                let chunk = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                hasher.update(chunk)
                try writer.write(chunk)
            }
        }
        return try keep(file, &writer, hasher.hex(), name, mediaType)
    }

    /// Stores bytes that are in memory, for example an output file a plugin pushed.
    /// - Throws: `artifact_too_large`, `store_full`, `store_io`.
    package func importBytes(
        _ bytes: [UInt8], name: String, mediaType: String, limitBytes: Int = Limits.artifactFileBytesMax
    ) throws -> ArtifactRef {
        let name = lastComponent(name)
        guard bytes.count <= limitBytes else { throw CorralError.artifactTooLarge(name, limitBytes: limitBytes) }
        let hash = ContentHash(of: bytes)
        try content.write(bytes, at: content.place(of: hash))
        return ArtifactRef(sha256: hash.hex, name: name, bytes: bytes.count, mediaType: mediaType)
    }

    /// Opens an artifact for reading, close-on-exec: its content in memory that nobody can change, and that is given back
    /// when the last descriptor is closed. Blocks while it is opened piece by piece; the caller closes it.
    /// - Parameter bytes: the size it must have; nil takes any.
    /// - Throws: `artifact_missing`, `artifact_corrupt` when the size differs or the seal is broken.
    package func open(_ sha256: String, bytes: Int? = nil) throws -> Int32 {
        try require(sha256, bytes: bytes)
        let memory = corral_memfd("artifact")
        guard memory >= 0 else { throw CorralError.system("open", "artifact \(sha256.prefix(12))", -memory) }
        do {
            try scan(sha256) { chunk in
                let failure = corral_memfd_write(memory, chunk.baseAddress, chunk.count)
                guard failure == 0 else { throw CorralError.system("open", "artifact \(sha256.prefix(12))", -failure) }
            }
        } catch {
            close(memory)
            throw error
        }
        // Closes it when it cannot be sealed.
        let sealed = corral_memfd_seal(memory)
        guard sealed >= 0 else { throw CorralError.system("protect", "artifact \(sha256.prefix(12))", -sealed) }
        return sealed
    }

    /// That an artifact is there, without opening it.
    /// - Throws: `artifact_missing`, `artifact_corrupt` when its size differs.
    package func require(_ sha256: String, bytes: Int? = nil) throws {
        guard let hash = ContentHash(hex: sha256), let size = content.size(of: content.place(of: hash)) else {
            throw CorralError.artifactMissing(sha256)
        }
        if let bytes, size != bytes {
            throw CorralError.artifactCorrupt(sha256, cause: "it has \(size) bytes instead of \(bytes)")
        }
    }

    /// The whole content.
    /// - Throws: `artifact_missing`, `artifact_corrupt`, `artifact_too_large` above `limitBytes`.
    package func read(_ sha256: String, limitBytes: Int = Limits.artifactFileBytesMax) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try scan(sha256) { chunk in
            guard bytes.count + chunk.count <= limitBytes else {
                throw CorralError.artifactTooLarge(sha256, limitBytes: limitBytes)
            }
            bytes.append(contentsOf: chunk)
        }
        return bytes
    }

    /// Opens the content and compares its hash.
    /// - Throws: `artifact_missing`, `artifact_corrupt`.
    package func verify(_ sha256: String) throws { try scan(sha256) { _ in } }

    /// The same for a file of which only the place is known.
    func verify(_ place: ContentPlace) throws {
        var hasher = ContentHasher()
        try scan(place, named: place.hex) { hasher.update($0) }
        guard ContentHash(hex: hasher.hex()).map(content.place) == place else {
            throw CorralError.artifactCorrupt(place.hex, cause: "its hash differs")
        }
    }

    private func scan(_ sha256: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let hash = ContentHash(hex: sha256) else { throw CorralError.artifactMissing(sha256) }
        try scan(content.place(of: hash), named: sha256, body)
    }

    private func scan(
        _ place: ContentPlace, named name: String, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        do {
            guard try content.scan(place, body) else { throw CorralError.artifactMissing(name) }
        } catch let broken as Sealer.Broken {
            throw CorralError.artifactCorrupt(name, cause: broken.reason)
        }
    }

    private func checkKind(_ descriptor: Int32, _ name: String, _ limit: Int, _ allowsPipe: Bool) throws -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CorralError.system("read", name, errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            // A sparse file of a petabyte is refused before a byte is read.
            guard status.st_size <= limit else { throw CorralError.artifactTooLarge(name, limitBytes: limit) }
            return true
        case S_IFIFO, S_IFSOCK:
            guard allowsPipe else { throw CorralError.artifactRefused(name, "a pipe or socket") }
            return false
        case S_IFDIR: throw CorralError.artifactRefused(name, "a folder")
        default: throw CorralError.artifactRefused(name, "a device")
        }
    }

    /// - Returns: nil at the end.
    private func readChunk(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int?, _ name: String
    ) throws -> Int? {
        while true {
            let count =
                if let offset { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) } else {
                    Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                }
            if count > 0 { return count }
            if count == 0 { return nil }
            if errno != EINTR { throw CorralError.system("read", name, errno) }
        }
    }

    private func keep(
        _ file: TemporaryFile, _ writer: inout SealedFileWriter, _ hex: String, _ name: String, _ mediaType: String
    ) throws -> ArtifactRef {
        guard let hash = ContentHash(hex: hex) else { throw CorralError.internalFault("a hash of \"\(hex)\"") }
        let place = content.place(of: hash)
        if try !content.refresh(place, bytes: writer.bytes) {
            try writer.finish(.artifacts, place)
            try content.publish(file, at: place)
        }
        return ArtifactRef(sha256: hex, name: name, bytes: writer.bytes, mediaType: mediaType)
    }

    private func lastComponent(_ name: String) -> String {
        name.split(separator: "/").last.map { String($0.prefix(255)) } ?? "file"
    }
}
