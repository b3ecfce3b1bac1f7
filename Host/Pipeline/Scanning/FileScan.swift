// SPDX-License-Identifier: Apache-2.0
// FileScan: output files that a call pushes. What is text is scanned as the call's result is, and its name is always a copy.

import CorralBase
import Glibc

package struct FileScan: Sendable {
    private let scanner: TextScanner

    package init(scanner: TextScanner) { self.scanner = scanner }

    /// The file as it may be kept.
    /// - Parameter attributes: of the call's span; gets what was found.
    /// - Throws: `content_blocked`, `scanner_missing`, `scan_failed`; errors of reading it.
    func passed(
        _ file: WorkerOutput.File, by call: Call, _ attributes: inout JSONObject
    ) async throws -> WorkerOutput.File {
        guard await scanner.isUseful else { return file }
        var passed = file
        passed.name = await Redactor(scanner: scanner).redact(file.name)
        guard let text = try TextFile.read(file.content) else { return passed }
        // Each piece stands for itself: what policy says of a value of the result, it says of a text in a file.
        let pieces = TextFile.pieces(of: text)
        let scan = ValueScan(scanner: scanner, call: call, direction: .response)
        guard let outcome = try await scan.scan([passed.name: .array(pieces.map { .string($0) })]) else {
            return passed
        }
        outcome.report.write(to: &attributes)
        if outcome.isChanged, let kept = outcome.value.objectValue?.members.first?.value.arrayValue {
            passed.content = .bytes(Array(kept.compactMap(\.stringValue).joined().utf8))
        }
        return passed
    }
}

/// Files as texts.
package enum TextFile {
    private static let pieceBytes = 512 << 10

    /// The content of a file when it is text: UTF-8 without zero bytes, and of a size that is scanned.
    static func read(_ content: WorkerOutput.File.Content) throws -> String? {
        switch content {
        case .bytes(let bytes): return text(bytes)
        case .file(let descriptor, let count, let owner):
            defer { withExtendedLifetime(owner) {} }
            return count <= Limits.scanFileBytesMax ? text(try read(descriptor, bytes: count)) : nil
        }
    }

    /// The content of an open file when it is text; its offset stays.
    package static func read(_ descriptor: Int32) throws -> String? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size <= Limits.scanFileBytesMax else { return nil }
        return text(try read(descriptor, bytes: Int(status.st_size)))
    }

    private static func text(_ bytes: [UInt8]) -> String? {
        guard !bytes.isEmpty, bytes.count <= Limits.scanFileBytesMax, !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func read(_ descriptor: Int32, bytes count: Int) throws -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, read in
            while read < count {
                let got = pread(descriptor, buffer.baseAddress.map { $0 + read }, count - read, off_t(read))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { break }
                read += got
            }
        }
        guard failure == 0 else { throw CorralError.internalFault("an output file cannot be read: errno \(failure)") }
        return bytes
    }

    /// Pieces that can be scanned apart: together they are the text, and no value lies across two of them. Nothing that is
    /// found has a line break in it but a private key, so they end with a line that no key goes on behind.
    package static func pieces(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        guard bytes.count > pieceBytes else { return [text] }
        var pieces: [String] = []
        var start = 0
        while start < bytes.count {
            let end = border(bytes, from: start)
            pieces.append(String(decoding: bytes[start..<end], as: UTF8.self))
            start = end
        }
        return pieces
    }

    private static func border(_ bytes: [UInt8], from start: Int) -> Int {
        guard bytes.count - start > pieceBytes else { return bytes.count }
        // A text of one line goes whole.
        guard let line = bytes[(start + pieceBytes)...].firstIndex(of: 10) else { return bytes.count }
        let end = line + 1
        // The first dashes of the key that this line may lie in.
        let window = bytes[max(start, end - keyBytesMax)..<end]
        guard let key = last(keyStart, in: window), last(keyEnd, in: bytes[key..<end]) == nil, key > start else {
            return end
        }
        return key
    }

    private static let keyStart = Array("-----BEGIN ".utf8)
    private static let keyEnd = Array("-----END ".utf8)
    private static let keyBytesMax = 32 << 10

    private static func last(_ mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= mark.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - mark.count)).last { bytes[$0...].starts(with: mark) }
    }
}
