// SPDX-License-Identifier: Apache-2.0
// ExitStatus: what a script learns from `$?`. The numbers are part of the interface (docs/cli.md).

import CorralBase

package enum ExitStatus: Int32, Sendable {
    case ok = 0
    case failed = 1
    case usage = 2
    case notFound = 3
    /// Refused by policy: a grant, a quarantine, another's home.
    case refused = 4
    /// The run waits for a review. No flow can wait yet; the number is kept free for it.
    case waiting = 5
    /// Ctrl-C, as shells number it: 128 + SIGINT.
    case interrupted = 130

    package init(for error: CorralError) {
        switch error.code.name {
        case "usage_invalid", "input_unknown", "input_missing", "identifier_invalid", "mode_unknown",
            "check_unknown", "reproduce_invalid", "plugin_folder_unknown", "folder_not_empty",
            "role_unknown", "role_not_for_tenant", "principal_reserved", "audit_head_invalid",
            "prompt_label_invalid", "prompt_text_invalid":
            self = .usage
        case "target_not_found", "run_unknown", "run_ambiguous", "plugin_unknown", "tool_unknown", "artifact_missing",
            "error_code_unknown", "attempt_unknown", "host_not_running", "config_no_such_setting", "tenant_unknown",
            "principal_unknown", "unix_user_unknown", "role_not_held", "nothing_remembered", "channel_unknown",
            "delivery_unknown", "prompt_unknown", "prompt_version_unknown":
            self = .notFound
        case "grant_missing", "plugin_quarantined", "peer_refused", "home_unsafe", "tenant_reserved", "tenant_busy",
            "executions_used", "storage_used", "authority_missing", "content_blocked", "scanner_missing", "memory_off",
            "memory_not_shared", "prompt_not_approved":
            self = .refused
        default: self = .failed
        }
    }

    /// Of a run that did not succeed: refused when policy did not let a value through, failed for all that a plugin or the
    /// flow did.
    init(ofRun error: CorralError?) {
        let isRefused = ["content_blocked", "scanner_missing"].contains(error?.code.name)
        self = isRefused ? .refused : .failed
    }
}

/// A command ends with this status and everything there is to say is said.
struct Ended: Error {
    let status: ExitStatus
}
