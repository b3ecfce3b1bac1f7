// SPDX-License-Identifier: Apache-2.0
// BreakoutVerdict: from the end of an attempt's run to what became of the attempt.

import CorralBase
import CorralControl

enum BreakoutVerdict {
    typealias Verdict = (outcome: BreakoutResult.Outcome, detail: String)

    /// What the host itself holds a tenant's workers to.
    private static let tenantLimits: Set = ["memory_used", "threads_used", "call_cpu_used"]

    static func of(_ attempt: BreakoutAttempt, _ end: RunEnd) -> Verdict {
        guard let error = end.error else { return answered(attempt, end.output?.value) }
        switch attempt.judge {
        case .itself: return died(attempt, error)
        case .deadline, .death: return ended(error)
        case .protocol:
            let isRefused = error.code.name == "plugin_broke_protocol"
            return isRefused ? (.blocked, "refused: \(error.cause ?? error.message)") : (.unclear, text(error))
        case .survival: return (.unclear, text(error))
        }
    }

    /// The call has a result: for an attempt that must not return this is the escape.
    private static func answered(_ attempt: BreakoutAttempt, _ answer: JSON?) -> Verdict {
        let detail = answer?["detail"]?.stringValue ?? ""
        guard let outcome = answer?["outcome"]?.stringValue.flatMap(BreakoutResult.Outcome.init(rawValue:)) else {
            return (.unclear, "its answer is not understood")
        }
        switch attempt.judge {
        case .itself, .survival: return (outcome, detail)
        case .deadline, .death, .protocol:
            return outcome == .skipped ? (outcome, detail) : (.escaped, "the host took its answer: \(detail)")
        }
    }

    /// The worker died of an attempt that should have come back. By the filter's signal it was blocked; by another only
    /// if the attempt may die so.
    private static func died(_ attempt: BreakoutAttempt, _ error: CorralError) -> Verdict {
        if attempt.diesOfLimit, tenantLimits.contains(error.code.name) {
            return (.blocked, "ended at the tenant's limit: \(error.message)")
        }
        // Out of memory looks like a loss: the host tries again, and gives up in the end.
        guard ["plugin_crashed", "worker_lost", "flow_attempt_lost"].contains(error.code.name) else {
            return (.unclear, text(error))
        }
        let signal = signalName(error)
        switch signal {
        case "SIGSYS": return (.blocked, "killed by the filter (SIGSYS)")
        case "SIGKILL" where attempt.diesOfLimit, "SIGXFSZ" where attempt.diesOfLimit,
            "SIGSEGV" where attempt.diesOfLimit, "SIGABRT" where attempt.diesOfLimit:
            return (.blocked, "killed at its limit (\(signal))")
        case "SIGSEGV" where attempt.diesOfFault, "SIGILL" where attempt.diesOfFault:
            return (.blocked, "killed by a fault (\(signal))")
        default: return (.unclear, text(error))
        }
    }

    /// The host ended it, or saw it die: that is all that can be asked.
    private static func ended(_ error: CorralError) -> Verdict {
        switch error.code.name {
        case "call_timeout": (.blocked, "ended at its deadline")
        case "plugin_crashed", "worker_lost":
            (.blocked, "seen to die" + (signalName(error).isEmpty ? "" : " (\(signalName(error)))"))
        case "plugin_broke_protocol": (.blocked, "refused: \(error.cause ?? error.message)")
        case let name where name == "call_limit" || tenantLimits.contains(name): (.blocked, "ended at a limit")
        default: (.unclear, text(error))
        }
    }

    private static func signalName(_ error: CorralError) -> String {
        let words = "\(error.message) \(error.cause ?? "")".split { !$0.isLetter && !$0.isNumber }
        return words.first { $0.hasPrefix("SIG") }.map(String.init) ?? ""
    }

    private static func text(_ error: CorralError) -> String {
        error.message + (error.cause.map { ": \($0)" } ?? "")
    }
}
