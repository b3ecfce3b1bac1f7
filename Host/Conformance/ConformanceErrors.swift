// SPDX-License-Identifier: Apache-2.0
// ConformanceErrors: every error text of this module. That a plugin fails a check is a result and no error.

import CorralBase

extension ErrorCode {
    package static let checkUnknown = ErrorCode(848, "check_unknown")
    package static let reproduceInvalid = ErrorCode(849, "reproduce_invalid")
    package static let checkUnavailable = ErrorCode(850, "check_unavailable")
}

extension CorralError {
    static func checkUnknown(_ name: String) -> CorralError {
        let known = Check.allCases.map(\.rawValue)
        return CorralError(
            .checkUnknown, "there is no check \"\(name)\"",
            hint: didYouMean(name, among: known) ?? "checks are \(known.joined(separator: ", "))")
    }

    static func reproduceInvalid(_ token: String, _ why: String) -> CorralError {
        CorralError(
            .reproduceInvalid, "\"\(token)\" names no case: \(why)",
            hint: "give the token that `corral plugin check` printed with the failure, and the same --input")
    }

    static func checkUnavailable(_ cause: String) -> CorralError {
        CorralError(
            .checkUnavailable, "cannot check anything: no worker answers",
            hint: "`corral doctor` tries to start one and shows each step", cause: cause)
    }
}
