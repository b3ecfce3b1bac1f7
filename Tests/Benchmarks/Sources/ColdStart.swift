// SPDX-License-Identifier: Apache-2.0
// ColdStart: from nothing to the first answer of a worker at level strict, beside the same worker, driven by the same
// pool, in the sandbox that bubblewrap makes.

import CorralBase
import CorralSandbox
import CorralSupervision
import Foundation

func measureColdStart(_ rig: Rig, _ report: Report) async throws {
    let plugins = try rig.folder("plugins")
    try rig.compile("echo", into: plugins)
    let catalogue = try await rig.catalogue(plugins)
    let echo = try catalogue.agent("bench/echo")
    let strict = SpawnerLauncher(
        spawner: rig.spawner, workerExecutable: rig.launcher.workerExecutable, policy: SandboxPolicy(level: .strict))
    let peer = Bubblewrap(worker: rig.launcher.workerExecutable, readable: [rig.scratch, Place.products])
    var ours: [Double] = []
    var theirs: [Double] = []
    for repetition in 0...(8 * rig.repetitions) {
        for (launcher, isOurs) in [(strict as any WorkerLauncher, true), (peer as any WorkerLauncher, false)] {
            if !isOurs, !rig.includesPeers || !Bubblewrap.isInstalled { continue }
            let lane = try Lane(name: "cold")
            let caller = Caller(lane, try rig.pool(lane, tenant: "cold", catalogue, launcher: launcher))
            let start = monotonicNanoseconds()
            _ = try await caller.call(echo, Array("{}".utf8))
            let taken = Double(monotonicNanoseconds() - start) / 1e6
            await caller.shutdown()
            lane.stop()
            // The first warms the page cache.
            if repetition == 0 { continue }
            if isOurs { ours.append(taken) } else { theirs.append(taken) }
        }
    }
    report.add("cold-start", Report.ours, "strict, to first answer", Sample(ours), "ms")
    guard !theirs.isEmpty else { return report.note("bubblewrap is not installed: cold-start has no peer") }
    report.add("cold-start", "bubblewrap", "to first answer", Sample(theirs), "ms")
    report.compare("cold-start", "strict : bubblewrap", Sample(ours), to: Sample(theirs), aim: "≤ 1")
}

/// Workers in bubblewrap's sandbox: its own root with the same folders, all namespaces, no capabilities; without the
/// filter, Landlock, limits and cgroups that ours has besides.
struct Bubblewrap: WorkerLauncher {
    let worker: String
    let readable: [String]

    private static let program = "/usr/bin/bwrap"
    static var isInstalled: Bool { access(program, X_OK) == 0 }

    /// Where the worker has its Swift libraries from.
    private static var runtime: [String] {
        let prefix = "LD_LIBRARY_PATH="
        let paths = LaunchSpec.workerEnvironment.first { $0.hasPrefix(prefix) }?.dropFirst(prefix.count)
        return paths?.split(separator: ":").map(String.init) ?? []
    }

    private var arguments: [String] {
        let folders = ["/usr", "/lib", "/lib64"] + Self.runtime + readable
        let binds = folders.flatMap { ["--ro-bind", $0, $0] }
        let environment = LaunchSpec.workerEnvironment.flatMap { variable in
            ["--setenv"] + variable.split(separator: "=", maxSplits: 1).map(String.init)
        }
        return [Self.program, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"] + environment
            + ["--tmpfs", "/tmp"] + binds + ["--", worker, "bubblewrap"]
    }

    func launch(
        _ launch: WorkerLaunch, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let given = [(launch.ends.output, 1), (launch.ends.output, 2), (launch.ends.socket, 3), (launch.ends.crash, 4)]
        // Out of the way of the numbers they become.
        let moved = given.map { (fcntl($0.0, F_DUPFD_CLOEXEC, 64), Int32($0.1)) }
        defer { for (descriptor, _) in moved { close(descriptor) } }
        for (descriptor, number) in moved { posix_spawn_file_actions_adddup2(&actions, descriptor, number) }
        var texts = arguments.map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var pid = pid_t()
        let failure = posix_spawn(&pid, Self.program, &actions, nil, &texts, &environment)
        guard failure == 0 else { throw .internalFault("cannot start bubblewrap: \(failure)") }
        Thread.detachNewThread { [pid] in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            onExit(WorkerExit(status: status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signaled(status & 0x7F)))
        }
        return LaunchedWorker(pid: pid, level: "bubblewrap") { [pid] in kill(pid, SIGKILL) }
    }
}
