// SPDX-License-Identifier: Apache-2.0
// SandboxErrors: every error text of this module.

import CSpawnerProtocol
import CorralBase
import Glibc

extension ErrorCode {
    package static let spawnerUnavailable = ErrorCode(331, "spawner_unavailable")
    package static let launchFailed = ErrorCode(332, "launch_failed")
    package static let spawnerLost = ErrorCode(333, "spawner_lost")
    package static let launchInvalid = ErrorCode(334, "launch_invalid")
}

extension CorralError {
    static func spawnerUnavailable(_ path: String, _ operation: String, _ number: Int32) -> CorralError {
        CorralError(
            .spawnerUnavailable, "cannot start the spawner \"\(path)\"",
            hint: "`corral doctor` shows whether this installation is complete",
            cause: "\(operation): \(systemText(number))")
    }

    static func launchFailed(_ path: String, step: UInt32, _ number: Int32) -> CorralError {
        CorralError(
            .launchFailed, "cannot start \"\(path)\": \(stepText(step)) failed",
            hint: number == EAGAIN || number == ENOMEM || number == EMFILE
                ? "raise the limits of processes and open files (`ulimit -u -n`), or run fewer tenants on this machine"
                : "`corral doctor` shows whether this installation is complete",
            cause: systemText(number), isRetryable: number == EAGAIN || number == ENOMEM)
    }

    static func spawnerLost(_ path: String) -> CorralError {
        CorralError(
            .spawnerLost, "the spawner ended while it was starting \"\(path)\"",
            hint: "the next start uses a new spawner; look for the reason in `journalctl -k` (out of memory?)",
            isRetryable: true)
    }

    static func launchInvalid(_ path: String, _ reason: String) -> CorralError {
        CorralError(.launchInvalid, "cannot start \"\(path)\": \(reason)")
    }
}

private func stepText(_ step: UInt32) -> String {
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
    default: "step \(step)"
    }
}

private func systemText(_ number: Int32) -> String {
    guard let text = strerror(number) else { return "errno \(number)" }
    return "\(String(cString: text)) (errno \(number))"
}
