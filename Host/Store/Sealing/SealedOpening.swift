// SPDX-License-Identifier: Apache-2.0
// SealedOpening: which key a store is opened with. A key is made once, when nothing was ever sealed; from then on a store
// without its key is an error, never a new beginning.

import CorralBase
import Foundation
import GRDB
import Glibc

struct SealedOpening {
    let folder: StoreFolder
    let tenant: TenantID
    let keys: KeyFolder
    let now: Int64

    /// Rewrites a store from before there were seals.
    func sealWhatIsPlain(busyMilliseconds: Int) throws {
        guard SealingMigration.isNeeded(in: folder) else { return }
        let key = try keys.key(of: tenant) ?? keys.make(for: tenant)
        try SealingMigration(
            folder: folder, sealer: Sealer(key, tenant: tenant), now: now, busyMilliseconds: busyMilliseconds
        ).run()
    }

    /// The tenant's key, checked against what the store was sealed with; durable before anything is sealed with it.
    /// - Throws: `key_missing`, `key_wrong`, `key_unreadable`, `key_exposed`.
    func sealer(for database: StoreDatabase) throws -> Sealer {
        let fingerprint = try database.perform { db in
            try Data.fetchOne(db, sql: "SELECT fingerprint FROM sealing")
        }
        let known = try keys.key(of: tenant)
        if known == nil, try fingerprint != nil || hasFiles() {
            throw CorralError.keyMissing(keys.path(of: tenant), tenant: tenant)
        }
        let sealer = Sealer(try known ?? keys.make(for: tenant), tenant: tenant)
        if let fingerprint {
            guard Array(fingerprint) == sealer.fingerprint else {
                throw CorralError.keyWrong(keys.path(of: tenant), tenant: tenant)
            }
        } else {
            try database.perform { db in try Self.record(sealer, now, hasPlainFiles: false, db) }
        }
        return sealer
    }

    /// What a migration that was interrupted after its last step left; nothing refers to it.
    func removePlainFiles(_ database: StoreDatabase, _ payloads: PayloadTable, _ artifacts: ArtifactFolder) throws {
        let isNeeded = try database.perform { db in
            try Bool.fetchOne(db, sql: "SELECT has_plain_files FROM sealing") ?? false
        }
        guard isNeeded else { return }
        try payloads.removePlainFiles()
        try artifacts.content.removePlain()
        try database.perform { db in try db.execute(sql: "UPDATE sealing SET has_plain_files = 0") }
    }

    static func record(_ sealer: Sealer, _ now: Int64, hasPlainFiles: Bool, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO sealing (one, fingerprint, sealed_at, has_plain_files) VALUES (1, ?, ?, ?)",
            arguments: [Data(sealer.fingerprint), now, hasPlainFiles])
    }

    /// Values or files whose database is gone.
    private func hasFiles() throws -> Bool {
        for name in ["blobs", "artifacts"] where access(folder.path(of: name), F_OK) == 0 {
            if try !folder.subfolder(name).entries().isEmpty { return true }
        }
        return false
    }
}
