// SPDX-License-Identifier: Apache-2.0
// StorageScan: how much disk a tenant's folder takes, as `du` counts it: blocks, not lengths, so a sparse file of a
// terabyte costs what it holds. Strangers write below it, so no link is followed and the walk has an end.

import CorralBase
import Glibc

package struct StorageUse: Sendable, Hashable {
    package var bytes: Int64 = 0
    /// Files, folders and whatever else has an inode.
    package var files: Int64 = 0

    package init(bytes: Int64 = 0, files: Int64 = 0) {
        self.bytes = bytes
        self.files = files
    }
}

package enum StorageScan {
    /// Folders inside each other that are looked into; a deeper tree counts as it is seen from there.
    static let depthMax = 256

    /// Blocks while it walks.
    /// - Parameter filesMax: ends the walk, above a limit it does not matter how far.
    package static func measure(_ path: String, filesMax: Int64) -> StorageUse {
        var use = StorageUse()
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return use }
        // Hard links are counted once: they share their blocks.
        var seen: Set<UInt64> = []
        walk(folder, depth: 0, filesMax, &use, &seen)
        return use
    }

    /// Closes the folder.
    private static func walk(
        _ folder: Int32, depth: Int, _ filesMax: Int64, _ use: inout StorageUse, _ seen: inout Set<UInt64>
    ) {
        guard let stream = fdopendir(folder) else {
            close(folder)
            return
        }
        defer { closedir(stream) }
        while use.files <= filesMax, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            var status = stat()
            guard fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            if !isFolder, status.st_nlink > 1, !seen.insert(UInt64(status.st_ino)).inserted { continue }
            use.files += 1
            use.bytes += Int64(status.st_blocks) * 512
            guard isFolder, depth < depthMax else { continue }
            let inner = openat(dirfd(stream), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if inner >= 0 { walk(inner, depth: depth + 1, filesMax, &use, &seen) }
        }
    }
}
