// SPDX-License-Identifier: Apache-2.0
// LaunchFailure: the step at which a launch failed, in words, and the command that makes it possible.

import CSpawnerProtocol
import CorralBase
import Glibc

struct LaunchFailure: Sendable, Hashable {
    var step: UInt32
    var number: Int32
    /// The path it was about, or empty.
    var detail: String

    init(_ reply: corral_spawner_reply) {
        step = reply.step
        number = reply.errno_value
        detail = withUnsafeBytes(of: reply.detail) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    init(step: UInt32, number: Int32, detail: String = "") {
        self.step = step
        self.number = number
        self.detail = detail
    }

    var stepText: String { detail.isEmpty ? name : "\(name) (\(detail))" }

    private var name: String {
        switch step {
        case CORRAL_SPAWNER_STEP_REQUEST: "reading the request"
        case CORRAL_SPAWNER_STEP_CHILDREN: "finding room for one more process"
        case CORRAL_SPAWNER_STEP_PIPE: "pipe"
        case CORRAL_SPAWNER_STEP_FORK: "fork"
        case CORRAL_SPAWNER_STEP_SESSION: "setsid"
        case CORRAL_SPAWNER_STEP_DEATH_SIGNAL: "prctl(PR_SET_PDEATHSIG)"
        case CORRAL_SPAWNER_STEP_PARENT: "staying the spawner's child"
        case CORRAL_SPAWNER_STEP_DESCRIPTORS: "placing the descriptors"
        case CORRAL_SPAWNER_STEP_PRIVILEGES: "prctl(PR_SET_NO_NEW_PRIVS)"
        case CORRAL_SPAWNER_STEP_LIMITS: "setrlimit"
        case CORRAL_SPAWNER_STEP_DIRECTORY: "chdir"
        case CORRAL_SPAWNER_STEP_EXECUTE: "execve"
        case CORRAL_SPAWNER_STEP_NAMESPACES: "clone with new namespaces"
        case CORRAL_SPAWNER_STEP_USER_MAP: "mapping the user of the namespace"
        case CORRAL_SPAWNER_STEP_CGROUP: "entering the control group"
        case CORRAL_SPAWNER_STEP_USER: "changing the user"
        case CORRAL_SPAWNER_STEP_OPEN: "opening for the new root"
        case CORRAL_SPAWNER_STEP_ROOT: "making the new root"
        case CORRAL_SPAWNER_STEP_MOUNT: "mounting into the new root"
        case CORRAL_SPAWNER_STEP_PIVOT: "pivot_root"
        case CORRAL_SPAWNER_STEP_LANDLOCK: "landlock"
        case CORRAL_SPAWNER_STEP_LANDLOCK_RULE: "a rule of landlock"
        case CORRAL_SPAWNER_STEP_CAPABILITIES: "dropping capabilities"
        case CORRAL_SPAWNER_STEP_SUPERVISOR: "starting the supervisor of a program"
        case CORRAL_SPAWNER_STEP_SECCOMP: "seccomp"
        case CORRAL_SPAWNER_STEP_HOST_NAME: "sethostname"
        default: "step \(step)"
        }
    }

    /// The command that makes the step possible, when one is known.
    var remedy: String? {
        switch step {
        case CORRAL_SPAWNER_STEP_NAMESPACES, CORRAL_SPAWNER_STEP_USER_MAP, CORRAL_SPAWNER_STEP_ROOT,
            CORRAL_SPAWNER_STEP_MOUNT, CORRAL_SPAWNER_STEP_PIVOT, CORRAL_SPAWNER_STEP_HOST_NAME:
            namespaceRemedy
        case CORRAL_SPAWNER_STEP_LANDLOCK where number == ENOSYS || number == EOPNOTSUPP:
            "boot a kernel 5.13 or newer with `landlock` in the parameter `lsm=` (cat /sys/kernel/security/lsm)"
        case CORRAL_SPAWNER_STEP_SECCOMP: "use a kernel with CONFIG_SECCOMP_FILTER"
        default: nil
        }
    }

    /// What forbids namespaces differs from machine to machine; each has a file that says so.
    private var namespaceRemedy: String {
        if setting("/proc/sys/user/max_user_namespaces") == 0 {
            return "sysctl -w user.max_user_namespaces=15000"
        }
        if setting("/proc/sys/kernel/unprivileged_userns_clone") == 0 {
            return "sysctl -w kernel.unprivileged_userns_clone=1"
        }
        if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1 {
            return "install the AppArmor profile: cp packaging/apparmor/corral-spawner /etc/apparmor.d/ && "
                + "apparmor_parser -r /etc/apparmor.d/corral-spawner"
        }
        if number == ENOSPC { return "sysctl -w user.max_user_namespaces=15000" }
        return "in a container: allow user namespaces (docker run --security-opt seccomp=unconfined "
            + "--security-opt apparmor=unconfined), or let `multi_tenancy.isolation.level` be moderate"
    }

    private func setting(_ path: String) -> Int? {
        readText(path).flatMap { Int($0.prefix { $0 != "\n" }) }
    }
}
