// SPDX-License-Identifier: Apache-2.0
// TenantFolder: `tenants/ID` as a real folder of the host's own. Whoever follows a link in its place works on somebody
// else's files.

import CorralBase
import CorralStore
import CorralWire
import Glibc

package struct TenantFolder {
    package let path: String

    /// Makes the folder when it is not there.
    /// - Throws: `tenant_folder_refused` for a link, a file or another user's folder.
    init(home: String, tenant: TenantID) throws(CorralError) {
        path = TenantStore.folder(home: home, tenant: tenant)
        for folder in [home + "/tenants", path] where mkdir(folder, 0o700) != 0 && errno != EEXIST {
            throw .tenantFolderRefused(path, errorText(errno))
        }
        try Self.check(path)
    }

    /// - Throws: `tenant_folder_refused`; a folder that is not there is fine.
    package static func check(_ path: String) throws(CorralError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .tenantFolderRefused(path, errorText(errno))
        }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFLNK else { throw .tenantFolderRefused(path, "it is a symbolic link") }
        guard kind == S_IFDIR else { throw .tenantFolderRefused(path, "it is not a folder") }
        guard status.st_uid == geteuid() else { throw .tenantFolderRefused(path, "it belongs to another user") }
    }

    func removeIfEmpty() { rmdir(path) }
}
