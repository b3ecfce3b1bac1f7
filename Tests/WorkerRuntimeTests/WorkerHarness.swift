// SPDX-License-Identifier: Apache-2.0
// WorkerHarness: a real corral-worker behind a real corral-spawner, and the host's end of its socket, for tests that play
// the host frame by frame.

import CorralBase
import CorralSandbox
import CorralSocket
import CorralWire
import Foundation
import Testing

/// What the build made, and the bad plugins built once for this test run.
enum Built {
    static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    static let spawner = Spawner(executable: products.appendingPathComponent("corral-spawner").path)
    static let worker = products.appendingPathComponent("corral-worker").path

    static let plugins: String = {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("BadPlugins")
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("corral-bad-plugins-\(getpid())")
        let make = Process()
        make.executableURL = URL(fileURLWithPath: "/usr/bin/make")
        make.arguments = ["-s", "-C", source.path, "OUT=\(output.path)"]
        do { try make.run() } catch { Issue.record("cannot run make: \(error)") }
        make.waitUntilExit()
        #expect(make.terminationStatus == 0, "the bad plugins do not build")
        return output.path
    }()

    static func plugin(_ name: String) -> String { "\(plugins)/\(name).so" }
}

/// One worker and the host's end of its socket. Every wait has a deadline.
final class TestWorker {
    let socket: FrameSocket
    let launched: Launched
    private let descriptor: Int32
    private let output: Int32
    private let crash: Int32
    private let exit = ExitBox()

    final class ExitBox: @unchecked Sendable {
        // Unchecked: written once before the signal, read after the wait.
        let done = DispatchSemaphore(value: 0)
        var report: ExitReport?
    }

    /// Starts a worker and waits for its `ready`.
    static func start(
        callsMax: UInt32 = 16, creditBytes: UInt32 = UInt32(Limits.callCreditBytes),
        limits: ResourceLimits = ResourceLimits()
    ) async throws -> TestWorker {
        let worker = try await TestWorker(limits)
        try worker.socket.send(HelloMessage(key: "test·1", callsMax: callsMax, creditBytes: creditBytes).frame)
        let ready = try ReadyMessage(worker.next(.ready))
        #expect(ready.version == wireVersion)
        #expect(ready.toolchain.hasPrefix("swift-"))
        return worker
    }

    private init(_ limits: ResourceLimits) async throws {
        var ours: Int32 = -1
        var theirs: Int32 = -1
        #expect(corral_socket_pair(&ours, &theirs) == 0)
        var outputPipe: [Int32] = [-1, -1]
        var crashPipe: [Int32] = [-1, -1]
        #expect(pipe(&outputPipe) == 0 && pipe(&crashPipe) == 0)
        descriptor = ours
        output = outputPipe[0]
        crash = crashPipe[0]
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(ours, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        socket = FrameSocket(ours, payloadBytesMax: Limits.frameBytesMax)
        let spec = LaunchSpec(
            profile: .worker, executable: Built.worker, arguments: ["test"], policy: SandboxPolicy(limits: limits),
            readable: [Built.plugins],
            descriptors: GivenDescriptor.worker(socket: theirs, output: outputPipe[1], crash: crashPipe[1]))
        let exit = exit
        launched = try await Built.spawner.launch(spec) { report in
            exit.report = report
            exit.done.signal()
        }
        for end in [theirs, outputPipe[1], crashPipe[1]] { close(end) }
    }

    deinit {
        Built.spawner.kill(launched.id)
        for end in [descriptor, output, crash] { close(end) }
    }

    // MARK: Frames

    /// The next frame, which must be of this kind. Log frames are skipped unless asked for.
    func next(_ kind: FrameKind) throws -> Frame {
        let frame = try nextFrame(skippingLogs: kind != .log)
        guard frame.kind == kind else {
            throw Unexpected(
                text: "frame of kind \(frame.kind.rawValue) instead of \(kind.rawValue): \(describe(frame))")
        }
        return frame
    }

    func nextFrame(skippingLogs: Bool = true) throws -> Frame {
        while true {
            guard let received = try socket.receive() else { throw Unexpected(text: "the worker ended") }
            if received.frame.kind != .log || !skippingLogs { return received.frame }
        }
    }

    struct Unexpected: Error, CustomStringConvertible {
        var text: String
        var description: String { text }
    }

    private func describe(_ frame: Frame) -> String {
        if let failed = try? LoadFailedMessage(frame) { return failed.detail }
        return String(decoding: frame.payload.prefix(200), as: UTF8.self)
    }

    // MARK: Plugins

    func load(
        _ name: String, number: UInt32 = 1, isProbe: Bool = false, expected: [UInt8]? = nil,
        configuration: String = "{}"
    )
        throws -> (manifest: [UInt8], tools: [UInt8])
    {
        try load(
            LoadMessage(
                plugin: number, form: .plugin, path: Built.plugin(name), isProbe: isProbe,
                expectedManifest: expected ?? [],
                configuration: Array(configuration.utf8)))
    }

    func load(_ message: LoadMessage) throws -> (manifest: [UInt8], tools: [UInt8]) {
        try socket.send(message.frame)
        var manifest: [UInt8] = []
        while true {
            let frame = try nextFrame()
            if frame.kind == .manifest {
                manifest += try ManifestMessage(frame).bytes
            } else if frame.kind == .loaded {
                return (manifest, try LoadedMessage(frame).tools)
            } else {
                throw Unexpected(text: describe(frame))
            }
        }
    }

    func loadFailure(_ message: LoadMessage) throws -> LoadFailedMessage {
        try socket.send(message.frame)
        while true {
            let frame = try nextFrame()
            if frame.kind != .manifest { return try LoadFailedMessage(frame) }
        }
    }

    func loadFailure(_ name: String) throws -> LoadFailedMessage {
        try loadFailure(LoadMessage(plugin: 1, form: .plugin, path: Built.plugin(name), isProbe: true))
    }

    // MARK: Calls

    struct Outcome {
        var result: [UInt8] = []
        var partial: [UInt8] = []
        var artifacts: [String: [UInt8]] = [:]
        var progress: [ProgressMessage] = []
        var complete = CompleteMessage(status: -99)
        var text: String { String(decoding: result, as: UTF8.self) }
    }

    func send(
        _ call: UInt64, _ body: String = "{}", plugin: UInt32 = 1, target: CallTarget = .agent, method: String = "",
        deadline: UInt64 = 0
    ) throws {
        let message = CallMessage(
            plugin: plugin, target: target, method: method, deadline: deadline, body: Array(body.utf8))
        try socket.send(message.frame(call: call))
    }

    /// Reads to the call's completion. `credit` gives back what was consumed, as a host does.
    func finish(_ call: UInt64, givesCredit: Bool = true) throws -> Outcome {
        var outcome = Outcome()
        while true {
            let frame = try nextFrame()
            guard frame.call == call else { throw Unexpected(text: "a frame of call \(frame.call)") }
            switch frame.kind {
            case .data:
                switch try DataMessage(frame) {
                case .result(let bytes): outcome.result += bytes
                case .partial(let bytes): outcome.partial += bytes
                case .artifact(let name, _, let bytes): outcome.artifacts[name, default: []] += bytes
                }
                if givesCredit {
                    try socket.send(CreditMessage(bytes: UInt32(frame.payload.count)).frame(call: call))
                }
            case .progress: outcome.progress.append(try ProgressMessage(frame))
            case .complete:
                outcome.complete = try CompleteMessage(frame)
                return outcome
            default: throw Unexpected(text: "frame of kind \(frame.kind.rawValue)")
            }
        }
    }

    func call(
        _ body: String = "{}", plugin: UInt32 = 1, target: CallTarget = .agent, method: String = ""
    ) throws -> Outcome {
        try send(77, body, plugin: plugin, target: target, method: method)
        return try finish(77)
    }

    // MARK: The end

    /// Reads to the end of the stream and returns how the process ended.
    func awaitExit() throws -> ExitReport {
        while let received = try? socket.receive() { _ = received }
        guard exit.done.wait(timeout: .now() + 20) == .success, let report = exit.report else {
            throw Unexpected(text: "the worker does not end")
        }
        return report
    }

    /// The crash record, nil when the worker left none. Call it after the exit.
    func crashRecord() -> CrashRecord? { CrashRecord(drain(crash)) }

    /// What was written to standard output and error. Call it after the exit.
    func printed() -> String { String(decoding: drain(output), as: UTF8.self) }

    private func drain(_ descriptor: Int32) -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return all }
            all += buffer.prefix(count)
        }
    }
}
