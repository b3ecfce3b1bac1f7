// SPDX-License-Identifier: Apache-2.0
// SealExamination: what `corral doctor` says of each tenant's seals. Reads beside the owner, changes nothing, opens nothing
// that is sealed.

import CorralBase
import Foundation
import GRDB
import Glibc

/// A tenant's journal and key, as they lie there.
package struct SealState: Sendable, Hashable {
    package enum Journal: Sendable, Hashable {
        /// The tenant has not written anything yet.
        case none
        /// An older version's, which the next opening seals.
        case plain
        case sealed
        case unreadable(cause: String)
    }

    package enum Key: Sendable, Hashable {
        case none
        case present
        /// Not the one that the journal was sealed with.
        case wrong
        /// Why it is refused.
        case refused(CorralError)
    }

    package var tenant: TenantID
    package var journal: Journal
    package var key: Key
    package var keyPath: String

    /// Nil when all is well.
    package var problem: CorralError? {
        switch (journal, key) {
        case (_, .refused(let error)): error
        case (_, .wrong): .keyWrong(keyPath, tenant: tenant)
        case (.sealed, .none): .keyMissing(keyPath, tenant: tenant)
        default: nil
        }
    }
}

package enum SealExamination {
    /// - Parameter home: of which every tenant that has a folder is looked at, by name.
    package static func states(home: String, keys: KeyFolder) -> [SealState] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: home + "/tenants")) ?? []
        return names.sorted().compactMap { try? TenantID($0) }.map { state(of: $0, home: home, keys: keys) }
    }

    static func state(of tenant: TenantID, home: String, keys: KeyFolder) -> SealState {
        let folder = TenantStore.folder(home: home, tenant: tenant)
        let (journal, fingerprint) = journal(folder + "/state.db")
        var state = SealState(tenant: tenant, journal: journal, key: .none, keyPath: keys.path(of: tenant))
        do {
            guard let key = try keys.key(of: tenant) else { return state }
            let isRight = fingerprint.map { $0 == Sealer(key, tenant: tenant).fingerprint } ?? true
            state.key = isRight ? .present : .wrong
        } catch {
            state.key = .refused(error as? CorralError ?? .internalFault("\(error)"))
        }
        return state
    }

    private static func journal(_ path: String) -> (SealState.Journal, fingerprint: [UInt8]?) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return (.none, nil) }
        guard status.st_mode & S_IFMT == S_IFREG else { return (.unreadable(cause: "it is no regular file"), nil) }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        do {
            return try DatabaseQueue(path: path, configuration: configuration).read { db in
                guard try db.tableExists("sealing") else { return (.plain, nil) }
                return (.sealed, try Data.fetchOne(db, sql: "SELECT fingerprint FROM sealing").map { Array($0) })
            }
        } catch {
            return (.unreadable(cause: CorralError.database(error, path).cause ?? "\(error)"), nil)
        }
    }
}
