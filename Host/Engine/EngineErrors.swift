// SPDX-License-Identifier: Apache-2.0
// EngineErrors: every error text of this module.

import CorralBase
import CorralFlow
import CorralStore

extension ErrorCode {
    package static let flowHasMistakes = ErrorCode(721, "flow_has_mistakes")
    package static let modeUnknown = ErrorCode(722, "mode_unknown")
    package static let runOver = ErrorCode(723, "run_over")
    package static let runInterrupted = ErrorCode(724, "run_interrupted")
    package static let runCancelled = ErrorCode(725, "run_cancelled")
    package static let runNotResumable = ErrorCode(726, "run_not_resumable")
    package static let descriptorMissing = ErrorCode(727, "descriptor_missing")
    package static let tenantReserved = ErrorCode(728, "tenant_reserved")
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

    static func hostDied() -> CorralError {
        CorralError(.hostDied, "the host ended while the step was under way; it may have run")
    }
}
