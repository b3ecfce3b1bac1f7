// SPDX-License-Identifier: Apache-2.0
// FolderWatch: hears from the kernel what happens in plugins folders, inotify(7). It tells what was completed and knows
// what somebody still has open for writing: a library that is half there must not be loaded.

import CorralBase
import CorralCatalog
import CorralSupervision
import Glibc

extension Limits {
    /// Folders watched at once, a tenth of the kernel's usual bound for one user. Changes in further ones are noticed by
    /// the next request that looks for plugins.
    package static let watchedFoldersMax = 8_192
    /// Files known to be open for writing; of more than that, the rest counts as complete.
    package static let unfinishedFilesMax = 4_096
    /// Bytes of events read in one turn of the lane.
    static let watchReadBytes = 64 << 10
}

/// Watches folders that may not exist yet, that may be links, and what lies in them. Touched on its lane only.
final class FolderWatch {
    /// What a watched directory is to a plugins folder. One directory may be several things to several folders.
    private enum Role: Hashable {
        /// The folder itself or a folder in it.
        case inside(String, depth: Int)
        /// Where the folder, or the link that leads to it, is or will be: only this name counts.
        case leads(String, name: String)

        var folder: String {
            switch self {
            case .inside(let folder, _), .leads(let folder, _): folder
            }
        }
    }

    private struct Directory {
        var path: String
        var roles: Set<Role>
    }

    private enum Writing { case created(at: UInt64), written }

    private let lane: Lane
    private let tell: @Sendable (String) -> Void
    private var descriptor: Int32 = -1
    private var directories: [Int32: Directory] = [:]
    private var unfinished: [String: Writing] = [:]
    private var changed: [String: Set<String>] = [:]
    /// Plugins folders that must be looked up anew once the events at hand are read.
    private var moved: Set<String> = []
    private var folders: Set<String> = []

    /// - Parameter tell: called with a folder when something in it was completed, moved or removed.
    init(_ lane: Lane, tell: @escaping @Sendable (String) -> Void) {
        self.lane = lane
        self.tell = tell
    }

    /// - Throws: `watch_failed`; the folders are then looked at when a request asks for plugins.
    func start(_ ready: @escaping @Sendable () -> Void) throws(CorralError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { throw .watchFailed(errno) }
        do {
            try lane.watch(descriptor, events: Lane.readable) { _ in ready() }
        } catch {
            close(descriptor)
            descriptor = -1
            throw error as? CorralError ?? .internalFault("\(error)")
        }
    }

    func stop() {
        guard descriptor >= 0 else { return }
        lane.unwatch(descriptor)
        close(descriptor)
        descriptor = -1
    }

    func add(_ folder: String) {
        folders.insert(folder)
        look(up: folder)
    }

    func remove(_ folder: String) {
        folders.remove(folder)
        forget(folder)
        changed[folder] = nil
    }

    /// What happened in a folder since the last time this was asked, and what is being written now.
    func takeNews(of folder: String) -> FolderNews {
        var news = FolderNews()
        news.changed = changed.removeValue(forKey: folder) ?? []
        news.unfinished = Set(unfinished.keys)
        return news
    }

    /// Whether a file was opened and nothing written for so long that it counts as complete: a link to a file without a
    /// name looks like that.
    func settleCreated(before time: UInt64) {
        for (path, writing) in unfinished {
            guard case .created(let at) = writing, at < time else { continue }
            unfinished[path] = nil
            complete(path)
        }
    }

    var hasCreated: Bool { unfinished.values.contains { if case .created = $0 { true } else { false } } }

    // MARK: Directories

    private func look(up folder: String) {
        watchLeads(to: folder)
        guard let root = realPath(folder) else { return }
        watch(root, as: folder, depth: 0)
    }

    /// The nearest directory above that exists, and the place of a link.
    private func watchLeads(to folder: String) {
        var path = Substring(folder)
        while let slash = path.lastIndex(of: "/") {
            let name = String(path[path.index(after: slash)...])
            path = path[..<slash]
            let parent = path.isEmpty ? "/" : String(path)
            guard !name.isEmpty else { continue }
            if isDirectory(parent) {
                return add(.leads(folder, name: name), to: parent, IN_CREATE, IN_MOVED_TO, IN_MOVED_FROM, IN_DELETE)
            }
        }
    }

    private func watch(_ path: String, as folder: String, depth: Int) {
        guard depth <= Limits.pluginFolderDepthMax, isDirectory(path) else { return }
        add(
            .inside(folder, depth: depth), to: path, IN_CREATE, IN_MODIFY, IN_ATTRIB, IN_CLOSE_WRITE, IN_MOVED_TO,
            IN_MOVED_FROM, IN_DELETE, IN_DELETE_SELF, IN_MOVE_SELF)
        for name in names(in: path) where !name.hasPrefix(".") {
            watch(path + "/" + name, as: folder, depth: depth + 1)
        }
    }

    private func add(_ role: Role, to path: String, _ events: Int32...) {
        guard directories.count < Limits.watchedFoldersMax else { return }
        // Added to what is watched there already: one directory has one watch, whatever it is to whom. A link below the
        // folder is not followed, so that nobody makes the host watch the whole disk.
        var mask = events.reduce(UInt32(0)) { $0 | UInt32($1) } | UInt32(IN_MASK_ADD) | UInt32(IN_ONLYDIR)
        if case .inside(_, let depth) = role, depth > 0 { mask |= UInt32(IN_DONT_FOLLOW) }
        let number = inotify_add_watch(descriptor, path, mask)
        guard number >= 0 else { return }
        directories[number, default: Directory(path: path, roles: [])].roles.insert(role)
    }

    private func forget(_ folder: String) {
        for (number, directory) in directories {
            let rest = directory.roles.filter { $0.folder != folder }
            directories[number]?.roles = rest
            guard rest.isEmpty else { continue }
            directories[number] = nil
            inotify_rm_watch(descriptor, number)
        }
    }

    // MARK: Events

    /// Reads what the kernel has to tell. Never waits.
    func drain() {
        guard descriptor >= 0 else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.watchReadBytes, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            each(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { take($0, $1, $2) }
        }
        guard !moved.isEmpty else { return }
        for folder in moved {
            forget(folder)
            look(up: folder)
            note(folder, realPath(folder) ?? folder)
        }
        moved = []
        // What was written where nobody listens any more will never be told to be complete.
        let heard = Set(directories.values.map(\.path))
        unfinished = unfinished.filter { path, _ in
            path.lastIndex(of: "/").map { heard.contains(String(path[..<$0])) } ?? false
        }
    }

    /// The records of a read: inotify_event is 16 bytes and a name that is padded with zeros.
    private func each(_ bytes: UnsafeRawBufferPointer, _ body: (Int32, UInt32, String) -> Void) {
        var position = 0
        while position + 16 <= bytes.count {
            let number = bytes.loadUnaligned(fromByteOffset: position, as: Int32.self)
            let mask = bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)
            let length = Int(bytes.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self))
            let name = bytes[(position + 16)..<min(bytes.count, position + 16 + length)].prefix { $0 != 0 }
            body(number, mask, String(decoding: name, as: UTF8.self))
            position += 16 + length
        }
    }

    private func take(_ number: Int32, _ mask: UInt32, _ name: String) {
        func has(_ event: Int32) -> Bool { mask & UInt32(event) != 0 }
        // The kernel dropped events: nothing that is known is sure.
        if has(IN_Q_OVERFLOW) {
            unfinished = [:]
            moved = folders
            return
        }
        guard let directory = directories[number] else { return }
        if has(IN_IGNORED) { directories[number] = nil }
        for role in directory.roles {
            switch role {
            case .leads(let folder, let awaited): if name == awaited { moved.insert(folder) }
            case .inside(let folder, let depth):
                if has(IN_DELETE_SELF) || has(IN_MOVE_SELF) || has(IN_IGNORED) || has(IN_UNMOUNT) {
                    if depth == 0 { moved.insert(folder) }
                } else if !name.isEmpty, !name.hasPrefix(".") {
                    take(mask, directory.path + "/" + name, folder, depth)
                }
            }
        }
    }

    private func take(_ mask: UInt32, _ path: String, _ folder: String, _ depth: Int) {
        func has(_ event: Int32) -> Bool { mask & UInt32(event) != 0 }
        if has(IN_ISDIR) {
            if has(IN_CREATE) || has(IN_MOVED_TO) { watch(path, as: folder, depth: depth + 1) }
            if has(IN_MOVED_FROM) || has(IN_DELETE) { forgetBelow(path) }
            return note(folder, path)
        }
        if has(IN_MODIFY) {
            if unfinished.count < Limits.unfinishedFilesMax { unfinished[path] = .written }
        } else if has(IN_CREATE) {
            // A link, hard or symbolic, is there as a whole; a file of one name was opened by somebody who will write.
            guard isNewFile(path), unfinished.count < Limits.unfinishedFilesMax else { return note(folder, path) }
            unfinished[path] = .created(at: monotonicNanoseconds())
            tell(folder)
        } else if has(IN_ATTRIB) {
            if unfinished[path] == nil { note(folder, path) }
        } else {
            unfinished[path] = nil
            note(folder, path)
        }
    }

    private func complete(_ path: String) {
        for directory in directories.values where path.hasPrefix(directory.path + "/") {
            for case .inside(let folder, _) in directory.roles { note(folder, path) }
        }
    }

    /// Nobody in a folder that went away is heard any more.
    private func forgetBelow(_ path: String) {
        for key in unfinished.keys where key.hasPrefix(path + "/") { unfinished[key] = nil }
        for (number, directory) in directories where directory.path == path || directory.path.hasPrefix(path + "/") {
            directories[number] = nil
            inotify_rm_watch(descriptor, number)
        }
    }

    private func note(_ folder: String, _ path: String) {
        // Of very many changes only the place is kept: everything below counts as changed.
        if changed[folder, default: []].count >= Limits.unfinishedFilesMax {
            changed[folder] = [realPath(folder) ?? folder]
        }
        changed[folder, default: []].insert(path)
        tell(folder)
    }

    // MARK: Looking

    private func isNewFile(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_nlink == 1
    }

    private func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    private func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < Limits.pluginsFolderEntriesMax, let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) || entry.pointee.d_type == UInt8(DT_UNKNOWN) else { continue }
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: UInt8.self, capacity: 256) {
                        String(decodingCString: $0, as: UTF8.self)
                    }
                })
        }
        return names
    }

    private func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
