// SPDX-License-Identifier: Apache-2.0
// EngineErrors: every error text of this module.

import CorralBase
import CorralFlow
import CorralStore
import CorralSupervision
import CorralWire

extension ErrorCode {
    package static let flowHasMistakes = ErrorCode(721, "flow_has_mistakes")
    package static let modeUnknown = ErrorCode(722, "mode_unknown")
    package static let runOver = ErrorCode(723, "run_over")
    package static let runInterrupted = ErrorCode(724, "run_interrupted")
    package static let runCancelled = ErrorCode(725, "run_cancelled")
    package static let runNotResumable = ErrorCode(726, "run_not_resumable")
    package static let descriptorMissing = ErrorCode(727, "descriptor_missing")
    package static let tenantReserved = ErrorCode(728, "tenant_reserved")
    package static let tenantUnknown = ErrorCode(730, "tenant_unknown")
    package static let tenantExists = ErrorCode(731, "tenant_exists")
    package static let tenantBusy = ErrorCode(732, "tenant_busy")
    package static let tenantBeingRemoved = ErrorCode(733, "tenant_being_removed")
    package static let tenantArchiveFailed = ErrorCode(734, "tenant_archive_failed")
    package static let tenantNotRemoved = ErrorCode(735, "tenant_not_removed")
    package static let tenantFolderRefused = ErrorCode(736, "tenant_folder_refused")
    package static let watchFailed = ErrorCode(370, "watch_failed")
    package static let executionsUsed = ErrorCode(737, "executions_used")
    package static let storageUsed = ErrorCode(739, "storage_used")
    package static let callTimeUsed = ErrorCode(744, "call_time_used")
    package static let judgeAnswerInvalid = ErrorCode(991, "judge_answer_invalid")
    package static let channelUnknown = ErrorCode(1004, "channel_unknown")
    package static let channelUnusable = ErrorCode(1005, "channel_unusable")
    package static let channelStopped = ErrorCode(1006, "channel_stopped")
    package static let deliveryUnknown = ErrorCode(1007, "delivery_unknown")
    package static let deliveryDone = ErrorCode(1008, "delivery_done")
    package static let noticesFull = ErrorCode(1009, "notices_full")
}

extension CorralError {
    static func flowHasMistakes(_ file: String, _ mistakes: [Diagnostic]) -> CorralError {
        let count = mistakes.count == 1 ? "a mistake" : "\(mistakes.count) mistakes"
        return CorralError(
            .flowHasMistakes, "the flow \"\(file)\" has \(count)", hint: "corral flow check \(file)",
            cause: "\n" + mistakes.map(\.description).joined(separator: "\n"))
    }

    static func unknownMode(_ mode: String) -> CorralError {
        CorralError(
            .modeUnknown, "the mode \"\(mode)\" is not known",
            hint: didYouMean(mode, among: Durability.allCases.map(\.rawValue)) ?? "use sync, async or exit")
    }

    static func runOver(_ run: RunID, state: String) -> CorralError {
        CorralError(
            .runOver, "the run \"\(run)\" is over: \(state)", hint: "see what it did: corral runs show \(run)")
    }

    static func runInterrupted(_ run: RunID, cause: CorralError) -> CorralError {
        CorralError(
            .runInterrupted, "the run \"\(run)\" was interrupted; nothing that was journaled is lost",
            hint: "go on with it: corral runs resume \(run)",
            cause: cause.message + (cause.cause.map { ": " + $0 } ?? ""))
    }

    static func runCancelled(_ reason: String) -> CorralError {
        CorralError(.runCancelled, "the run was cancelled: \(reason)")
    }

    static func runNotResumable(_ run: RunID, why: String) -> CorralError {
        CorralError(.runNotResumable, "the run \"\(run)\" cannot be resumed: \(why)", hint: "corral runs show \(run)")
    }

    static func descriptorMissing(_ input: String) -> CorralError {
        CorralError(
            .descriptorMissing, "the request names a file for the input \"\(input)\" and brings none",
            hint: "the client and the host may be of different versions: corral host stop, then try again")
    }

    static func tenantReserved(_ tenant: String) -> CorralError {
        CorralError(
            .tenantReserved, "the tenant \"\(tenant)\" is the host's own and runs no flows",
            hint: "name another with --tenant")
    }

    static func tenantStays(_ tenant: TenantID) -> CorralError {
        CorralError(
            .tenantReserved, "the tenant \"\(tenant)\" is always there and cannot be removed",
            hint: "delete its runs by removing the home, or use a tenant of your own: corral tenant add NAME")
    }

    static func tenantUnknown(_ tenant: TenantID, known: [String]) -> CorralError {
        let near = didYouMean(tenant.text, among: known).map { $0 + " Or: " } ?? ""
        return CorralError(
            .tenantUnknown, "there is no tenant \"\(tenant)\"", hint: near + "corral tenant add \(tenant)")
    }

    static func tenantExists(_ tenant: TenantID) -> CorralError {
        CorralError(
            .tenantExists, "the tenant \"\(tenant)\" is there already",
            hint: "change it: corral tenant set \(tenant) SETTING=VALUE")
    }

    static func tenantBusy(_ tenant: TenantID, runs: Int) -> CorralError {
        CorralError(
            .tenantBusy,
            "the tenant \"\(tenant)\" has \(runs == 1 ? "a run" : "\(runs) runs") under way",
            hint: "wait, or cancel them with it: corral tenant remove \(tenant) --force")
    }

    static func tenantBeingRemoved(_ tenant: TenantID) -> CorralError {
        CorralError(
            .tenantBeingRemoved, "the tenant \"\(tenant)\" is being removed",
            hint: "if its removal was interrupted, finish it: corral tenant remove \(tenant) --yes")
    }

    static func tenantArchiveFailed(_ tenant: TenantID, _ cause: String) -> CorralError {
        CorralError(
            .tenantArchiveFailed, "the tenant \"\(tenant)\" could not be archived, so it was not removed",
            hint: "free space in the home, or remove it without: corral tenant remove \(tenant) --yes --no-archive",
            cause: cause)
    }

    static func tenantNotRemoved(_ path: String, _ number: Int32) -> CorralError {
        CorralError(
            .tenantNotRemoved, "cannot delete \"\(path)\"",
            hint: "look at it with `ls -la`, then ask for the removal again",
            cause: errorText(number))
    }

    static func tenantFolderRefused(_ path: String, _ why: String) -> CorralError {
        CorralError(
            .tenantFolderRefused, "the tenant's folder \"\(path)\" is not used: \(why)",
            hint: "move it away and put the tenant's own folder back")
    }

    static func watchFailed(_ number: Int32) -> CorralError {
        CorralError(
            .watchFailed, "the host cannot watch its plugins folders; changes count from the next command on",
            hint: "raise `sysctl fs.inotify.max_user_instances`", cause: errorText(number))
    }

    static func executionsUsed(_ tenant: TenantID, used: Int64, limit: Int64, reset: String) -> CorralError {
        CorralError(
            .executionsUsed,
            "the tenant \"\(tenant)\" has had its runs of today: "
                + TenantLimit.dailyExecutions.text(used: used, of: limit),
            hint: "the next day begins \(reset); the operator can raise the limit in corral.yaml", isRetryable: true)
    }

    static func storageUsed(_ tenant: TenantID, _ what: TenantLimit, used: Int64, limit: Int64) -> CorralError {
        CorralError(
            .storageUsed,
            "the tenant \"\(tenant)\" uses too much storage: \(what.text(used: used, of: limit))",
            hint: "runs start again as soon as files are deleted or the limit is raised: corral tenant usage \(tenant)")
    }

    static func callTimeUsed(_ target: String, limit: Int64, cause: String) -> CorralError {
        let most = TenantLimit.callTime
        return CorralError(
            .callTimeUsed, "the call of \"\(target)\" took the longest it may: \(most.text(limit)) (\(most.path))",
            hint: "let it do less in one call, or raise the limit; each call begins anew", cause: cause,
            isRetryable: true)
    }

    static func cancelledWaiting() -> CorralError {
        CorralError(.callCancelled, "the call was cancelled while it waited for a place")
    }

    static func hostDied() -> CorralError {
        CorralError(.hostDied, "the host ended while the step was under way; it may have run")
    }
}

// MARK: Judging and notifying

extension CorralError {
    static func judgeAnswerInvalid(_ judge: PluginID, _ what: String) -> CorralError {
        CorralError(
            .judgeAnswerInvalid, "the judge \"\(judge)\" gave an answer that cannot be used: \(what)",
            hint: "corral plugin check says what a judge must answer")
    }

    static func channelUnknown(_ name: String, known: [String]) -> CorralError {
        CorralError(
            .channelUnknown, "there is no channel \"\(name.prefix(80))\"",
            hint: didYouMean(name, among: known)
                ?? (known.isEmpty
                    ? "declare it in `notifications.channels`" : "there are \(known.joined(separator: ", "))"))
    }

    static func channelUnusable(_ name: String, _ why: String) -> CorralError {
        CorralError(
            .channelUnusable, "nothing can be sent to channel \"\(name)\": \(why)", hint: "corral config check")
    }

    static func channelStopped(_ name: String) -> CorralError {
        CorralError(
            .channelStopped, "channel \"\(name)\" was stopped: its other end wants no more",
            hint: "when it does again: corral notify retry DELIVERY")
    }

    static func deliveryUnknown(_ id: String, matches: [String]) -> CorralError {
        CorralError(
            .deliveryUnknown,
            matches.isEmpty
                ? "there is no delivery \"\(id.prefix(80))\""
                : "\(matches.count) deliveries begin with \"\(id.prefix(80))\"",
            hint: matches.isEmpty
                ? "corral notify list" : "write more of it: \(matches.prefix(3).joined(separator: ", "))")
    }

    static func deliveryDone(_ id: String) -> CorralError {
        CorralError(
            .deliveryDone, "the delivery \"\(id)\" has arrived already", hint: "see it: corral notify show \(id)")
    }

    static func noticesFull(_ tenant: TenantID) -> CorralError {
        CorralError(
            .noticesFull,
            "\(Limits.deliveriesPendingMax) deliveries of tenant \"\(tenant)\" wait already, which is the most that can",
            hint: "see why they wait: corral notify list --state pending", isRetryable: true)
    }
}
