// SPDX-License-Identifier: Apache-2.0
// TestChild: a process behind a real spawner, and the host's ends of what it was given.

import CorralBase
import CorralSocket
import Foundation
import Testing

@testable import CorralSandbox

/// What the build made, and the program that looks around inside, built once for this test run.
enum Built {
    static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    static let spawner = products.appendingPathComponent("corral-spawner").path

    /// In a folder that every user can reach.
    static let scratch: String = {
        let folder = "/tmp/corral-sandbox-tests-\(getpid())"
        mkdir(folder, 0o755)
        return folder
    }()

    static let inside = compile("inside")

    /// The spawner on a kernel that lacks something.
    static func spawner(denying what: String) -> Spawner {
        let output = what.map { $0.isLetter || $0 == "_" ? String($0) : "-" }.joined()
        return Spawner(
            executable: compile("deny", as: output, ["-DWHAT=\"\(what)\"", "-DSPAWNER=\"\(spawner)\""]))
    }

    static func compile(_ name: String, as output: String? = nil, _ definitions: [String] = []) -> String {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Inside/\(name).c")
        let program = scratch + "/" + (output ?? name)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/cc")
        compiler.arguments = ["-std=gnu11", "-O1", "-pthread", source.path, "-o", program] + definitions
        do { try compiler.run() } catch { Issue.record("cannot run cc: \(error)") }
        compiler.waitUntilExit()
        #expect(compiler.terminationStatus == 0, "\(name).c does not build")
        chmod(program, 0o755)
        return program
    }

    /// A spawner of its own for each test, so that one may be killed.
    static func makeSpawner() -> Spawner { Spawner(executable: spawner) }
}

func makeSpawner() -> Spawner { Built.makeSpawner() }

final class TestChild: @unchecked Sendable {
    // Unchecked: descriptors are constant, the report is written once before the signal and read after the wait.
    let spec: LaunchSpec
    let socket: Int32
    private let output: Int32
    private let ended = DispatchSemaphore(value: 0)
    private var report: ExitReport?
    private let theirs: [Int32]

    convenience init(
        _ executable: String, arguments: [String] = [], environment: [String] = [], limits: ResourceLimits = .init()
    ) throws {
        try self.init(
            .worker, executable, arguments, environment: environment,
            policy: SandboxPolicy(level: .basic, limits: limits))
    }

    init(
        _ profile: LaunchSpec.Profile, _ executable: String, _ arguments: [String], environment: [String] = [],
        policy: SandboxPolicy, readable: [String] = [], writable: [String] = []
    ) throws {
        var ours: Int32 = -1
        var other: Int32 = -1
        #expect(corral_socket_pair(&ours, &other) == 0)
        var outputPipe: [Int32] = [-1, -1]
        var crashPipe: [Int32] = [-1, -1]
        #expect(pipe(&outputPipe) == 0 && pipe(&crashPipe) == 0)
        socket = ours
        output = outputPipe[0]
        close(crashPipe[0])
        theirs = [other, outputPipe[1], crashPipe[1]]
        spec = LaunchSpec(
            profile: profile, executable: executable, arguments: arguments, environment: environment, policy: policy,
            readable: readable, writable: writable.map { WritableFolder($0) },
            descriptors: GivenDescriptor.worker(socket: other, output: outputPipe[1], crash: crashPipe[1]))
    }

    deinit {
        close(socket)
        close(output)
    }

    @discardableResult
    func launch(_ spawner: Spawner) async throws -> Launched {
        defer { for end in theirs { close(end) } }
        return try await spawner.launch(spec) { [self] report in
            self.report = report
            ended.signal()
        }
    }

    /// Everything the child printed, until its last writer is gone.
    func printed() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += buffer.prefix(count)
        }
    }

    /// Until it has printed something, for at most ten seconds.
    func awaitOutput() {
        var watched = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        #expect(poll(&watched, 1, 10_000) == 1)
    }

    func exit() -> ExitReport? { ended.wait(timeout: .now() + 20) == .success ? report : nil }
}

/// Launches the program that looks around and returns its answers by question.
func ask(
    _ questions: [String], profile: LaunchSpec.Profile = .worker, policy: SandboxPolicy, environment: [String] = [],
    readable: [String] = [], writable: [String] = [], spawner: Spawner? = nil
) async throws -> [String: String] {
    let child = try TestChild(
        profile, Built.inside, questions, environment: environment, policy: policy, readable: readable,
        writable: writable)
    let spawner = spawner ?? Built.makeSpawner()
    try await child.launch(spawner)
    var answers: [String: String] = [:]
    for line in child.printed().split(separator: "\n") {
        guard let colon = line.range(of: ": ") else { continue }
        answers[String(line[..<colon.lowerBound])] = String(line[colon.upperBound...])
    }
    _ = child.exit()
    withExtendedLifetime(spawner) {}
    return answers
}
