// SPDX-License-Identifier: Apache-2.0
// HomeFolder: making the home, and refusing one that others can write: whoever writes there decides what Corral runs.

import CorralBase
import Glibc

extension Home {
    /// Creates the home with mode 0700 if it is absent, and checks it and the project folder around it.
    /// - Throws: `home_unusable`, `home_unsafe`.
    package func prepare() throws(CorralError) {
        try create(path)
        try refuseOthers(path, mask: 0o022)
        // Groups of a project are common; a folder that everyone can write is a place for planted plugins.
        if project != path { try refuseOthers(project, mask: 0o002) }
    }

    /// Like `mkdir -p`, with folders nobody else can enter.
    private func create(_ folder: String) throws(CorralError) {
        if mkdir(folder, 0o700) == 0 { return }
        switch errno {
        case EEXIST:
            guard isFolder(folder) else { throw .homeNotFolder(folder) }
        case ENOENT:
            guard let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else {
                throw .homeUnusable(folder, "create", ENOENT)
            }
            try create(String(folder[..<slash]))
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .homeUnusable(folder, "create", errno) }
        case ENOTDIR: throw .homeNotFolder(folder)
        case let code: throw .homeUnusable(folder, "create", code)
        }
    }

    /// Root may use a folder of root only: another user's home holds what that user chose to run.
    private func refuseOthers(_ folder: String, mask: mode_t) throws(CorralError) {
        var status = stat()
        guard stat(folder, &status) == 0 else { throw .homeUnusable(folder, "read", errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .homeNotFolder(folder) }
        guard folder != path || status.st_uid == geteuid() else {
            throw .ownedByAnother(folder, owner: status.st_uid)
        }
        guard status.st_mode & mask == 0 else { throw .writableByOthers(folder, mode: status.st_mode & 0o777) }
    }
}
