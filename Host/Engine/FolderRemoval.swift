// SPDX-License-Identifier: Apache-2.0
// FolderRemoval: removes a folder that strangers could write in. No link is followed, and a tree as deep as a plugin
// liked costs neither stack nor descriptors: folders are moved up beside each other before they are emptied.

import CorralBase
import Glibc

enum FolderRemoval {
    /// Takes the folder away in one step, so that its name is free at once, and then deletes what was in it.
    /// - Throws: `tenant_not_removed`; asking again goes on with what is left.
    static func remove(_ name: String, in parent: String) throws(CorralError) {
        let place = "\(parent)/\(name)"
        let trash = "\(parent)/.removed-\(name)"
        if rename(place, trash) != 0 {
            switch errno {
            case ENOENT: break
            // An earlier removal left something: both go.
            case ENOTEMPTY, EEXIST, ENOTDIR:
                try empty(trash)
                guard rename(place, trash) == 0 else { throw .tenantNotRemoved(place, errno) }
            default: throw .tenantNotRemoved(place, errno)
            }
        }
        try empty(trash)
    }

    private static func empty(_ trash: String) throws(CorralError) {
        let top = open(trash, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard top >= 0 else {
            if errno == ENOENT || unlink(trash) == 0 { return }
            throw .tenantNotRemoved(trash, errno)
        }
        defer { close(top) }
        var moved = 0
        while true {
            let names = try names(in: top, trash)
            if names.isEmpty { break }
            for name in names { try remove(name, in: top, trash, &moved) }
        }
        guard rmdir(trash) == 0 else { throw .tenantNotRemoved(trash, errno) }
    }

    private static func remove(_ name: String, in top: Int32, _ trash: String, _ moved: inout Int) throws(CorralError) {
        if unlinkat(top, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw .tenantNotRemoved("\(trash)/\(name)", errno) }
        // A plugin may have taken its own rights to a folder away.
        fchmodat(top, name, 0o700, 0)
        let folder = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { throw .tenantNotRemoved("\(trash)/\(name)", errno) }
        defer { close(folder) }
        for child in try names(in: folder, trash) where unlinkat(folder, child, 0) != 0 && errno != ENOENT {
            repeat { moved += 1 } while faccessat(top, "m\(moved)", F_OK, AT_SYMLINK_NOFOLLOW) == 0
            fchmodat(folder, child, 0o700, 0)
            guard renameat(folder, child, top, "m\(moved)") == 0 else {
                throw .tenantNotRemoved("\(trash)/\(name)/\(child)", errno)
            }
        }
        guard unlinkat(top, name, AT_REMOVEDIR) == 0 else { throw .tenantNotRemoved("\(trash)/\(name)", errno) }
    }

    private static func names(in folder: Int32, _ path: String) throws(CorralError) -> [String] {
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw .tenantNotRemoved(path, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
