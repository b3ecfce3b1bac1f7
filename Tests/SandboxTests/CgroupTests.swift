// SPDX-License-Identifier: Apache-2.0
// CgroupTests: which groups are found in what the kernel says, and that a limit set there holds.

import CorralBase
import Foundation
import Testing

@testable import CorralSandbox

@Suite struct CgroupTests {
    @Test func findsVersionOneByController() {
        let places = CgroupPlace.all(
            membership: "8:pids:/\n4:memory:/service/a\n3:cpu,cpuacct:/x\n0::/\n",
            mounts: """
                30 20 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
                31 20 0:27 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
                32 20 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:4 - cgroup cgroup rw,cpu,cpuacct
                """)
        #expect(
            places == [
                CgroupPlace(folder: "/sys/fs/cgroup/pids", version: 1, controllers: ["pids"]),
                CgroupPlace(folder: "/sys/fs/cgroup/memory/service/a", version: 1, controllers: ["memory"]),
                CgroupPlace(folder: "/sys/fs/cgroup/cpu,cpuacct/x", version: 1, controllers: ["cpu", "cpuacct"]),
            ])
    }

    @Test func findsVersionTwoAndTheVisiblePartOfAContainer() throws {
        let root = Built.scratch + "/unified-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: root + "/inner", withIntermediateDirectories: true)
        try "cpu memory pids\n".write(toFile: root + "/inner/cgroup.controllers", atomically: false, encoding: .utf8)
        let places = CgroupPlace.all(
            membership: "0::/docker/abc/inner\n",
            mounts: "30 20 0:26 /docker/abc \(root) rw,relatime - cgroup2 cgroup rw\n")
        #expect(
            places == [
                CgroupPlace(folder: root + "/inner", version: 2, controllers: ["cpu", "memory", "pids"])
            ])
    }

    @Test func saysWhyThereIsNone() {
        let tree = CgroupTree(membership: "", mounts: "")
        #expect(tree.branches.isEmpty)
        #expect(tree.absent.count == CgroupTree.Controller.allCases.count)
    }

    @Test func aFolderThatCannotBeWrittenIsNoBranch() {
        let tree = CgroupTree(
            membership: "1:memory:/\n", mounts: "30 20 0:26 / /proc/self rw - cgroup cgroup rw,memory\n")
        #expect(tree.branches.isEmpty)
        #expect(tree.absent[.memory]?.hasPrefix("/proc/self cannot be written") == true)
    }

    @Test func removesWhatDeadHostsLeft() throws {
        let root = Built.scratch + "/tree-\(UInt64.random(in: 0...UInt64.max))"
        let dead = root + "/corral-999999999-1"
        let other = root + "/corral-of-somebody"
        for folder in [dead + "/7", other] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let tree = CgroupTree(
            membership: "1:memory:/\n", mounts: "30 20 0:26 / \(root) rw - cgroup cgroup rw,memory\n")
        #expect(!FileManager.default.fileExists(atPath: dead))
        #expect(FileManager.default.fileExists(atPath: other))
        #expect(tree.branches.map(\.folder).allSatisfy { $0.hasPrefix(root + "/corral-\(getpid())-") })
        tree.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["corral-of-somebody"])
    }

    private static var hasPids: Bool { CgroupTree.shared.present.contains { $0.0 == .pids } }
    private static var hasMemory: Bool { CgroupTree.shared.present.contains { $0.0 == .memory } }

    @Test(.enabled(if: hasPids, "no pids controller can be written here"))
    func aProcessIsInItsGroupAndTheGroupGoesWithIt() async throws {
        var limits = ResourceLimits()
        limits.processes = 33
        let child = try TestChild(
            .worker, Built.inside, ["wait"], policy: SandboxPolicy(level: .strict, limits: limits))
        let spawner = makeSpawner()
        let launched = try await child.launch(spawner)
        let branch = try #require(CgroupTree.shared.branches.first { $0.controllers.contains(.pids) })
        let group = try #require(
            try FileManager.default.contentsOfDirectory(atPath: branch.folder).first { name in
                readText("\(branch.folder)/\(name)/cgroup.procs")?.hasPrefix("\(launched.pid)\n") == true
            })
        #expect(readText("\(branch.folder)/\(group)/pids.max") == "33\n")
        spawner.kill(launched.id)
        #expect(child.exit() != nil)
        #expect(!FileManager.default.fileExists(atPath: "\(branch.folder)/\(group)"))
    }

    @Test(.enabled(if: hasMemory, "no memory controller can be written here"))
    func saysThatAProcessUsedUpItsMemory() async throws {
        var limits = ResourceLimits()
        limits.memoryBytes = 32 << 20
        let child = try TestChild(.worker, Built.inside, ["eat=16", "eat=64"], policy: SandboxPolicy(limits: limits))
        let spawner = makeSpawner()
        try await child.launch(spawner)
        #expect(child.printed() == "eat=16: 1\n")
        let report = child.exit()
        #expect(report?.status == .signaled(SIGKILL))
        #expect(report?.isOutOfMemory == true)
        let killed = try TestChild(.worker, Built.inside, ["wait"], policy: SandboxPolicy(limits: limits))
        let launched = try await killed.launch(spawner)
        spawner.kill(launched.id)
        #expect(killed.exit()?.isOutOfMemory == false)
    }
}
