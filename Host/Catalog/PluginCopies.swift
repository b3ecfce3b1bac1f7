// SPDX-License-Identifier: Apache-2.0
// PluginCopies: the immutable copies that workers load, as a folder that must not grow for ever. A copy goes when neither
// the catalogue, nor a worker, nor the journal of a run that is not over names it.

import CorralBase
import Glibc

extension Limits {
    /// Copies removed in one go: each is some system calls, on a thread that others wait for.
    static let copiesPrunedAtOnce = 256
}

package struct PluginCopies: Sendable {
    /// `<home>/cache/plugins`.
    private let folder: String

    package init(folder: String) { self.folder = folder }

    /// A plugin's digest covers more than its copy when there is a sidecar; journals name that digest.
    func name(_ digest: ContentDigest, as content: ContentDigest) {
        guard digest != content else { return }
        symlink(content.text, folder + "/" + digest.text)
    }

    /// Removes copies that nobody names, and what an interrupted copy left.
    /// - Parameters:
    ///   - digests: of plugins and of copies that stay.
    ///   - age: seconds that a copy stays in any case: one that is being checked is named by nobody yet.
    /// - Returns: how many were removed.
    package func prune(keeping digests: Set<String>, age: Int = 3600) -> Int {
        guard let stream = opendir(folder) else { return 0 }
        defer { closedir(stream) }
        let kept = digests.union(digests.compactMap(target))
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var removed = 0
        while removed < Limits.copiesPrunedAtOnce, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { String(decodingCString: $0, as: UTF8.self) }
            }
            guard name.hasPrefix(".new-") || name.utf8.count == 64, !kept.contains(name) else { continue }
            let path = folder + "/" + name
            var info = stat()
            guard lstat(path, &info) == 0, time.tv_sec - info.st_mtim.tv_sec >= age else { continue }
            if info.st_mode & S_IFMT == S_IFDIR { removeTree(path) } else { unlink(path) }
            removed += 1
        }
        return removed
    }

    private func target(_ digest: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = readlink(folder + "/" + digest, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
