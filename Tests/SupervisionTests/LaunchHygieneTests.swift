// SPDX-License-Identifier: Apache-2.0
// LaunchHygieneTests: what is left of processes that are over: nothing. Counted before and after a thousand launches, and
// after launches that are killed while they are under way.

import CorralBase
import CorralSandbox
import CorralSocket
import CorralSupervision
import Foundation
import Synchronization
import Testing

/// Everything the machine keeps for this process and its children.
private struct Traces: Equatable {
    var spawnerDescriptors: Int
    var children: [String]
    var mounts: Int
    var groups: [String]

    init(spawner: Int32) {
        spawnerDescriptors = Traces.names("/proc/\(spawner)/fd").count
        children = Traces.childProcesses(of: spawner).map(String.init)
        mounts = Traces.lines("/proc/self/mountinfo") + Traces.lines("/proc/\(spawner)/mountinfo")
        groups = Traces.forgottenGroups()
    }

    static func childProcesses(of process: Int32) -> [Int32] {
        (read("/proc/\(process)/task/\(process)/children") ?? "").split(separator: " ").compactMap { Int32($0) }
    }

    /// The groups this process has made that nobody is in, twice in a row: other tests of this process have workers, too,
    /// and a group is empty for the moment between its making and its process.
    private static func forgottenGroups() -> [String] {
        let before = emptyGroups()
        usleep(before.isEmpty ? 0 : 100_000)
        return emptyGroups().filter(before.contains).sorted()
    }

    /// Wherever a hierarchy is mounted.
    private static func emptyGroups() -> [String] {
        let mounts = (read("/proc/self/mountinfo") ?? "").split(separator: "\n").filter { $0.contains(" - cgroup") }
        let points = mounts.compactMap { line in line.split(separator: " ").dropFirst(4).first.map(String.init) }
        let groups = points.flatMap { point -> [String] in
            let own = names(point).filter { $0.hasPrefix("corral-\(getpid())-") }
            return own.flatMap { group in names("\(point)/\(group)").map { "\(point)/\(group)/\($0)" } }
        }
        return groups.filter { read($0 + "/cgroup.procs") == "" }
    }

    static func names(_ folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    private static func lines(_ file: String) -> Int { (read(file) ?? "").split(separator: "\n").count }

    private static func read(_ file: String) -> String? {
        FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// One launch of the real worker, which ends by itself because its socket is at its end.
private func launch(_ spawner: Spawner, _ level: IsolationLevel?) async throws -> ExitReport {
    var ours: Int32 = -1
    var theirs: Int32 = -1
    #expect(corral_socket_pair(&ours, &theirs) == 0)
    let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { for descriptor in [theirs, null] { close(descriptor) } }
    close(ours)
    let spec = LaunchSpec(
        profile: .worker, executable: Built.worker, arguments: ["hygiene"], policy: SandboxPolicy(level: level),
        descriptors: GivenDescriptor.worker(socket: theirs, output: null, crash: null))
    let (reports, end) = AsyncStream.makeStream(of: ExitReport.self)
    _ = try await spawner.launch(spec) {
        end.yield($0)
        end.finish()
    }
    for await report in reports { return report }
    throw CancellationError()
}

/// In the order they end.
private func launches(_ count: Int, at once: Int, _ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for started in 0..<count {
            if started >= once { try await group.next() }
            group.addTask { try await body() }
        }
        try await group.waitForAll()
    }
}

/// Waits until the machine has forgotten.
private func settled(_ spawner: Int32, as before: Traces) async -> Traces {
    let deadline = monotonicNanoseconds() + 10_000_000_000
    var now = Traces(spawner: spawner)
    while now != before, monotonicNanoseconds() < deadline {
        await Task.yield()
        usleep(2000)
        now = Traces(spawner: spawner)
    }
    return now
}

@Suite(.serialized) struct LaunchHygieneTests {
    /// Which levels this machine and user can have; the others are shown by `corral doctor` with the step that fails.
    private func isAvailable(_ level: IsolationLevel, _ spawner: Spawner) async -> Bool {
        (try? await launch(spawner, level)) != nil
    }

    @Test(arguments: IsolationLevel.allCases)
    func aThousandLaunchesLeaveNothing(_ level: IsolationLevel) async throws {
        let spawner = Bench.realSpawner()
        defer { spawner.stop() }
        guard await isAvailable(level, spawner) else {
            print("level \(level.rawValue) cannot be had here; its launches were not counted")
            return
        }
        let process = try #require(spawner.processID)
        let before = Traces(spawner: process)
        #expect(before.children.isEmpty && before.groups.isEmpty)
        try await launches(1000, at: 8) {
            let report = try await launch(spawner, level)
            #expect(report.status == .exited(code: 0))
        }
        #expect(await settled(process, as: before) == before)
        #expect(spawner.processID == process)
    }

    /// Somebody kills them while they are between fork and exec, where the spawner has not answered yet.
    @Test(arguments: IsolationLevel.allCases)
    func launchesKilledOnTheirWayLeaveNothing(_ level: IsolationLevel) async throws {
        let spawner = Bench.realSpawner()
        defer { spawner.stop() }
        guard await isAvailable(level, spawner) else { return }
        let process = try #require(spawner.processID)
        let before = Traces(spawner: process)
        let isOver = Mutex(false)
        let killed = Mutex(0)
        Thread.detachNewThread {
            while !isOver.withLock({ $0 }) {
                for child in Traces.childProcesses(of: process) {
                    if kill(child, SIGKILL) == 0 { killed.withLock { $0 += 1 } }
                }
            }
        }
        let ended = Mutex(0)
        let refused = Mutex(0)
        try await launches(300, at: 8) {
            do {
                _ = try await launch(spawner, level)
                ended.withLock { $0 += 1 }
            } catch let error as CorralError {
                #expect(error.code == .launchFailed, "\(error)")
                refused.withLock { $0 += 1 }
            }
        }
        isOver.withLock { $0 = true }
        #expect(ended.withLock { $0 } + refused.withLock { $0 } == 300)
        #expect(killed.withLock { $0 } > 0)
        #expect(await settled(process, as: before) == before)
        // It is the same spawner, and it still works.
        #expect(spawner.processID == process)
        #expect(try await launch(spawner, level).status == .exited(code: 0))
    }
}
