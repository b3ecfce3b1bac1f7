// SPDX-License-Identifier: Apache-2.0
// UnfinishedPlugins: which plugin contents the journals of runs that are not over name. Read beside the owner, without
// taking the store over: a tenant that nobody has open is asked, too.

import CorralBase
import Foundation
import GRDB

package enum UnfinishedPlugins {
    /// - Parameter folder: a tenant's.
    /// - Returns: digests; none when the tenant has no store yet.
    /// - Throws: the store's errors; then nothing is known, and everything must be kept.
    package static func digests(folder: String) throws -> Set<String> {
        let path = folder + "/state.db"
        // What lies there may have been swapped: a pipe would make the host wait, a link would show it something else.
        guard try isOwn(folder, S_IFDIR), try isOwn(path, S_IFREG) else { return [] }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        do {
            return try DatabaseQueue(path: path, configuration: configuration).read { db in
                // A store that was not opened since there are seals has the digest elsewhere.
                let place = try db.tableExists("sealing") ? "metrics, '$" : "detail, '$.metrics"
                return Set(
                    try String.fetchAll(
                        db,
                        sql: """
                            SELECT DISTINCT json_extract(journal.\(place).plugin_digest') AS digest
                            FROM runs JOIN journal ON journal.run = runs.id
                            WHERE runs.state = 'running' AND digest IS NOT NULL
                            """))
            }
        } catch {
            throw CorralError.database(error, path)
        }
    }

    /// False when there is nothing.
    private static func isOwn(_ path: String, _ kind: mode_t) throws -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        guard status.st_mode & S_IFMT == kind else {
            throw CorralError.folderRefused(path, kind == S_IFDIR ? "it is no folder" : "it is no regular file")
        }
        return true
    }
}
