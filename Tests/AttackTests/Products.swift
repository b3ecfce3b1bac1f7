// SPDX-License-Identifier: Apache-2.0
// Products: the built programs, run as a user would.

import Foundation
import Testing

enum Products {
    /// The folder with the products of this build, or of the one that $CORRAL_PRODUCTS names.
    static let folder =
        ProcessInfo.processInfo.environment["CORRAL_PRODUCTS"].map { URL(filePath: $0) }
        ?? Bundle.main.executableURL?.deletingLastPathComponent() ?? URL(filePath: "/")
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct Output {
        var status: Int32
        var standardOutput: String
        var standardError: String

        /// The printed JSON document.
        func json() throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(standardOutput.utf8))
            return try #require(value as? [String: Any], "\(standardOutput)\n\(standardError)")
        }
    }

    static func path(_ program: String) -> String { folder.appending(path: program).path() }

    static func run(_ arguments: [String]) throws -> Output {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        var variables = ProcessInfo.processInfo.environment
        variables["CORRAL_HOME"] = nil
        variables["NO_COLOR"] = "1"
        process.environment = variables
        // Files, because a pipe that is not emptied meanwhile would stop the program.
        let scratch = FileManager.default.temporaryDirectory
        let files = (0..<2).map { _ in scratch.appending(path: "corral-out-\(UUID().uuidString)") }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        for file in files { _ = FileManager.default.createFile(atPath: file.path(), contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return Output(status: process.terminationStatus, standardOutput: texts[0], standardError: texts[1])
    }
}
