// SPDX-License-Identifier: Apache-2.0
// CallOutput: what one call has produced so far, within its limits.

import CorralBase
import CorralSocket
import CorralWire
import Glibc

extension Limits {
    /// An artifact's bytes stay in memory up to this size, then they go to a file without a name.
    package static let artifactMemoryBytesMax = 1 << 20
    package static let artifactNameBytesMax = 128
    package static let mediaTypeBytesMax = 255
}

struct CallOutput {
    private struct Artifact {
        var mediaType: String
        var bytes: [UInt8] = []
        var spool: OwnedDescriptor?
        var count = 0
    }

    private(set) var result: [UInt8] = []
    private(set) var partialBytes = 0
    private var artifactBytes = 0
    private var names: [String] = []
    private var artifacts: [String: Artifact] = [:]
    private let spoolFolder: String?
    /// The tenant's limit, when it is below the host's own.
    var resultBytesLimit: Int64?

    init(spoolFolder: String?) { self.spoolFolder = spoolFolder }

    /// - Returns: which limit is broken, in words, or nil.
    mutating func append(_ message: DataMessage) -> String? {
        switch message {
        case .result(let bytes):
            let limit = TenantLimit.payloadBytes
            if let most = resultBytesLimit, result.count + bytes.count > most {
                return "its result exceeds \(limit.text(most)) (\(limit.path)); larger values belong into an artifact"
            }
            guard result.count + bytes.count <= Limits.resultBytesMax else {
                return "its result exceeds \(Limits.resultBytesMax) bytes; larger values belong into an artifact"
            }
            result.append(contentsOf: bytes)
        case .partial(let bytes):
            guard partialBytes + bytes.count <= Limits.partialBytesMax else {
                return "its partial output exceeds \(Limits.partialBytesMax) bytes"
            }
            partialBytes += bytes.count
        case .artifact(let name, let mediaType, let bytes): return append(name, mediaType, bytes)
        }
        return nil
    }

    private mutating func append(_ name: String, _ mediaType: String, _ bytes: [UInt8]) -> String? {
        guard artifactBytes + bytes.count <= Limits.artifactBytesMax else {
            return "its artifacts exceed \(Limits.artifactBytesMax) bytes together"
        }
        if artifacts[name] == nil {
            guard names.count < Limits.artifactsPerCallMax else {
                return "it made more than \(Limits.artifactsPerCallMax) artifacts"
            }
            guard isFileName(name), mediaType.utf8.count <= Limits.mediaTypeBytesMax else {
                return "it named an artifact \"\(printable(String(name.prefix(64))))\", which is no plain file name"
            }
            names.append(name)
            artifacts[name] = Artifact(mediaType: mediaType)
        }
        artifactBytes += bytes.count
        artifacts[name]?.count += bytes.count
        artifacts[name]?.bytes.append(contentsOf: bytes)
        guard let held = artifacts[name]?.bytes.count, held > Limits.artifactMemoryBytesMax else { return nil }
        return spool(name)
    }

    private mutating func spool(_ name: String) -> String? {
        guard var artifact = artifacts[name], let spoolFolder else { return nil }
        // Taken out while it is changed, so that the bytes are not copied.
        artifacts[name] = Artifact(mediaType: artifact.mediaType)
        defer { artifacts[name] = artifact }
        if artifact.spool == nil {
            let number = open(spoolFolder, unnamedFile, 0o600)
            guard number >= 0 else { return "the host cannot keep its artifact: \(errorText(errno))" }
            artifact.spool = OwnedDescriptor(number)
        }
        guard let number = artifact.spool?.number, writeAll(artifact.bytes, to: number) else {
            return "the host cannot keep its artifact: \(errorText(errno))"
        }
        artifact.bytes.removeAll(keepingCapacity: true)
        return nil
    }

    /// What was produced; reading starts at the beginning of each file.
    /// - Throws: `artifact_unwritable`.
    func takeArtifacts() throws(CorralError) -> [ProducedArtifact] {
        var produced: [ProducedArtifact] = []
        for name in names {
            guard let artifact = artifacts[name] else { continue }
            var content = ProducedArtifact.Content.bytes(artifact.bytes)
            if let spool = artifact.spool {
                guard writeAll(artifact.bytes, to: spool.number) else { throw .artifactUnwritable(name, errno) }
                lseek(spool.number, 0, SEEK_SET)
                content = .file(spool, bytes: artifact.count)
            }
            produced.append(ProducedArtifact(name: name, mediaType: artifact.mediaType, content: content))
        }
        return produced
    }
}

/// open(2) O_TMPFILE | O_RDWR | O_CLOEXEC; the C macros are not imported.
private let unnamedFile: Int32 = 0o20_000_000 | O_DIRECTORY | O_RDWR | O_CLOEXEC

private func isFileName(_ name: String) -> Bool {
    (1...Limits.artifactNameBytesMax).contains(name.utf8.count) && name != "." && name != ".."
        && name.unicodeScalars.allSatisfy { $0 != "/" && $0.value >= 0x20 && $0.value != 0x7F }
}

private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes {
            write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
        }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        written += count
    }
    return true
}
