// SPDX-License-Identifier: Apache-2.0
// ArtifactSaver: a run's files → a folder of the person's. Names come from plugins, so they are made harmless; nothing
// that is there is ever overwritten.

import CorralBase
import CorralControl
import CorralWire
import Glibc

struct ArtifactSaver {
    let client: ControlClient
    let tenant: TenantID
    let folder: String

    /// Saves each artifact and returns its path.
    /// - Throws: `output_not_written`; what `artifactOpen` fails with.
    func save(_ artifacts: [ArtifactDescription]) throws -> [String] {
        guard !artifacts.isEmpty else { return [] }
        try makeFolder(folder)
        return try artifacts.map { try save($0) }
    }

    private func save(_ artifact: ArtifactDescription) throws -> String {
        let request = ArtifactOpenRequest(tenant: tenant, sha256: artifact.sha256)
        guard case .artifact(_, let source) = try client.perform(.artifactOpen(request)) else {
            throw CorralError.unexpectedReply()
        }
        defer { close(source) }
        let (path, target) = try create(Self.harmless(artifact.name))
        defer { close(target) }
        try copy(source, target, path)
        return path
    }

    /// A new file: `report.html`, or `report-2.html` when that is taken.
    private func create(_ name: String) throws -> (path: String, descriptor: Int32) {
        for number in 1..<10_000 {
            let path = Path.join(folder, number == 1 ? name : Self.numbered(name, number))
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
            if descriptor >= 0 { return (path, descriptor) }
            guard errno == EEXIST else { throw CorralError.outputNotWritten(path, errorText(errno)) }
        }
        throw CorralError.outputNotWritten(Path.join(folder, name), "10,000 files of that name are there")
    }

    private func copy(_ source: Int32, _ target: Int32, _ path: String) throws {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CorralError.outputNotWritten(path, errorText(errno)) }
            if count == 0 { return }
            var written = 0
            while written < count {
                let step = buffer.withUnsafeBytes {
                    write(target, $0.baseAddress?.advanced(by: written), count - written)
                }
                if step < 0, errno == EINTR { continue }
                guard step > 0 else { throw CorralError.outputNotWritten(path, errorText(errno)) }
                written += step
            }
        }
    }

    private func makeFolder(_ path: String) throws {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, Path.folder(path) != path, Path.folder(path) != "." else {
            throw CorralError.outputNotWritten(path, errorText(errno))
        }
        try makeFolder(Path.folder(path))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw CorralError.outputNotWritten(path, errorText(errno))
        }
    }

    /// A file name without folders, control characters or a leading dot, at most 120 characters.
    static func harmless(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let kept = last.unicodeScalars.map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7F || scalar.properties.generalCategory == .format
                ? "_" : String(scalar)
        }.joined()
        let visible = kept.drop { $0 == "." || $0 == "-" || $0 == " " }
        return visible.isEmpty ? "artifact" : String(visible.prefix(120))
    }

    /// `report.html`, 2 → `report-2.html`.
    static func numbered(_ name: String, _ number: Int) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "\(name)-\(number)" }
        return "\(name[..<dot])-\(number)\(name[dot...])"
    }
}
