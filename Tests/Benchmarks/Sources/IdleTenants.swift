// SPDX-License-Identifier: Apache-2.0
// IdleTenants: a hundred tenants that have run something once and wait: what they keep of the machine's memory, and that
// they keep nothing of its time.

import CorralBase
import CorralSupervision
import Foundation

private let tenantCount = 100
private let watchedSeconds = 5.0
private let flow = "flow: once\nsteps:\n  a: {agent: bench/echo, with: {}}\noutput: \"${a}\"\n"

func measureIdleTenants(_ rig: Rig, _ report: Report) async throws {
    let host = try await HostRig(rig, home: "tenants", plugins: ["echo"])
    _ = try await host.run(flow, inputs: [:], mode: "async")
    let before = Footprint.of(getpid())
    let workersBefore = Set(try workers(of: rig))
    for number in 0..<tenantCount {
        let tenant = try TenantID("tenant-\(number)")
        try await host.add(tenant)
        _ = try await host.run(flow, inputs: [:], mode: "async", tenant: tenant)
    }
    let workers = try workers(of: rig).filter { !workersBefore.contains($0) }
    guard workers.count == tenantCount else {
        throw Options.Wrong(description: "\(workers.count) workers for \(tenantCount) tenants")
    }
    let after = Footprint.of(getpid())
    let each = workers.map { Footprint.of($0) }
    report.add("idle", Report.ours, "worker, unshared [aim < 4]", Sample(each.map(\.privateDirtyMiB)), "MiB")
    report.add("idle", Report.ours, "worker, resident", Sample(each.map(\.residentMiB)), "MiB")
    report.add(
        "idle", Report.ours, "host, unshared, a tenant",
        (after.privateDirtyMiB - before.privateDirtyMiB) / Double(tenantCount), "MiB")
    report.add(
        "idle", Report.ours, "\(tenantCount) tenants, host and workers, unshared",
        after.privateDirtyMiB + each.reduce(0) { $0 + $1.privateDirtyMiB }, "MiB")
    let all = [getpid()] + workers
    let spent = all.map(Footprint.processorSeconds(of:))
    try await Task.sleep(for: .seconds(watchedSeconds))
    let idle = zip(all, spent).map { Footprint.processorSeconds(of: $0) - $1 }
    report.add("idle", Report.ours, "host, processor time", idle[0] / watchedSeconds * 100, "%")
    report.add(
        "idle", Report.ours, "\(tenantCount) workers, processor time",
        idle.dropFirst().reduce(0, +) / watchedSeconds * 100, "%")
    await host.shutDown()
}

/// Every process below the spawner that runs the worker's program.
private func workers(of rig: Rig) throws -> [Int32] {
    guard let spawner = rig.spawner.processID else { throw Options.Wrong(description: "there is no spawner") }
    let text = try String(contentsOfFile: "/proc/\(spawner)/task/\(spawner)/children", encoding: .utf8)
    return text.split(separator: " ").compactMap { Int32($0) }
}

/// What a process keeps to itself, from proc_pid_smaps(5); root may ask about any.
private struct Footprint {
    var privateDirtyMiB = Double.nan
    var residentMiB = Double.nan

    static func of(_ process: Int32) -> Footprint {
        let text = (try? String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)) ?? ""
        func value(_ name: String) -> Double {
            guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }),
                let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
            else { return .nan }
            return kilobytes / 1024
        }
        return Footprint(privateDirtyMiB: value("Private_Dirty"), residentMiB: value("Rss"))
    }

    /// Fields 14 and 15 of /proc/PID/stat, in hundredths of a second.
    static func processorSeconds(of process: Int32) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        guard let end = text.lastIndex(of: ")") else { return .nan }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
        return (user + system) / 100
    }
}
