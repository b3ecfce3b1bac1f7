// SPDX-License-Identifier: Apache-2.0
// SampleInput: `--input name=value` as the request of a check, with files as artifacts; and a sample file as inputs of a
// run.

import CorralBase
import CorralConformance
import CorralControl
import Foundation

enum SampleInput {
    /// Reads values as `corral run` does for an agent: `@file` is a file, the rest JSON if it can be read as such.
    /// - Throws: `usage_invalid`, `file_unreadable`.
    static func sample(_ texts: [String]) throws -> Sample {
        var object = JSONObject()
        var files: [Sample.File] = []
        for (name, text) in try RunInputs.pairs(texts) {
            if text.hasPrefix("@"), !text.hasPrefix("@@") {
                let path = String(text.dropFirst())
                let bytes = try InputFile.bytes(path)
                // The worker looks at the name only, which no other file of the request may have.
                let number = String(files.count)
                let reference = "sha256:" + String(repeating: "0", count: 64 - number.count) + number
                files.append(Sample.File(reference: reference, bytes: bytes))
                object[name] = [
                    "$artifact": .string(reference), "name": .string(Path.name(path)),
                    "bytes": .int(Int64(bytes.count)), "type": .string(InputFile.mediaType(of: path)),
                ]
            } else {
                let value = text.hasPrefix("@@") ? String(text.dropFirst()) : text
                object[name] = (try? JSON(parsing: value)) ?? .string(value)
            }
        }
        return Sample(body: JSON.object(object).bytes(), files: files, origin: "--input")
    }

    /// A sample file's members as inputs of a run.
    static func runInputs(_ body: [UInt8]) -> [String: RunInput] {
        guard case .object(let object)? = try? JSON(parsing: body) else { return [:] }
        return Dictionary(uniqueKeysWithValues: object.members.map { ($0.key, .value(JSONText($0.value))) })
    }
}

extension InputFile {
    /// A whole file, of at most what a request may carry.
    /// - Throws: `file_unreadable`.
    static func bytes(_ path: String) throws -> [UInt8] {
        let descriptor = try open(path)
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let data = try handle.read(upToCount: Limits.requestBytesMax + 1) ?? Data()
        guard data.count <= Limits.requestBytesMax else {
            throw CorralError.fileUnreadable(path, "longer than \(Limits.requestBytesMax) bytes")
        }
        return Array(data)
    }
}
