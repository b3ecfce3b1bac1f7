// SPDX-License-Identifier: Apache-2.0
// SourceWatch: tells when sources change. A save is several events (a new file, a rename, a changed time), so whoever asks
// gets one answer when it has been quiet for a moment.

import CorralBase
import Foundation
import Glibc

package final class SourceWatch {
    /// Ready to read when something has changed.
    package let descriptor: Int32
    private let root: String
    private var folders: [Int32: String] = [:]

    /// Folders below one root; a tree with more is not a plugin's.
    private static let foldersMax = 1024
    /// What builds write themselves must not start the next build.
    private static let ignoredFolders: Set = [".build", ".git", "target", "build", "node_modules", ".swiftpm"]
    private static let ignoredEndings = [
        ".so", ".o", ".d", "~", ".swp", ".swx", ".tmp", "Package.resolved", "Cargo.lock",
    ]
    private static let events = UInt32(
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ONLYDIR)

    /// - Throws: `sources_unwatched`.
    package init(_ root: String) throws(CorralError) {
        descriptor = inotify_init1(Int32(O_CLOEXEC | O_NONBLOCK))
        self.root = root
        guard descriptor >= 0 else { throw .sourcesUnwatched(root, systemText(errno)) }
        try add(root)
    }

    deinit { close(descriptor) }

    private func add(_ folder: String) throws(CorralError) {
        let watch = inotify_add_watch(descriptor, folder, Self.events)
        if watch < 0 {
            // A folder that is gone again is nothing to watch.
            if errno == ENOENT || errno == ENOTDIR { return }
            throw .sourcesUnwatched(folder, systemText(errno))
        }
        folders[watch] = folder
        guard folders.count <= Self.foldersMax else {
            throw .sourcesUnwatched(root, "it holds more than \(Self.foldersMax) folders")
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let path = "\(folder)/\(name)"
            var information = stat()
            guard !Self.ignoredFolders.contains(name), lstat(path, &information) == 0,
                information.st_mode & S_IFMT == S_IFDIR
            else { continue }
            try add(path)
        }
    }

    /// Reads what has happened.
    /// - Returns: the files that changed, relative to the root; empty when none of them is a source.
    /// - Throws: `sources_unwatched`.
    package func changes() throws(CorralError) -> Set<String> {
        var changed: Set<String> = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return changed }
            var offset = 0
            while offset + MemoryLayout<inotify_event>.size <= count {
                let event = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self) }
                let start = offset + MemoryLayout<inotify_event>.size
                let name = buffer[start..<min(count, start + Int(event.len))].prefix { $0 != 0 }
                try note(event, String(decoding: name, as: UTF8.self), &changed)
                offset = start + Int(event.len)
            }
        }
    }

    private func note(_ event: inotify_event, _ name: String, _ changed: inout Set<String>) throws(CorralError) {
        // The queue ran over: anything may have changed.
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { changed.insert("…") }
        guard let folder = folders[event.wd], !name.isEmpty else { return }
        if event.mask & UInt32(IN_ISDIR) != 0 {
            guard !Self.ignoredFolders.contains(name), event.mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0 else { return }
            try add("\(folder)/\(name)")
            changed.insert(relative("\(folder)/\(name)"))
            return
        }
        // A file that was just made is written next, and closed.
        guard event.mask & UInt32(IN_CREATE) == 0, !Self.ignoredEndings.contains(where: name.hasSuffix) else { return }
        // Editors probe whether a folder can be written with names such as .#agent.c and 4913.
        guard !name.hasPrefix("."), name != "4913" else { return }
        changed.insert(relative("\(folder)/\(name)"))
    }

    private func relative(_ path: String) -> String {
        path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
    }
}
