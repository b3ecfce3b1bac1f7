// SPDX-License-Identifier: Apache-2.0
import CorralSDK

/// corral/tracer-file: finished spans as lines of OTLP/JSON, in files of the plugin's own folder.
package struct FileTracer: Tracer {
    package static let card: PluginCard = {
        var card = PluginCard(
            "corral/tracer-file", version: "1.0.0",
            summary: "Writes spans as lines of OTLP/JSON into files that rotate",
            serial: true, asks: Asks(storage: true))
        // Two versions would write into one file.
        card.singleton = true
        card.config = [
            ConfigField(
                "file_mb", .int, default: 16, minimum: 1, maximum: 1_024,
                help: "A file that would grow beyond this is set aside and a new one begun."),
            ConfigField(
                "files", .int, default: 5, minimum: 1, maximum: 100,
                help: "Files that are kept, with the one that grows; the oldest goes."),
        ]
        return card
    }()

    private struct Configuration: Decodable {
        var fileMB: Int
        var files: Int

        enum CodingKeys: String, CodingKey {
            case fileMB = "file_mb"
            case files
        }
    }

    private let log: SpanLog?

    /// Without a folder every call says what is missing.
    package init(_ activation: Activation) throws {
        let configuration = try activation.configuration(as: Configuration.self)
        let bounds = RotationBounds(fileBytesMax: configuration.fileMB << 20, filesMax: configuration.files)
        log = activation.storageFolder.map { SpanLog(folder: $0, bounds: bounds) }
    }

    package func export(_ batch: SpanBatch, _ context: PluginContext) async throws -> ExportReceipt {
        guard let log else { throw TracerFileErrors.noFolder() }
        let (rejected, message) = try await log.write(try batch.parsed())
        return ExportReceipt(rejected: rejected == 0 ? nil : rejected, message: message)
    }
}
