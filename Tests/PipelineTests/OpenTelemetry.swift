// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// OpenTelemetry's own Python package, from PyPI, in a folder that test runs share.
enum OpenTelemetry {
    /// The version that the expectations were seen with.
    private static let requirement = "opentelemetry-proto==1.45.2"

    /// Nil when pip cannot be reached. A continuous integration run (`CI` is set) does without nothing.
    static let folder: String? = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "corral-\(requirement)-\(getuid())").path()
        if FileManager.default.fileExists(atPath: folder + "/opentelemetry") { return folder }
        let made = folder + "-\(getpid())"
        let status = try? run(
            "python3", ["-m", "pip", "install", "-q", "--no-input", "--target", made, requirement]
        ).status
        guard status == 0 else { return nil }
        // Another run may have been first: its folder is as good.
        rename(made, folder)
        return folder
    }()

    static var isRequired: Bool { ProcessInfo.processInfo.environment["CI"] != nil }

    /// What the package understood of files of OTLP/JSON lines.
    static func spans(in files: [String]) throws -> [[String: Any]] {
        let folder = try #require(folder, "pip cannot install \(requirement)")
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "reference/check_spans.py")
        let (status, output, errors) = try run("python3", [script.path()] + files, ["PYTHONPATH": folder])
        try #require(status == 0, "\(errors)")
        let read = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        return try #require(read?["spans"] as? [[String: Any]])
    }

    private static func run(
        _ program: String, _ arguments: [String], _ variables: [String: String] = [:]
    ) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text, complaints)
    }
}
