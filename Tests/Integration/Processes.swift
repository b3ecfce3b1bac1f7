// SPDX-License-Identifier: Apache-2.0
// Processes: what /proc says about the processes of one host.

import Foundation

enum Processes {
    /// A file below /proc, to its end: its size says nothing, so it is read until there is no more. Empty when it is gone.
    static func read(_ name: String) -> String {
        guard let file = FileHandle(forReadingAtPath: "/proc/\(name)") else { return "" }
        defer { try? file.close() }
        var bytes = Data()
        while let piece = try? file.read(upToCount: 1 << 16), !piece.isEmpty { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The children of a process, whichever of its threads started them.
    static func children(of parent: Int32) -> [Int32] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(parent)/task")) ?? []
        return tasks.flatMap { task in
            let text = read("\(parent)/task/\(task)/children")
            return text.split(separator: " ").compactMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
    }

    static func name(of process: Int32) -> String {
        read("\(process)/comm").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// False for one that has ended, also when nobody has asked how.
    static func isAlive(_ process: Int32) -> Bool {
        let stat = read("\(process)/stat")
        guard let end = stat.lastIndex(of: ")") else { return false }
        return !stat[stat.index(after: end)...].hasPrefix(" Z")
    }

    static func isZombie(_ process: Int32) -> Bool {
        let stat = read("\(process)/stat")
        return stat.lastIndex(of: ")").map { stat[stat.index(after: $0)...].hasPrefix(" Z") } ?? false
    }

    static func descriptors(of process: Int32) -> [Int] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? []).compactMap(Int.init)
            .sorted()
    }
}

extension Corral {
    /// The process id that the holder of the home's lock has written, if it lives.
    var hostProcess: Int32? {
        guard let text = try? String(contentsOf: home.appending(path: "host.lock"), encoding: .utf8),
            let process = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)), Processes.isAlive(process)
        else { return nil }
        return process
    }

    var spawnerProcess: Int32? {
        hostProcess.flatMap { Processes.children(of: $0).first { Processes.name(of: $0).hasPrefix("corral-spawn") } }
    }

    var workerProcesses: [Int32] {
        spawnerProcess.map { Processes.children(of: $0).filter { !Processes.isZombie($0) } } ?? []
    }

    /// The worker processes of a tenant, by the label they are started with.
    func workers(of tenant: String) -> [Int32] {
        workerProcesses.filter { Processes.read("\($0)/cmdline").contains("\(tenant)·") }
    }
}
