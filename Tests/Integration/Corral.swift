// SPDX-License-Identifier: Apache-2.0
// Corral: drives the built program as a user would, in a project folder of its own under the system's temporary folder.

import Foundation
import Testing

/// A project folder with its own home. `stop()` ends the host that its commands started; `deinit` removes the folder.
final class Corral {
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

    /// The folder with the products of this build, or of the one that $CORRAL_PRODUCTS names.
    static let products =
        ProcessInfo.processInfo.environment["CORRAL_PRODUCTS"].map { URL(filePath: $0) }
        ?? Bundle.main.executableURL?.deletingLastPathComponent() ?? URL(filePath: "/")
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// The bad plugins, compiled once for the whole test run.
    static let badPlugins: Result<URL, any Error> = Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "corral-bad-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let output = try execute(
            "/usr/bin/env",
            ["make", "-s", "-C", repository.appending(path: "Tests/BadPlugins").path(), "OUT=\(folder.path())"])
        guard output.status == 0 else { throw BuildFailure(text: output.standardError) }
        return folder
    }

    struct BuildFailure: Error { var text: String }

    let project: URL
    var home: URL { project.appending(path: ".corral") }
    var pluginFolder: URL { project.appending(path: "plugins.d") }
    var environment: [String: String] = [:]

    init() throws {
        project = FileManager.default.temporaryDirectory.appending(path: "corral-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(
            at: project.appending(path: ".corral"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try FileManager.default.createDirectory(at: pluginFolder, withIntermediateDirectories: true)
    }

    deinit {
        let host = hostProcess
        stop()
        if let host { try? eventually("the host has ended", within: 10) { !Processes.isAlive(host) } }
        try? FileManager.default.removeItem(at: project)
    }

    /// A folder that the project's plugins can write, which they can at isolation basic only: at every other level a
    /// worker leaves no trace outside that a test could count.
    func effects() throws -> URL {
        environment["CORRAL_ISOLATION"] = "basic"
        let folder = project.appending(path: "effects")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // As root the host gives its tenant a user of its own.
        chmod(project.path(), 0o755)
        chmod(folder.path(), 0o777)
        return folder
    }

    /// The host may still be ending when this returns; a command that comes then waits for it.
    func stop() { _ = try? self("host", "stop") }

    /// Copies a compiled bad plugin into the project's plugins.d.
    func install(_ names: String...) throws {
        let folder = try Corral.badPlugins.get()
        for name in names {
            let target = pluginFolder.appending(path: "\(name).so")
            try? FileManager.default.removeItem(at: target)
            try FileManager.default.copyItem(at: folder.appending(path: "\(name).so"), to: target)
        }
    }

    func write(_ name: String, _ text: String) throws -> String {
        let file = project.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path()
    }

    /// Runs `corral` with these arguments in the project folder.
    @discardableResult
    func callAsFunction(_ arguments: String...) throws -> Output { try run(arguments) }

    func run(_ arguments: [String]) throws -> Output {
        try Corral.execute(
            Corral.products.appending(path: "corral").path(), arguments, folder: project, environment: environment)
    }

    /// Starts `corral` and returns at once.
    func start(_ arguments: [String], output: URL) throws -> Process {
        _ = FileManager.default.createFile(atPath: output.path(), contents: nil)
        let handle = try FileHandle(forWritingTo: output)
        let process = Corral.process(
            Corral.products.appending(path: "corral").path(), arguments, folder: project, environment: environment)
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        return process
    }

    static func execute(
        _ program: String, _ arguments: [String], folder: URL? = nil, environment: [String: String] = [:]
    ) throws -> Output {
        let process = process(program, arguments, folder: folder, environment: environment)
        // Files, not pipes: a host that a command leaves behind must not keep the test waiting for the pipe's end.
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

    private static func process(
        _ program: String, _ arguments: [String], folder: URL?, environment: [String: String]
    ) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = folder }
        var variables = ProcessInfo.processInfo.environment
        variables["CORRAL_HOME"] = nil
        variables["NO_COLOR"] = "1"
        process.environment = variables.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        return process
    }
}

/// Waits until the condition holds.
/// - Throws: when it does not within the time, which is far beyond what any machine needs.
func eventually(_ what: String, within seconds: Double = 30, _ condition: () throws -> Bool) throws {
    let deadline = Date().addingTimeInterval(seconds)
    while try !condition() {
        guard Date() < deadline else { throw Corral.BuildFailure(text: "not within \(seconds) s: \(what)") }
        Thread.sleep(forTimeInterval: 0.01)
    }
}
