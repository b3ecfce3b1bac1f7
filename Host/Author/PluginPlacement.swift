// SPDX-License-Identifier: Apache-2.0
// PluginPlacement: putting a library into a plugins folder so that a running host never sees half of it: a copy under a
// hidden name, which scans leave out, and one rename.

import CorralBase
import Foundation
import Glibc

package enum PluginPlacement {
    /// Copies a library, or a folder that holds one as `lib.so`, to `target`. What was there is replaced.
    /// - Throws: `plugin_not_added`.
    package static func place(_ source: String, at target: String) throws(CorralError) {
        let folder = URL(filePath: target).deletingLastPathComponent().path(percentEncoded: false)
        let name = URL(filePath: target).lastPathComponent
        let hidden = "\(folder)/.\(name).new-\(getpid())"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try? FileManager.default.removeItem(atPath: hidden)
            try FileManager.default.copyItem(atPath: source, toPath: hidden)
        } catch {
            try? FileManager.default.removeItem(atPath: hidden)
            throw refused(source, folder, error.localizedDescription)
        }
        flush(hidden)
        if isFolder(hidden), isFolder(target) {
            try exchange(hidden, target, source)
        } else if rename(hidden, target) != 0 {
            let cause = systemText(errno)
            try? FileManager.default.removeItem(atPath: hidden)
            throw refused(source, folder, cause)
        }
    }

    /// Whether two files have the same bytes: then there is nothing to replace.
    package static func holdTheSame(_ first: String, _ second: String) -> Bool {
        guard !isFolder(first), !isFolder(second) else { return false }
        return FileManager.default.contentsEqual(atPath: first, andPath: second)
    }

    /// A folder cannot be renamed over one that is not empty: the old one steps aside under a hidden name. A host that
    /// looks in between sees no plugin for a moment, never half of one.
    private static func exchange(_ new: String, _ old: String, _ source: String) throws(CorralError) {
        let aside = "\(new)-old"
        var isDone = rename(old, aside) == 0
        var cause = systemText(errno)
        if isDone, rename(new, old) != 0 {
            (isDone, cause) = (false, systemText(errno))
            rename(aside, old)
        }
        for path in [aside, new] { try? FileManager.default.removeItem(atPath: path) }
        guard isDone else { throw refused(source, old, cause) }
    }

    /// A host that starts after a power cut must not find an empty library under the right name.
    private static func flush(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func refused(_ source: String, _ folder: String, _ cause: String) -> CorralError {
        .notAdded(source, "\"\(folder)\" cannot be written", hint: "look at it: `ls -ld '\(folder)'`", cause: cause)
    }

    /// The library in what a person named: a file, or a folder `{lib.so, …}`; nil for anything else.
    package static func library(in path: String) -> String? {
        if !isFolder(path) { return FileManager.default.fileExists(atPath: path) ? path : nil }
        return FileManager.default.fileExists(atPath: "\(path)/lib.so") ? "\(path)/lib.so" : nil
    }
}
