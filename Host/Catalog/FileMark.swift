// SPDX-License-Identifier: Apache-2.0
// FileMark: what the system says about a file for nothing, and which changes when its content does. It spares a scan the
// reading of everything that has not been touched.

import CorralBase
import Glibc

/// A file at one moment; nil members of a path that does not exist compare equal, too.
///
/// ctime cannot be set by anyone, so a file that was rewritten with its old length and date still looks different. A
/// change within one tick of the kernel's clock is missed by the mark alone; the watcher names the file then.
struct FileMark: Hashable, Sendable {
    var path: String
    var device: UInt64 = 0
    var inode: UInt64 = 0
    var mode: UInt32 = 0
    var bytes: Int64 = -1
    var modified: Int128 = 0
    var changed: Int128 = 0

    /// - Parameter path: looked at without following a link in its last part.
    init(_ path: String) {
        self.path = path
        var info = stat()
        guard lstat(path, &info) == 0 else { return }
        device = UInt64(info.st_dev)
        inode = UInt64(info.st_ino)
        mode = info.st_mode
        bytes = Int64(info.st_size)
        modified = Int128(info.st_mtim.tv_sec) * 1_000_000_000 + Int128(info.st_mtim.tv_nsec)
        changed = Int128(info.st_ctim.tv_sec) * 1_000_000_000 + Int128(info.st_ctim.tv_nsec)
    }

    var isLink: Bool { mode & S_IFMT == S_IFLNK }
    var isFolder: Bool { mode & S_IFMT == S_IFDIR }

    /// The path, what it links to, and everything below when it is a folder. Nil when that is more than a plugin may
    /// hold: then only looking again can tell.
    /// - Parameter root: without links; what lies outside of it is not looked into.
    static func all(of path: String, inside root: String) -> [FileMark]? {
        var marks: [FileMark] = []
        return append(path, root, depth: 0, to: &marks) ? marks : nil
    }

    private static func append(_ path: String, _ root: String, depth: Int, to marks: inout [FileMark]) -> Bool {
        guard marks.count <= Limits.pluginFolderFilesMax, depth <= Limits.pluginFolderDepthMax else { return false }
        var mark = FileMark(path)
        marks.append(mark)
        var folder = path
        if mark.isLink {
            guard let target = resolve(path) else { return true }
            mark = FileMark(target)
            marks.append(mark)
            folder = target
        }
        guard mark.isFolder, folder.isAt(orBelow: root) else { return true }
        for name in (try? names(in: folder)) ?? [] {
            guard append(folder + "/" + name, root, depth: depth + 1, to: &marks) else { return false }
        }
        return true
    }
}

extension String {
    /// Whether this path is another or lies below it, compared by bytes.
    func isAt(orBelow path: String) -> Bool {
        guard utf8.starts(with: path.utf8) else { return false }
        return utf8.count == path.utf8.count || path.utf8.last == UInt8(ascii: "/")
            || utf8[utf8.index(utf8.startIndex, offsetBy: path.utf8.count)] == UInt8(ascii: "/")
    }
}
