// SPDX-License-Identifier: Apache-2.0
// MemoryWriter: a process that puts entries and prints a line after each that was acknowledged, made to be killed.

import CorralSDK
import Glibc
import MemorySQLite

@main
struct MemoryWriter {
    /// `FOLDER ROUND`
    static func main() async throws {
        let store = MemoryStore(folder: CommandLine.arguments[1])
        let round = CommandLine.arguments[2]
        for index in 0..<100_000 {
            let text = "entry \(index)"
            _ = try await store.put(
                MemoryPut(
                    nowMilliseconds: Int64(index), namespace: "agent:a/b", layer: .longTerm, key: "r\(round)-\(index)",
                    text: text))
            print("ack \(index)")
            fflush(nil)
        }
    }
}
