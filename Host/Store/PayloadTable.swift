// SPDX-License-Identifier: Apache-2.0
// PayloadTable: the values of records, each stored once under its hash: small ones in the database, large ones in files
// that are complete and flushed before the transaction that refers to them begins.

import CorralBase

/// A value that is ready to be referred to.
struct PreparedPayload {
    var hash: ContentHash
    var size: Int
    /// Nil when it is in a file.
    var bytes: [UInt8]?
}

struct PayloadTable {
    private let files: ContentFolder
    private let refer: SQLStatement
    private let release: SQLStatement
    private let find: SQLStatement

    init(_ database: StoreDatabase, _ folder: StoreFolder) throws {
        files = ContentFolder(folder: folder)
        refer = try database.prepare(
            """
            INSERT INTO blobs (hash, size, refs, touched_at, bytes) VALUES (?1, ?2, 1, ?3, ?4)
            ON CONFLICT (hash) DO UPDATE SET refs = refs + 1, touched_at = excluded.touched_at RETURNING id
            """)
        release = try database.prepare("UPDATE blobs SET refs = refs - 1, touched_at = ?2 WHERE id = ?1")
        find = try database.prepare("SELECT hash, size, bytes FROM blobs WHERE id = ?1")
    }

    /// Outside a transaction: writes the file of a large value.
    /// - Returns: nil for the empty value, which is stored as no value.
    func prepare(_ bytes: [UInt8]) throws -> PreparedPayload? {
        guard !bytes.isEmpty else { return nil }
        let hash = ContentHash(of: bytes)
        guard bytes.count > Limits.blobInlineBytesMax else {
            return PreparedPayload(hash: hash, size: bytes.count, bytes: bytes)
        }
        try files.write(bytes, hash)
        return PreparedPayload(hash: hash, size: bytes.count, bytes: nil)
    }

    /// Inside the referring transaction: counts one more reference.
    func insert(_ payload: PreparedPayload?, at time: Int64) throws -> Int64? {
        guard let payload else { return nil }
        refer.bind(1, payload.hash.bytes)
        refer.bind(2, payload.size)
        refer.bind(3, time)
        refer.bind(4, payload.bytes)
        return try refer.runForInteger()
    }

    /// Inside a transaction: counts one reference less. The value itself stays until it is collected.
    func release(_ id: Int64, at time: Int64) throws {
        release.bind(1, id)
        release.bind(2, time)
        try release.run()
    }

    /// - Throws: `payload_corrupt` when it is missing, or its hash is not the one it is stored under.
    func read(_ id: Int64) throws -> [UInt8] {
        var found: [UInt8]?
        find.bind(1, id)
        try find.forEachRow { row in
            found = try content(hash: row.bytes(0), size: row.integer(1), bytes: row.bytes(2))
            return false
        }
        guard let found else { throw CorralError.payloadCorrupt("row \(id)", cause: "the row is missing") }
        return found
    }

    /// Turns a row's columns into the value. Every read checks the hash: a damaged value must not steer a run.
    func content(hash: [UInt8]?, size: Int64?, bytes: [UInt8]?) throws -> [UInt8] {
        guard let hash = hash.flatMap(ContentHash.init(bytes:)) else {
            throw CorralError.payloadCorrupt("?", cause: "the row holds no hash")
        }
        let content = try bytes ?? readFile(hash, size: size ?? -1)
        guard ContentHash(of: content) == hash else {
            throw CorralError.payloadCorrupt(hash.hex, cause: "its hash differs")
        }
        return content
    }

    func removeFile(_ hash: ContentHash) throws { try files.remove(hash) }

    func sweep(before oldest: Int64, isKnown: (ContentHash) throws -> Bool) throws -> Int {
        try files.sweep(before: oldest, isKnown: isKnown)
    }

    private func readFile(_ hash: ContentHash, size: Int64) throws -> [UInt8] {
        guard files.size(of: hash).map(Int64.init) == size else {
            throw CorralError.payloadCorrupt(hash.hex, cause: "its file is missing or has another size")
        }
        do {
            return try ArtifactFolder(files.folder).read(hash.hex)
        } catch let error as CorralError where error.code != .storeIO {
            throw CorralError.payloadCorrupt(hash.hex, cause: error.message)
        }
    }
}
