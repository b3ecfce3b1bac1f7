// SPDX-License-Identifier: Apache-2.0
// ScanErrors: every error text of scanning.

import CorralBase

extension ErrorCode {
    package static let scannerMissing = ErrorCode(920, "scanner_missing")
    package static let scanFailed = ErrorCode(921, "scan_failed")
    package static let contentBlocked = ErrorCode(922, "content_blocked")
}

extension CorralError {
    /// - Parameter missing: those that policy names; empty when it takes any.
    static func scannerMissing(_ missing: [PluginID]) -> CorralError {
        let which =
            missing.isEmpty
            ? "none is installed" : missing.map { "\"\($0)\"" }.joined(separator: ", ") + " is not there"
        return CorralError(
            .scannerMissing, "the call was not made: policy demands a scanner, and \(which)",
            hint: "install it in the plugins folder (corral plugin list), or set security.required: false")
    }

    static func scanFailed(_ scanner: PluginID, cause: String) -> CorralError {
        CorralError(
            .scanFailed, "the scanner \"\(scanner)\" could not look at the value, and policy lets nothing pass unseen",
            hint: "see why: corral plugin show \(scanner)", cause: cause, isRetryable: true)
    }

    static func contentBlocked(
        _ direction: ScanDirection, of target: String, foundClass: String, path: String, setting: String
    ) -> CorralError {
        let what = direction == .request ? "the request to" : "the result of"
        return CorralError(
            .contentBlocked, "\(what) \"\(target)\" holds a value of class \"\(foundClass)\" in \(path)",
            hint: "refused by \(setting); take the value out, or let it through there")
    }
}
