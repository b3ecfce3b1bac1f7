// SPDX-License-Identifier: Apache-2.0
// ProcessFolder: what the host sets of a process that the spawner started: whether it stands back for others. It holds
// the process's folder in /proc open, which is of this process for ever: when the process is gone and its number is
// another's, the folder is empty and nothing can be set in it.

import Glibc
import Synchronization

package final class ProcessFolder: Sendable {
    private let folder: Int32
    /// The file that makes its control group stand back, with what to write; found when first needed.
    private let lever = Mutex<ProcessorLever?>(nil)

    /// Nil when there is no such process, or no /proc.
    package init?(_ pid: Int32) {
        folder = open("/proc/\(pid)", pathOnly | O_DIRECTORY | O_CLOEXEC)
        if folder < 0 { return nil }
    }

    deinit { close(folder) }

    /// Whether it gets only the processor time that nobody else wants. By its control group when this host made one for it,
    /// else by its session's autogroup (sched(7)); does nothing where the system has neither.
    /// - Returns: whether it was done.
    @discardableResult
    package func yieldProcessor(_ yields: Bool) -> Bool {
        if let lever = groupLever() { return lever.set(yields) }
        return write(descriptor(of: "autogroup", O_WRONLY), yields ? "19" : "0")
    }

    /// What `yieldProcessor` has set; nil where the system can do neither.
    package var isYieldingProcessor: Bool? {
        if let lever = groupLever() {
            let file = open(lever.path, O_RDONLY | O_CLOEXEC)
            return read(file).map { $0.trimmed == lever.yielding }
        }
        return read("autogroup").map { $0.trimmed.hasSuffix(" nice 19") }
    }

    // MARK: Control groups

    private func groupLever() -> ProcessorLever? {
        lever.withLock { known in
            if known == nil { known = findLever() }
            return known
        }
    }

    private func findLever() -> ProcessorLever? {
        let own = "/corral-\(getpid())-"
        for line in (read("cgroup") ?? "").split(separator: "\n") {
            // hierarchy:controllers:path (cgroups(7))
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            // A group that others are in, too, must not stand back for one of them.
            guard parts.count == 3, parts[2].contains(own) else { continue }
            let controllers = parts[1].split(separator: ",")
            guard parts[1].isEmpty || controllers.contains("cpu") else { continue }
            let mounts = parts[1].isEmpty ? ["", "/unified"] : ["/cpu", "/\(parts[1])"]
            for mount in mounts {
                if let lever = ProcessorLever(group: "/sys/fs/cgroup\(mount)\(parts[2])") { return lever }
            }
        }
        return nil
    }

    // MARK: Files

    private func descriptor(of name: String, _ flags: Int32) -> Int32 { openat(folder, name, flags | O_CLOEXEC) }

    private func read(_ name: String) -> String? { read(descriptor(of: name, O_RDONLY)) }

    private func read(_ file: Int32) -> String? {
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    private func write(_ file: Int32, _ text: String) -> Bool {
        guard file >= 0 else { return false }
        defer { close(file) }
        return Glibc.write(file, text, text.utf8.count) == text.utf8.count
    }
}

/// The file that makes a control group stand back, with what to write.
struct ProcessorLever: Sendable {
    let path: String
    let yielding: String
    let ordinary: String

    /// - Parameter group: the group's folder. Nil when its kernel has no such file.
    init?(group: String) {
        let known = [
            ("cpu.idle", "1", "0"),
            // Before Linux 5.15.
            ("cpu.weight", "1", "100"), ("cpu.shares", "2", "1024"),
        ]
        guard let (file, yielding, ordinary) = known.first(where: { access("\(group)/\($0.0)", W_OK) == 0 }) else {
            return nil
        }
        (path, self.yielding, self.ordinary) = ("\(group)/\(file)", yielding, ordinary)
    }

    @discardableResult
    func set(_ yields: Bool) -> Bool { writeText(path, yields ? yielding : ordinary) == nil }
}

/// open(2) O_PATH; the C macro is not imported.
private let pathOnly: Int32 = 0o10_000_000

extension String {
    /// Without the line break at its end.
    fileprivate var trimmed: Substring { last == "\n" ? dropLast() : self[...] }
}
