// SPDX-License-Identifier: Apache-2.0
// Support: the built `corral` in a home of its own, and a scripted host that listens there.

import CorralBase
import CorralControl
import CorralControlServer
import Foundation
import Testing

/// A folder that is a home, with a project's files in it.
final class TestHome: Sendable {
    let folder: URL
    var path: String { folder.path(percentEncoded: false) }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "corral-cli-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path(percentEncoded: false)
    }
}

/// What a finished program left.
struct Finished: Sendable {
    var status: Int32
    var output: String
    var talk: String
}

/// The built `corral`, beside the test bundle.
let program: URL = {
    let folder = Bundle.main.executableURL?.deletingLastPathComponent() ?? URL(filePath: ".build/debug")
    return folder.appending(path: "corral")
}()

func prepared(_ arguments: [String], _ home: TestHome) -> (Process, output: Pipe, talk: Pipe) {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = home.folder
    process.environment = ["PATH": "/usr/bin:/bin", "CORRAL_HOME": home.path, "HOME": home.path, "TZ": "UTC"]
    let (output, talk) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = talk
    process.standardInput = FileHandle.nullDevice
    return (process, output, talk)
}

/// Reads a pipe to its end on a thread, so that two pipes can be read at once.
final class Collected: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let box = Box()

    private final class Box: @unchecked Sendable {
        // Unchecked: written by one thread before the semaphore, read by another after it.
        var data = Data()
    }

    init(_ pipe: Pipe) {
        let handle = pipe.fileHandleForReading
        let (done, box) = (done, box)
        Thread {
            box.data = (try? handle.readToEnd()) ?? Data()
            done.signal()
        }.start()
    }

    func text() -> String {
        done.wait()
        return String(decoding: box.data, as: UTF8.self)
    }
}

struct ScriptedHandler: ControlHandler {
    typealias Script = @Sendable (ControlRequest, [Int32], EventSink) async throws -> ControlReply

    let script: Script

    func handle(
        _ request: ControlRequest, descriptors: [Int32], client: ClientIdentity, events: EventSink
    ) async throws -> ControlReply {
        try await script(request, descriptors, events)
    }

    /// Serves a home until the closure ends.
    static func serving(_ home: TestHome, _ script: @escaping Script, _ body: () async throws -> Void) async throws {
        let server = try ControlServer(path: home.path + "/control.sock", handler: ScriptedHandler(script: script))
        defer { server.stop() }
        try await body()
    }
}

func contents(of descriptor: Int32) -> String {
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
}

func temporaryFile(_ content: String) throws -> Int32 {
    let path = FileManager.default.temporaryDirectory.appending(path: "corral-\(UUID().uuidString)").path()
    try content.write(toFile: path, atomically: false, encoding: .utf8)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    unlink(path)
    return descriptor
}
