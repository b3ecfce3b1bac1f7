// SPDX-License-Identifier: Apache-2.0
// SupervisionErrors: every error text of this module.

import CorralBase
import CorralWire

extension ErrorCode {
    package static let laneFailed = ErrorCode(320, "lane_failed")
    package static let workerStartFailed = ErrorCode(321, "worker_start_failed")
    package static let workerLost = ErrorCode(322, "worker_lost")
    package static let pluginCrashed = ErrorCode(323, "plugin_crashed")
    package static let callTimeout = ErrorCode(324, "call_timeout")
    package static let callCancelled = ErrorCode(325, "call_cancelled")
    package static let callLimit = ErrorCode(326, "call_limit")
    package static let pluginQuarantined = ErrorCode(327, "plugin_quarantined")
    package static let pluginBrokeProtocol = ErrorCode(328, "plugin_broke_protocol")
    package static let pluginFailed = ErrorCode(329, "plugin_failed")
    package static let hostStopping = ErrorCode(330, "host_stopping")
    package static let storageUnusable = ErrorCode(903, "storage_unusable")
    package static let storageUnreachable = ErrorCode(904, "storage_unreachable")
    package static let generationRetired = ErrorCode(371, "generation_retired")
    package static let reloadBlocked = ErrorCode(372, "reload_blocked")
    package static let memoryUsed = ErrorCode(741, "memory_used")
    package static let threadsUsed = ErrorCode(742, "threads_used")
    package static let callCPUUsed = ErrorCode(743, "call_cpu_used")
    package static let artifactUnreadable = ErrorCode(340, "artifact_unreadable")
    package static let artifactUnwritable = ErrorCode(341, "artifact_unwritable")
}

extension CorralError {
    package static func laneFailed(_ what: String, _ number: Int32) -> CorralError {
        CorralError(
            .laneFailed, "the system gives the host no further \(what)",
            hint: "raise the limits of open files and threads (`ulimit -n -u`), or run fewer tenants on this machine",
            cause: errorText(number))
    }

    static func workerStartFailed(_ key: WorkerKey, _ cause: String, hint: String? = nil) -> CorralError {
        CorralError(
            .workerStartFailed, "cannot start a worker for tenant \"\(key.tenant)\"",
            hint: hint ?? "`corral doctor` tries to start one and shows each step", cause: cause)
    }

    static func workerLost(_ key: WorkerKey, _ how: String) -> CorralError {
        CorralError(.workerLost, "the worker \(key) that ran this call was lost: \(how)", isRetryable: true)
    }

    static func generationRetired(_ key: WorkerKey, after drain: Duration?) -> CorralError {
        let why = drain.map { "it was replaced and the call had not finished within \($0)" }
        return CorralError(
            .generationRetired,
            "the worker \(key) that ran this call was retired: \(why ?? "a third successor needed its place")",
            hint: "the call goes on in the next generation; give it longer with the setting host.workers.drain",
            isRetryable: true)
    }

    /// The next generation could not be had, although nothing is known against its plugins.
    static func reloadBlocked(_ key: WorkerKey, tries: Int, _ cause: String) -> CorralError {
        CorralError(
            .reloadBlocked, "the next generation of worker \(key) did not come up in \(tries) tries; this one goes on",
            hint: "`corral doctor` tries to start a worker and shows each step", cause: cause)
    }

    static func pluginCrashed(_ plugin: String, _ how: String, doing: String) -> CorralError {
        CorralError(
            .pluginCrashed, "plugin \"\(plugin)\" \(how) while \(doing)",
            hint: "from now on it has a process of its own; `corral plugin show \(plugin)` says what is known")
    }

    static func brokeProtocol(_ plugin: String, _ cause: String, doing: String) -> CorralError {
        CorralError(
            .pluginBrokeProtocol,
            "plugin \"\(plugin)\" was stopped while \(doing): its process wrote to the host's socket",
            hint: "a plugin must leave descriptor 3 alone", cause: cause)
    }

    static func callTimeout(_ plugin: String, _ noun: String, _ how: String) -> CorralError {
        CorralError(
            .callTimeout, "\(noun) of plugin \"\(plugin)\" \(how)", hint: "give the step a longer `timeout`",
            isRetryable: true)
    }

    static func callCancelled(_ plugin: String, _ noun: String, _ how: String = "was cancelled") -> CorralError {
        CorralError(.callCancelled, "\(noun) of plugin \"\(plugin)\" \(how)")
    }

    static func callLimit(_ plugin: String, _ noun: String, _ what: String, hint: String? = nil) -> CorralError {
        CorralError(.callLimit, "\(noun) of plugin \"\(plugin)\" was stopped: \(what)", hint: hint)
    }

    static func memoryUsed(_ worker: WorkerKey, _ used: Int64, limit: Int64) -> CorralError {
        CorralError(
            .memoryUsed,
            "the tenant's workers hold \(TenantLimit.memoryBytes.text(used: used, of: limit)); \"\(worker)\" held most",
            hint: "process less at once, or raise the limit; memory is free again as soon as a worker ends")
    }

    static func threadsUsed(_ worker: WorkerKey, _ used: Int64, limit: Int64) -> CorralError {
        CorralError(
            .threadsUsed,
            "the worker \"\(worker)\" has too many threads: \(TenantLimit.processes.text(used: used, of: limit))",
            hint: "let the plugin start fewer, or raise the limit; the next worker starts with none")
    }

    static func callProcessorTimeUsed(_ plugin: String, _ noun: String, _ used: Int64, limit: Int64) -> CorralError {
        CorralError(
            .callCPUUsed,
            "\(noun) of plugin \"\(plugin)\" used too much processor time: "
                + TenantLimit.callProcessorTime.text(used: used, of: limit),
            hint: "let it do less in one call, or raise the limit; each call begins anew")
    }

    static func pluginQuarantined(_ plugin: String, crashes: Int, seconds: Int) -> CorralError {
        CorralError(
            .pluginQuarantined,
            "plugin \"\(plugin)\" is not run any more: alone in its process it crashed \(crashes) times within \(seconds) seconds",
            hint:
                "put a repaired library into the plugins folder, or try the same one again: `corral plugin release \(plugin)`"
        )
    }

    /// The plugin's own words, as written.
    static func pluginFailed(_ message: String, isRetryable: Bool, details: String?) -> CorralError {
        CorralError(.pluginFailed, message, cause: details, isRetryable: isRetryable)
    }

    package static func hostStopping() -> CorralError {
        CorralError(
            .hostStopping, "the host is stopping", hint: "`corral runs resume` continues the run", isRetryable: true)
    }

    static func artifactUnreadable(_ reference: String, _ number: Int32) -> CorralError {
        CorralError(
            .artifactUnreadable, "cannot pass the artifact \"\(reference.prefix(128))\" to a worker",
            cause: errorText(number))
    }
}

extension CorralError {
    static func storageUnusable(_ path: String, _ cause: String) -> CorralError {
        CorralError(
            .storageUnusable, "a plugin's own folder cannot be made: \"\(path)\"",
            hint: "no link and no file may be in its place, and the host must be able to write there", cause: cause)
    }

    static func storageUnreachable(_ path: String, user: UInt32, level: String) -> CorralError {
        CorralError(
            .storageUnreachable,
            "a plugin's own folder, \"\(path)\", cannot be given to user \(user) at isolation level \(level)",
            hint: "give the host level strict (corral doctor says what is missing), or run it as a user other than root"
        )
    }

    static func artifactUnwritable(_ name: String, _ number: Int32) -> CorralError {
        CorralError(
            .artifactUnwritable, "cannot keep the artifact \"\(name.prefix(128))\" that a call produced",
            hint: "look for a full disk: `df -h`", cause: errorText(number))
    }
}

/// `SIGSEGV` for 11; `signal 60` for one without a name.
package func signalName(_ number: Int32) -> String {
    let names: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
        24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
    ]
    return names[number] ?? "signal \(number)"
}
