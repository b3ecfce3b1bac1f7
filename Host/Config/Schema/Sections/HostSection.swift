// SPDX-License-Identifier: Apache-2.0
// HostSection: the settings of this host itself, all of them in effect.

import CorralBase

extension Field {
    static let hostSection = Field.group(
        "host", "How this host runs flows and workers.",
        [
            Field(
                "keys", .scalar(.formed(.absoluteFile)),
                "The folder with the keys that tenants' journals are sealed with, one file each; `keys` in the home when"
                    + " it is not set."),
            .whole(
                "equal_calls", 0...1_000_000, 100,
                "How often a step's attempt may make the same call of a tool with the same arguments from the same place"
                    + " before further ones are refused as a loop; 0 = as often as it likes."),
            .group(
                "defaults", "What a flow gets that says nothing else.",
                [
                    Field(
                        "timeout", .scalar(.duration(.milliseconds(10) ... .seconds(7 * 86_400), words: [])),
                        "The deadline of a step whose flow names none.", standard: "5m"),
                    .choice(
                        "mode", Durability.allCases.map(\.rawValue), Durability.sync.rawValue,
                        "When a finished step counts as saved: `sync` after the disk has it, `async` after the system"
                            + " has it, `exit` at the end of the run."),
                ]),
            .group(
                "control", "Who may talk to this host; what they may do there is said by their roles.",
                [
                    .choice(
                        "access", ControlAccessSetting.allCases.map(\.rawValue), ControlAccessSetting.owner.rawValue,
                        "Whom the control socket lets in: its `owner` and root, members of a `group` too, or"
                            + " `everyone` on this machine. Read when the host starts."),
                    .text("group", "The group of the system that `access: group` lets in."),
                ]),
            .group(
                "workers", "The processes plugins run in.",
                [
                    .whole(
                        "max_calls", 1...Int64(Limits.workerCallsMax), Int64(Limits.workerCallsMax),
                        "Calls that run in one worker at once; further ones wait."),
                    Field(
                        "restart_backoff", .scalar(.duration(.milliseconds(1) ... .seconds(300), words: [])),
                        "The wait before a worker that died is started again; it doubles with each death in a row.",
                        standard: "200ms"),
                    Field(
                        "restart_backoff_max", .scalar(.duration(.milliseconds(1) ... .seconds(3600), words: [])),
                        "The longest such wait.", standard: "30s"),
                    .whole(
                        "quarantine_crashes", 1...1_000_000, 3,
                        "How often a plugin may crash within a minute, alone in its worker, before it is refused."),
                    Field(
                        "cancel_grace", .scalar(.duration(.zero ... .seconds(300), words: [])),
                        "How long a cancelled call may take to stop before its worker is ended.", standard: "2s"),
                    Field(
                        "drain", .scalar(.duration(.zero ... .seconds(86_400), words: [])),
                        "How long calls of a plugin that was replaced may take to finish; then they go on in the new"
                            + " version.",
                        standard: "30s"),
                    Field(
                        "idle", .scalar(.duration(.seconds(1) ... .seconds(86_400), words: [])),
                        "A worker without calls is stopped after this; the next call starts one.", standard: "5m"),
                    .whole(
                        "first_user", 10_000...2_000_000_000, 200_000,
                        "Where the user numbers of tenants begin when the host runs as root: each tenant's processes"
                            + " run as this number and the tenant's. Two homes of one machine need different ones."),
                ]),
        ], effect: .active)
}

/// Whom the control socket lets in.
package enum ControlAccessSetting: String, Sendable, CaseIterable {
    case owner
    case group
    case everyone
}
