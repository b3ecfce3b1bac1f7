// SPDX-License-Identifier: Apache-2.0
// PayloadTable: the values of records, sealed, each stored once under its keyed hash: small ones in the database, large ones
// in files that are complete and flushed before the transaction that refers to them begins.

import CorralBase

/// A value that is ready to be referred to.
struct PreparedPayload {
    var place: ContentPlace
    /// Before it was sealed.
    var size: Int
    /// Sealed; nil when it is in a file.
    var bytes: [UInt8]?
}

struct PayloadTable {
    private let files: ContentFolder
    private let refer: SQLStatement
    private let release: SQLStatement
    private let find: SQLStatement
    private let sealer: Sealer

    init(_ database: StoreDatabase, _ folder: StoreFolder, _ sealer: Sealer) throws {
        self.sealer = sealer
        files = ContentFolder(folder: folder, space: .blobs, sealer: sealer)
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
        let place = files.place(of: ContentHash(of: bytes))
        guard bytes.count > Limits.blobInlineBytesMax else {
            return PreparedPayload(place: place, size: bytes.count, bytes: try sealer.seal(bytes, at: Self.seal(place)))
        }
        try files.write(bytes, at: place)
        return PreparedPayload(place: place, size: bytes.count, bytes: nil)
    }

    /// Inside the referring transaction: counts one more reference.
    func insert(_ payload: PreparedPayload?, at time: Int64) throws -> Int64? {
        guard let payload else { return nil }
        refer.bind(1, payload.place.bytes)
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

    /// - Throws: `payload_corrupt` when it is missing, or does not open where it is.
    func read(_ id: Int64) throws -> [UInt8] {
        var found: [UInt8]?
        find.bind(1, id)
        try find.forEachRow { row in
            found = try content(place: row.bytes(0), size: row.integer(1), bytes: row.bytes(2))
            return false
        }
        guard let found else { throw CorralError.payloadCorrupt("row \(id)", cause: "the row is missing") }
        return found
    }

    /// Turns a row's columns into the value. Its seal is checked on every read: a damaged value must not steer a run.
    func content(place: [UInt8]?, size: Int64?, bytes: [UInt8]?) throws -> [UInt8] {
        guard let place = place.flatMap(ContentPlace.init(bytes:)) else {
            throw CorralError.payloadCorrupt("?", cause: "the row holds no hash")
        }
        do {
            guard let bytes else { return try readFile(place, size: size ?? -1) }
            return try sealer.open(bytes, at: Self.seal(place))
        } catch let broken as Sealer.Broken {
            throw CorralError.payloadCorrupt(place.hex, cause: broken.reason)
        }
    }

    /// Opens a value and compares its hash, which reading does not need: the seal has bound it.
    func verify(_ id: Int64) throws {
        let value = try read(id)
        var place: [UInt8]?
        find.bind(1, id)
        try find.forEachRow { row in
            place = row.bytes(0)
            return false
        }
        guard files.place(of: ContentHash(of: value)).bytes == place else {
            throw CorralError.payloadCorrupt("row \(id)", cause: "its hash differs")
        }
    }

    static func seal(_ place: ContentPlace) -> SealPlace { SealPlace("blobs", place) }

    func removeFile(_ place: ContentPlace) throws { try files.remove(place) }
    func removePlainFiles() throws { try files.removePlain() }

    func sweep(before oldest: Int64, isKnown: (ContentPlace) throws -> Bool) throws -> Int {
        try files.sweep(before: oldest, isKnown: isKnown)
    }

    private func readFile(_ place: ContentPlace, size: Int64) throws -> [UInt8] {
        guard files.size(of: place).map(Int64.init) == size else {
            throw CorralError.payloadCorrupt(place.hex, cause: "its file is missing or has another size")
        }
        var value: [UInt8] = []
        value.reserveCapacity(Int(size))
        guard try files.scan(place, { value.append(contentsOf: $0) }) else {
            throw CorralError.payloadCorrupt(place.hex, cause: "its file is missing")
        }
        return value
    }
}
