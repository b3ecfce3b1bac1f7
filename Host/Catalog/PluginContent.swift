// SPDX-License-Identifier: Apache-2.0
// PluginContent: a plugin's bytes, taken as they are now: their digest, and an immutable copy named by it from which
// workers load. A file that is overwritten in the plugins folder can then never change under a running worker.

import CorralBase
import Crypto
import Glibc

struct PluginContent: Sendable {
    var digest: ContentDigest
    struct Item: Sendable {
        /// Relative to the copy.
        var path: String
        var file: PluginFile
        var digest: ContentDigest
    }

    /// Sorted by the bytes of the path.
    var files: [Item]

    /// A single file. Its digest is what `sha256sum` prints.
    init(file: PluginFile) throws(CorralError) {
        digest = try PluginContent.digest(of: file)
        files = [Item(path: "plugin.so", file: file, digest: digest)]
    }

    /// All files of a folder: the digest covers their relative paths and contents.
    init(folder: PluginFile) throws(CorralError) {
        var found: [(path: String, file: PluginFile)] = []
        try PluginContent.collect(folder, prefix: "", depth: 0, root: folder.resolved, into: &found)
        found.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        guard found.reduce(0, { $0 + $1.file.bytes }) <= Limits.pluginFolderBytesMax else {
            throw .fileRefused(folder.path, "it holds more than \(Limits.pluginFolderBytesMax) bytes")
        }
        files = []
        var hash = SHA256()
        hash.appendPart(Array("corral folder 1".utf8))
        for (path, file) in found {
            let item = Item(path: path, file: file, digest: try PluginContent.digest(of: file))
            hash.appendPart(Array(path.utf8))
            hash.appendPart(Array(item.digest.text.utf8))
            files.append(item)
        }
        digest = ContentDigest(hash)
    }

    static func digest(of file: PluginFile) throws(CorralError) -> ContentDigest {
        var hash = SHA256()
        try file.read(bytesMax: Limits.pluginFileBytesMax) { bytes throws(CorralError) in
            hash.update(bufferPointer: bytes)
        }
        return ContentDigest(hash)
    }

    private static func collect(
        _ folder: PluginFile, prefix: String, depth: Int, root: String,
        into files: inout [(path: String, file: PluginFile)]
    ) throws(CorralError) {
        guard depth <= Limits.pluginFolderDepthMax else {
            throw .fileRefused(folder.path, "it is nested deeper than \(Limits.pluginFolderDepthMax) folders")
        }
        for name in try names(in: folder.resolved) {
            let file = try PluginFile(folder.path + "/" + name, inside: root)
            switch file.kind {
            case .folder:
                try collect(file, prefix: prefix + name + "/", depth: depth + 1, root: root, into: &files)
            case .file:
                files.append((prefix + name, file))
                guard files.count <= Limits.pluginFolderFilesMax else {
                    throw .fileRefused(folder.path, "it holds more than \(Limits.pluginFolderFilesMax) files")
                }
            }
        }
    }

    // MARK: The copy

    /// Makes sure that the copy exists below `cache` and returns its folder.
    ///
    /// The copy is made beside and renamed, so a folder of that name is always whole. What was read twice is compared:
    /// a file that changes while it is copied is refused.
    /// - Throws: `catalogue_copy_failed`; `plugin_file_refused`.
    func copy(into cache: String) throws(CorralError) -> String {
        let target = cache + "/" + digest.text
        if isWhole(target) {
            // Wanted again: `PluginCopies.prune` goes by this date.
            utimes(target, nil)
            return target
        }
        try makeFolders(cache)
        var template = Array((cache + "/.new-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .copyFailed(files.first?.file.path ?? "", to: cache, systemText(errno))
        }
        let new = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { removeTree(new) }
        for item in files { try copy(item, to: new) }
        try seal(new)
        // Fails when somebody else was faster, which is as good.
        if rename(new, target) != 0, !isWhole(target) {
            removeTree(target)
            guard rename(new, target) == 0 else { throw .copyFailed(new, to: target, systemText(errno)) }
        }
        return target
    }

    /// Whether every file is there in its length; contents are not read again.
    private func isWhole(_ target: String) -> Bool {
        files.allSatisfy { item in
            var info = stat()
            return lstat(target + "/" + item.path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
                && info.st_mode & 0o444 == 0o444 && Int(info.st_size) == item.file.bytes
        }
    }

    private func copy(_ item: Item, to folder: String) throws(CorralError) {
        let file = item.file
        let target = folder + "/" + item.path
        if let slash = target.lastIndex(of: "/") { try makeFolders(String(target[..<slash])) }
        let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
        // Workers may run as users of their own; the cache's folder is what keeps others out.
        guard descriptor >= 0, fchmod(descriptor, 0o444) == 0 else {
            throw .copyFailed(file.path, to: target, systemText(errno))
        }
        defer { close(descriptor) }
        var hash = SHA256()
        try file.read(bytesMax: Limits.pluginFileBytesMax) { bytes throws(CorralError) in
            hash.update(bufferPointer: bytes)
            try writeAll(bytes, to: descriptor, file.path, target)
        }
        guard ContentDigest(hash) == item.digest else {
            throw .fileRefused(
                file.path, "it changed while it was read", hint: "run the command again when it is written")
        }
    }
}

private func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ source: String, _ target: String
) throws(CorralError) {
    var written = 0
    while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw .copyFailed(source, to: target, systemText(errno)) }
        written += count
    }
}

private func makeFolders(_ path: String) throws(CorralError) {
    var built = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
        built += "/" + part
        if mkdir(built, 0o700) != 0, errno != EEXIST { throw .copyFailed(built, to: path, systemText(errno)) }
    }
}

/// Takes the write permission from every folder below, and of itself; deepest first.
private func seal(_ folder: String) throws(CorralError) {
    for name in try names(in: folder) {
        var info = stat()
        let path = folder + "/" + name
        if lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { try seal(path) }
    }
    // The top folder is renamed next, which needs no permission in it.
    chmod(folder, 0o555)
}

func removeTree(_ folder: String) {
    chmod(folder, 0o700)
    for name in (try? names(in: folder)) ?? [] {
        var info = stat()
        let path = folder + "/" + name
        if lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { removeTree(path) } else { unlink(path) }
    }
    rmdir(folder)
}
