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
    package static let isolationUnavailable = ErrorCode(342, "isolation_unavailable")
    package static let secondTenantRefused = ErrorCode(343, "second_tenant_refused")
    package static let cgroupFailed = ErrorCode(344, "cgroup_failed")
}

extension CorralError {
    static func spawnerUnavailable(_ path: String, _ operation: String, _ number: Int32) -> CorralError {
        CorralError(
            .spawnerUnavailable, "cannot start the spawner \"\(path)\"",
            hint: "`corral doctor` shows whether this installation is complete",
            cause: "\(operation): \(systemWords(number))")
    }

    static func launchFailed(_ path: String, level: IsolationLevel, _ failure: LaunchFailure) -> CorralError {
        let number = failure.number
        let isShort = number == EAGAIN || number == ENOMEM || number == EMFILE
        return CorralError(
            .launchFailed, "cannot start \"\(path)\" at isolation \(level.rawValue): \(failure.stepText) failed",
            hint: isShort
                ? "raise the limits of processes and open files (`ulimit -u -n`), or run fewer tenants on this machine"
                : failure.remedy ?? "`corral doctor` shows whether this installation is complete",
            cause: systemWords(number), isRetryable: number == EAGAIN || number == ENOMEM)
    }

    static func isolationUnavailable(_ level: IsolationLevel, _ failure: CorralError) -> CorralError {
        // What failed, without the program that the probe used.
        let step = failure.message.components(after: ": ") ?? failure.message
        return CorralError(
            .isolationUnavailable, "isolation \"\(level.rawValue)\" cannot be had on this machine: \(step)",
            hint: failure.hint, cause: failure.cause)
    }

    static func levelBelowMinimum(_ level: IsolationLevel, _ minimum: IsolationLevel) -> CorralError {
        CorralError(
            .isolationUnavailable,
            "isolation \"\(level.rawValue)\" is less than the \"\(minimum.rawValue)\" that the configuration demands",
            hint: "ask for \(minimum.rawValue), or lower `multi_tenancy.isolation.level` in corral.yaml")
    }

    static func probeDied(_ level: IsolationLevel, _ status: ExitReport.Status) -> CorralError {
        CorralError(
            .launchFailed, "cannot start the probe at isolation \(level.rawValue): running it failed",
            hint: "`corral doctor` shows whether this installation is complete", cause: "it ended with \(status)")
    }

    static func cgroupFailed(_ path: String, _ operation: String, _ number: Int32) -> CorralError {
        CorralError(
            .cgroupFailed, "cannot limit a process by the control group \"\(path)\"",
            hint: "`corral doctor` shows which groups can be written; start the host again after a change",
            cause: "\(operation): \(systemWords(number))", isRetryable: true)
    }

    /// Two tenants of one user could read each other's files.
    package static func secondTenantRefused(_ tenant: TenantID, first: TenantID, _ why: String) -> CorralError {
        CorralError(
            .secondTenantRefused,
            "tenant \"\(tenant)\" cannot run beside \"\(first)\": isolation basic does not keep their files apart",
            hint:
                "run the host as root, which gives each tenant a user of its own, or get a stronger level: corral doctor",
            cause: why)
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

extension String {
    fileprivate func components(after separator: String) -> String? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(separator) { return String(rest.dropFirst(separator.count)) }
            rest = rest.dropFirst()
        }
        return nil
    }
}

func systemWords(_ number: Int32) -> String {
    guard let text = strerror(number) else { return "errno \(number)" }
    return "\(String(cString: text)) (errno \(number))"
}
