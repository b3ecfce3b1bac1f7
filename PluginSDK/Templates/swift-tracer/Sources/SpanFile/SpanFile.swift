// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Glibc
import Synchronization

/// Appends each batch of spans as a line to a file in its own folder, and begins a new file when one is full.
public final class SpanFile: Tracer {
    public static let card: PluginCard = {
        var card = PluginCard(
            "acme/span-file", version: "1.0.0", summary: "Writes spans to a file, a batch a line",
            asks: Asks(storage: true))
        card.config = [
            ConfigField(
                "file_bytes_max", .int, default: 16_777_216, minimum: 4096,
                help: "When a new file is begun; the last one is kept")
        ]
        return card
    }()

    struct Settings: Decodable {
        var bytesMax: Int?
        enum CodingKeys: String, CodingKey { case bytesMax = "file_bytes_max" }
    }

    private let folder: String
    private let bytesMax: Int
    /// Held while a line is written.
    private let lines = Mutex(0)

    public init(_ activation: Activation) throws {
        folder = try activation.requireStorageFolder()
        bytesMax = try activation.configuration(as: Settings.self).bytesMax ?? 16_777_216
    }

    public func export(_ batch: SpanBatch, _ context: PluginContext) async throws -> ExportReceipt {
        guard case .array(let resources)? = try batch.parsed()["resourceSpans"] else {
            throw AgentError("no_batch", "the request has no resourceSpans")
        }
        guard !batch.json.contains(UInt8(ascii: "\n")) else {
            throw AgentError("not_one_line", "the batch is not on one line")
        }
        let isWritten = lines.withLock { count in
            count += 1
            return append(batch.json + [UInt8(ascii: "\n")])
        }
        guard !isWritten else { return ExportReceipt() }
        return ExportReceipt(rejected: Self.count(resources), message: "the file cannot be written")
    }

    /// One write, so that a line is whole or, after a crash, the last.
    private func append(_ line: [UInt8]) -> Bool {
        let path = folder + "/spans.jsonl"
        var status = stat()
        if stat(path, &status) == 0, Int(status.st_size) + line.count > bytesMax {
            rename(path, folder + "/spans.1.jsonl")
        }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        return write(file, line, line.count) == line.count
    }

    private static func count(_ resources: [JSON]) -> Int {
        resources.reduce(0) { sum, resource in
            guard case .array(let scopes)? = resource["scopeSpans"] else { return sum }
            return scopes.reduce(sum) { sum, scope in
                if case .array(let spans)? = scope["spans"] { sum + spans.count } else { sum }
            }
        }
    }
}
