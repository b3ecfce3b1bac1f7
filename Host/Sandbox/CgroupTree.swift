// SPDX-License-Identifier: Apache-2.0
// CgroupTree: a control group for each process, where the host may make some: limits of memory, processes and processor
// time that count what is really used. Both versions; each controller is looked for on its own.

import CorralBase
import Glibc
import Synchronization

/// The groups of one host process, below the group it was started in. The spawner enters a process into its group before
/// that runs; everything else happens here.
package final class CgroupTree: Sendable {
    package enum Controller: String, CaseIterable, Sendable {
        case memory
        case pids
        case cpu
    }

    /// Where groups are made for a controller.
    struct Branch: Hashable, Sendable {
        /// This host's folder; groups lie in it.
        var folder: String
        var version: Int
        var controllers: Set<Controller>
    }

    let branches: [Branch]
    /// Why a controller has none, for people.
    package let absent: [Controller: String]

    /// Finds out what can be written, makes this host's folders, and removes those that dead hosts left.
    package convenience init() {
        self.init(membership: readText("/proc/self/cgroup") ?? "", mounts: readText("/proc/self/mountinfo") ?? "")
    }

    init(membership: String, mounts: String) {
        var branches: [Branch] = []
        var absent: [Controller: String] = [:]
        let places = CgroupPlace.all(membership: membership, mounts: mounts)
        for controller in Controller.allCases {
            guard let place = places.first(where: { $0.controllers.contains(controller.rawValue) }) else {
                absent[controller] = "no cgroup of this host has the controller"
                continue
            }
            if let index = branches.firstIndex(where: { $0.folder.hasPrefix(place.folder + "/corral-") }) {
                branches[index].controllers.insert(controller)
                continue
            }
            switch Self.prepare(place) {
            case .success(let folder):
                branches.append(Branch(folder: folder, version: place.version, controllers: [controller]))
            case .failure(let refusal): absent[controller] = refusal.reason
            }
        }
        self.branches = branches
        self.absent = absent
    }

    /// Where and by which version each controller works, for people.
    package var present: [(Controller, String)] {
        Controller.allCases.compactMap { controller in
            branches.first { $0.controllers.contains(controller) }.map { (controller, "cgroup v\($0.version)") }
        }
    }

    /// This process's, shared by all its spawners.
    package static let shared = CgroupTree()
    private static let count = Atomic<UInt64>(0)

    /// A group's name that no other has.
    static func nextName() -> String { "\(count.wrappingAdd(1, ordering: .relaxed).newValue)" }

    /// Removes this host's folders; the last act of a host. What is left behind is removed by the next.
    package func close() { for branch in branches { Self.remove(branch.folder) } }

    // MARK: One process

    /// Makes the process's groups and sets its limits.
    /// - Parameter standsBack: it gets only the processor time that nobody else wants, from its first instruction on.
    /// - Returns: the groups, to be removed when the process is gone.
    /// - Throws: `cgroup_failed`.
    func make(_ name: String, _ limits: ResourceLimits, standsBack: Bool = false) throws(CorralError) -> CgroupSet {
        var set = CgroupSet(folders: [])
        for branch in branches {
            let folder = branch.folder + "/" + name
            guard mkdir(folder, 0o755) == 0 else {
                let number = errno
                set.remove()
                throw .cgroupFailed(folder, "mkdir", number)
            }
            set.folders.append(folder)
            for (file, value) in settings(limits, branch) {
                guard let number = writeText(folder + "/" + file, value) else { continue }
                set.remove()
                throw .cgroupFailed(folder + "/" + file, "write \(value)", number)
            }
            if standsBack, branch.controllers.contains(.cpu) { ProcessorLever(group: folder)?.set(true) }
        }
        return set
    }

    private func settings(_ limits: ResourceLimits, _ branch: Branch) -> [(String, String)] {
        var settings: [(String, String)] = []
        let isOld = branch.version == 1
        if branch.controllers.contains(.memory), let bytes = limits.memoryBytes {
            settings.append((isOld ? "memory.limit_in_bytes" : "memory.max", "\(bytes)"))
            if !isOld { settings.append(("memory.swap.max", "0")) }
        }
        if branch.controllers.contains(.pids) { settings.append(("pids.max", "\(limits.processes)")) }
        if branch.controllers.contains(.cpu), let processors = limits.processors {
            let quota = max(1000, Int(processors * 100_000))
            if isOld {
                settings += [("cpu.cfs_period_us", "100000"), ("cpu.cfs_quota_us", "\(quota)")]
            } else {
                settings.append(("cpu.max", "\(quota) 100000"))
            }
        }
        return settings.filter { $0.0 != "memory.swap.max" || access(branch.folder + "/memory.swap.max", F_OK) == 0 }
    }

    // MARK: The host's own folder

    private struct Refusal: Error { var reason: String }

    private static func prepare(_ place: CgroupPlace) -> Result<String, Refusal> {
        sweep(place.folder)
        let folder = place.folder + "/" + name(of: getpid())
        // A second tree of one process, in tests, has the same folder.
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            return .failure(Refusal(reason: "\(place.folder) cannot be written (\(systemWords(errno)))"))
        }
        guard place.version == 2 else { return .success(folder) }
        // A group whose children have controllers may hold no process itself, so this works only in a group that was
        // delegated to this host and in which it is not; `systemd-run -p Delegate=yes` and a subgroup make one.
        let wanted = Controller.allCases.map(\.rawValue).filter(place.controllers.contains).map { "+" + $0 }
        for parent in [place.folder, folder] {
            guard let number = writeText(parent + "/cgroup.subtree_control", wanted.joined(separator: " ")) else {
                continue
            }
            rmdir(folder)
            return .failure(
                Refusal(reason: "\(parent) cannot hand its controllers on (\(systemWords(number)))"))
        }
        return .success(folder)
    }

    /// Names the process and when it started, because process ids are used again.
    private static func name(of pid: pid_t) -> String { "corral-\(pid)-\(startTime(pid) ?? "0")" }

    /// Field 22 of /proc/PID/stat; nil when there is no such process.
    private static func startTime(_ pid: pid_t) -> String? {
        guard let text = readText("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? String(fields[19]) : nil
    }

    private static func sweep(_ folder: String) {
        for entry in names(in: folder) {
            let parts = entry.split(separator: "-")
            guard parts.count == 3, parts[0] == "corral", let pid = pid_t(parts[1]) else { continue }
            if startTime(pid) != String(parts[2]) { remove(folder + "/" + entry) }
        }
    }

    private static func remove(_ folder: String) {
        for entry in names(in: folder) { rmdir(folder + "/" + entry) }
        rmdir(folder)
    }
}

/// The groups of one process.
struct CgroupSet: Hashable, Sendable {
    var folders: [String]

    /// The files into which the spawner writes the process.
    var memberFiles: [String] { folders.map { $0 + "/cgroup.procs" } }

    /// Whether the kernel has killed a process of the group for the group's own limit. Both versions count.
    var wasOutOfMemory: Bool {
        folders.contains { folder in
            let text = readText(folder + "/memory.events") ?? readText(folder + "/memory.oom_control") ?? ""
            return text.split(separator: "\n").contains { $0.hasPrefix("oom_kill ") && $0 != "oom_kill 0" }
        }
    }

    /// After the process is gone. A descendant that the kernel still buries keeps a group for a moment.
    func remove() {
        for folder in folders {
            for _ in 0..<50 {
                if rmdir(folder) == 0 || errno != EBUSY { break }
                usleep(1000)
            }
        }
    }
}

/// A cgroup hierarchy and this process's group in it (cgroups(7)).
struct CgroupPlace: Hashable {
    var folder: String
    var version: Int
    var controllers: [String]

    static func all(membership: String, mounts: String) -> [CgroupPlace] {
        membership.split(separator: "\n").compactMap { line in
            // hierarchy:controllers:path
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            let version = parts[1].isEmpty ? 2 : 1
            let controllers = parts[1].split(separator: ",").map(String.init)
            guard let folder = folder(String(parts[2]), controllers, version, mounts) else { return nil }
            let offered = version == 1 ? controllers : words((readText(folder + "/cgroup.controllers") ?? "")[...])
            return CgroupPlace(folder: folder, version: version, controllers: offered)
        }
    }

    /// Lines of mountinfo: … root mountpoint options … - type source options.
    private static func folder(
        _ path: String, _ controllers: [String], _ version: Int, _ mounts: String
    ) -> String? {
        for line in mounts.split(separator: "\n") {
            let halves = line.components(around: " - ")
            guard let halves, case let first = words(halves.0), case let second = words(halves.1), first.count > 4,
                second.count > 2
            else { continue }
            let isMine =
                version == 2
                ? second[0] == "cgroup2"
                : second[0] == "cgroup"
                    && !Set(second[2].split(separator: ",").map(String.init)).isDisjoint(with: controllers)
            guard isMine else { continue }
            // In a container the mount shows a part of the hierarchy only.
            let root = first[3] == "/" ? "" : first[3]
            guard path == root || path.hasPrefix(root + "/") else { continue }
            let rest = String(path.dropFirst(root.count))
            return first[4] + (rest == "/" ? "" : rest)
        }
        return nil
    }
}

extension Substring {
    fileprivate func components(around separator: String) -> (Substring, Substring)? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(separator) {
                return (self[..<index], self[index...].dropFirst(separator.count))
            }
            index = self.index(after: index)
        }
        return nil
    }
}

private func words(_ text: Substring) -> [String] {
    text.split { $0 == " " || $0 == "\n" }.map(String.init)
}

private func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
        let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
            tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// Files of the kernel's, which are small; nil when one cannot be read.
func readText(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while all.count < 1 << 20 {
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { break }
        all += buffer.prefix(count)
    }
    return String(decoding: all, as: UTF8.self)
}

/// Nil when it was written, else the error.
func writeText(_ path: String, _ text: String) -> Int32? {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return errno }
    defer { close(file) }
    return write(file, text, text.utf8.count) == text.utf8.count ? nil : errno
}
