// SPDX-License-Identifier: Apache-2.0
// SealingMigration: from a store in the open to a sealed one. A new database is written beside the old one and takes its
// place by a rename, so that no page and no log keeps what stood in the old one; a crash at any moment leaves one of the two
// whole, and opening the store again begins or goes on.

import CorralBase
import Foundation
import GRDB
import Glibc

struct SealingMigration {
    private static let draftName = "state.db.sealing"

    let folder: StoreFolder
    let sealer: Sealer
    let now: Int64
    let busyMilliseconds: Int

    /// Whether there is a store that an older version wrote. False for anything that cannot be read: opening says why.
    static func isNeeded(in folder: StoreFolder) -> Bool {
        let path = folder.path(of: "state.db")
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return false }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        let names = try? DatabaseQueue(path: path, configuration: configuration).read { db in
            let isOurs = try Int32.fetchOne(db, sql: "PRAGMA application_id") == DatabaseKind.state.applicationID
            return isOurs ? try String.fetchAll(db, sql: "SELECT name FROM schema_version ORDER BY number") : []
        }
        return names == ["1 journal"] || names == ["1 journal", "2 usage"]
    }

    /// - Throws: the store's errors; the old store is then as it was.
    func run() throws {
        let path = folder.path(of: "state.db")
        do {
            try removeDraft()
            var configuration = Configuration()
            configuration.busyMode = .timeout(Double(busyMilliseconds) / 1000)
            configuration.allowsUnsafeTransactions = true
            let old = try DatabaseQueue(path: path, configuration: configuration)
            try old.writeWithoutTransaction { db in
                // Nobody writes to it any more.
                try db.execute(sql: "BEGIN IMMEDIATE")
                try writeDraft(from: db)
                try db.execute(sql: "ROLLBACK")
                // A log that is left would be taken for the new database's.
                try Self.closeLog(db)
            }
            try old.close()
        } catch {
            throw CorralError.database(error, path)
        }
        guard rename(folder.path(of: Self.draftName), path) == 0 else {
            throw CorralError.system("create", path, errno)
        }
        try folder.synchronize()
    }

    private func writeDraft(from old: Database) throws {
        let draft = try StoreDatabase(
            folder: folder, name: Self.draftName, kind: .state, busyMilliseconds: busyMilliseconds)
        let blobs = ContentFolder(folder: try folder.subfolder("blobs"), space: .blobs, sealer: sealer)
        let artifacts = ContentFolder(folder: try folder.subfolder("artifacts"), space: .artifacts, sealer: sealer)
        try draft.perform { new in
            try new.inTransaction(.immediate) {
                let copy = SealingCopy(old: old, new: new, sealer: sealer)
                try copy.owner(now)
                try copy.values(PlainFolder(blobs), PlainFolder(artifacts))
                try copy.runs()
                try copy.records()
                return .commit
            }
            try Self.closeLog(new)
        }
        try draft.queue.close()
        try flush(folder.path(of: Self.draftName))
    }

    /// Moves the log into the file, and does without one: needs to be alone.
    private static func closeLog(_ db: Database) throws {
        try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
        guard mode == "delete" else { throw DatabaseError(resultCode: .SQLITE_BUSY, message: "somebody reads it") }
    }

    private func removeDraft() throws {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let path = folder.path(of: Self.draftName + suffix)
            guard unlink(path) == 0 || errno == ENOENT else { throw CorralError.system("delete", path, errno) }
        }
    }

    private func flush(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw CorralError.system("open", path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CorralError.system("flush", path, errno) }
    }
}

/// A folder of files in the open, <2 digits>/<SHA-256>, beside which sealed ones appear.
struct PlainFolder {
    let sealed: ContentFolder

    init(_ sealed: ContentFolder) { self.sealed = sealed }

    /// Seals one file. A damaged or missing one stays what it is: whoever asks for it is told.
    /// - Returns: its new place.
    func seal(_ hash: ContentHash) throws -> ContentPlace {
        let place = sealed.place(of: hash)
        let path = sealed.folder.path(of: String(hash.hex.prefix(2))) + "/" + hash.hex
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return place }
        defer { close(descriptor) }
        let file = try TemporaryFile(in: sealed.folder)
        defer { file.discard() }
        var writer = try SealedFileWriter(file, sealed.sealer)
        var hasher = ContentHasher()
        var buffer = [UInt8](repeating: 0, count: SealedFile.chunkBytes)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CorralError.system("read", path, errno) }
            if count == 0 { break }
            try buffer.withUnsafeBytes { bytes in
                let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                hasher.update(part)
                try writer.write(part)
            }
        }
        guard hasher.hex() == hash.hex else { return place }
        try writer.finish(sealed.space, place)
        try sealed.publish(file, at: place)
        return place
    }
}
