// SPDX-License-Identifier: Apache-2.0
// InputFile: opening what a person names. Regular files only, without waiting: a pipe that nobody writes to must not
// hang a command, and a device must not be an input.

import CorralBase
import CorralWire
import Glibc

enum InputFile {
    /// A descriptor of a regular file, open for reading.
    /// - Throws: `file_unreadable`.
    static func open(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CorralError.fileUnreadable(path, errorText(errno)) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw CorralError.fileUnreadable(path, "not a regular file")
        }
        return descriptor
    }

    /// A whole text file, or its last bytes.
    /// - Throws: `file_unreadable`, also for a file that is too long or not UTF-8.
    static func read(_ path: String, bytesMax: Int = Limits.documentBytesMax, fromEnd: Int? = nil) throws -> String {
        let descriptor = try open(path)
        defer { close(descriptor) }
        if let fromEnd, lseek(descriptor, off_t(-fromEnd), Int32(SEEK_END)) < 0 {
            lseek(descriptor, 0, Int32(SEEK_SET))
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CorralError.fileUnreadable(path, errorText(errno)) }
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= bytesMax else {
                throw CorralError.fileUnreadable(path, "longer than \(bytesMax) bytes")
            }
        }
        if fromEnd != nil { return String(decoding: bytes, as: UTF8.self) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CorralError.fileUnreadable(path, "not UTF-8 text")
        }
        return text
    }

    /// A type by the name's ending; agents look at the content themselves.
    static func mediaType(of name: String) -> String {
        let types = [
            "csv": "text/csv", "tsv": "text/tab-separated-values", "txt": "text/plain", "md": "text/markdown",
            "html": "text/html", "json": "application/json", "yaml": "application/yaml", "yml": "application/yaml",
            "gz": "application/gzip", "zip": "application/zip", "pdf": "application/pdf", "png": "image/png",
            "jpg": "image/jpeg", "jpeg": "image/jpeg", "svg": "image/svg+xml", "xml": "application/xml",
        ]
        let ending = name.split(separator: ".").dropFirst().last.map { $0.lowercased() } ?? ""
        return types[ending] ?? "application/octet-stream"
    }
}

enum Path {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// The path with `.` and `..` resolved as text.
    static func absolute(_ path: String) -> String {
        var parts: [Substring] = []
        for part in (path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)").split(separator: "/") where part != "."
        {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// Relative to the working directory where that is shorter to read.
    static func shortened(_ path: String) -> String {
        let here = workingDirectory
        if path == here { return "." }
        return path.hasPrefix(here + "/") ? String(path.dropFirst(here.count + 1)) : path
    }

    static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The folder a file lies in.
    static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func join(_ folder: String, _ path: String) -> String {
        path.hasPrefix("/") || folder == "." ? path : folder == "/" ? "/" + path : folder + "/" + path
    }

    /// Names in a folder, sorted; empty when it cannot be read.
    static func entries(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // Read where it lies: an entry is as long as its name, and a copy of the whole struct may leave the page.
            guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { continue }
            let text = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            let name = String(cString: text)
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
