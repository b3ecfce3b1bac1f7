// SPDX-License-Identifier: Apache-2.0
// AcceptedEscape: the attempts that succeed at a level and are taken, each with its reason. SECURITY.md repeats the table,
// and a test compares the two.

import CorralBase

package struct AcceptedEscape: Sendable {
    package let attempts: [String]
    package let levels: [IsolationLevel]
    package let reason: String

    package static func reason(_ attempt: String, at level: IsolationLevel) -> String? {
        all.first { $0.attempts.contains(attempt) && $0.levels.contains(level) }?.reason
    }

    package static let all: [AcceptedEscape] = [
        AcceptedEscape(
            attempts: [
                "wx-memory"
            ], levels: [.basic, .moderate, .strict],
            reason: "A plugin is native code already: code it writes itself can do nothing its file could not."),
        AcceptedEscape(
            attempts: [
                "bounding-set"
            ], levels: [.basic, .moderate],
            reason: "An ordinary user cannot empty the set; with no_new_privs nothing brings a capability of "
                + "it back."),
        AcceptedEscape(
            attempts: [
                "stat-secret", "stat-neighbour", "statfs-host", "sys-devices",
            ], levels: [.basic, .moderate],
            reason: "Landlock keeps a worker from what is in a file or folder, not from whether a path is "
                + "there."),
        AcceptedEscape(
            attempts: [
                "thread-bomb"
            ], levels: [.basic, .moderate],
            reason: "Without a user or user namespace of its own a worker's threads count with all its user "
                + "runs; its address space bounds their stacks."),
        AcceptedEscape(
            attempts: [
                "read-secret", "read-shared-tmp", "read-accounts", "read-machine-id", "read-hostname",
                "read-journal", "read-host-database", "read-host-log", "list-folder", "list-neighbour", "list-home",
                "list-homes", "list-root", "list-etc", "list-var", "dots", "symlink-out", "hardlink-out", "o-path",
                "chdir-out",
            ], levels: [.basic],
            reason: "Level basic does not separate files: a worker reads what its user may read, and has one "
                + "tenant only, unless root gives each its own user."),
        AcceptedEscape(
            attempts: [
                "append-host-file", "truncate-host-file", "rename-host-file", "unlink-host-file",
                "mkdir-host-folder", "symlink-host-folder", "create-in-folder", "create-in-neighbour",
                "create-in-home", "create-in-tmp", "create-in-shm", "map-code", "tty-make", "disk-fill",
                "inode-fill",
            ], levels: [.basic],
            reason: "For the same reason a worker changes what its user may change, the shared /tmp included."),
        AcceptedEscape(
            attempts: [
                "proc-environ", "proc-mem", "proc-maps", "proc-cmdline", "proc-neighbour-mem", "proc-fd",
                "proc-root", "proc-cwd", "proc-others", "proc-version", "proc-boot", "proc-mounts", "proc-net",
                "proc-keys", "proc-sysctl", "sys-net",
            ], levels: [.basic],
            reason: "Without a root of its own a worker sees /proc and /sys as its user does, the host's "
                + "process included where both are the same user."),
    ]
}
