// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program run to its end, for tests that compile what authors compile.
struct Command {
    let status: Int32
    /// Standard output and standard error in one.
    let output: String

    /// - Parameter environment: added to the test's own.
    static func run(
        _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
    ) throws -> Command {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Command(status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
    }
}

/// Where the sources that are tested lie.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let sdk = root.appending(path: "PluginSDK").resolvingSymlinksInPath()
    static let headers = sdk.appending(path: "include")
    static let pages = root.appending(path: "docs/plugins").resolvingSymlinksInPath()
}

/// A folder that is gone when its user is.
final class ScratchFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "corral-sdk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}
