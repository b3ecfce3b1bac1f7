// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The built `MemoryWriter`, which lies beside the test program.
enum WriterProcess {
    /// Starts it, kills it after so many acknowledgements.
    /// - Returns: how many there were in all.
    static func killedAfter(acknowledgements wanted: Int, folder: String, round: Int) throws -> Int {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent()
            .appendingPathComponent("MemoryWriter")
        process.arguments = [folder, "\(round)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var text = ""
        while lines(text) < wanted {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += String(decoding: more, as: UTF8.self)
        }
        kill(process.processIdentifier, SIGKILL)
        text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return lines(text)
    }

    private static func lines(_ text: String) -> Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }
}
