// SPDX-License-Identifier: Apache-2.0
// SpanLog: takes batches of spans, one at a time and in order, and writes each as a line.

import CorralSDK

package actor SpanLog {
    private let folder: String
    private let bounds: RotationBounds
    private var files: SpanFiles?

    /// - Parameter folder: the plugin's own. Nothing is opened before the first batch.
    package init(folder: String, bounds: RotationBounds = RotationBounds()) {
        self.folder = folder
        self.bounds = bounds
    }

    /// Writes a batch as it is, with its spans checked.
    /// - Returns: how many spans were left out because no reader could take them, and why.
    package func write(_ batch: JSON) throws -> (rejected: Int, message: String?) {
        let checked = try CheckedSpans(batch)
        guard checked.count > 0 else { return (checked.rejected, checked.message) }
        let line = checked.json.bytes
        guard line.count < bounds.fileBytesMax else {
            throw TracerFileErrors.batchTooLarge(bytes: line.count, max: bounds.fileBytesMax)
        }
        do throws(FileFault) {
            try append(line)
        } catch {
            files = nil
            throw TracerFileErrors.file(error)
        }
        return (checked.rejected, checked.message)
    }

    private func append(_ line: [UInt8]) throws(FileFault) {
        var open: SpanFiles
        if let files { open = files } else { open = try SpanFiles(folder: folder, bounds: bounds) }
        if open.isFull(for: line) {
            try open.rotate()
            open = try SpanFiles(folder: folder, bounds: bounds)
        }
        files = open
        try open.append(line)
    }
}
