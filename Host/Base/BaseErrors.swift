// SPDX-License-Identifier: Apache-2.0
// BaseErrors: every error text of this module.

extension ErrorCode {
    package static let jsonInvalid = ErrorCode(1, "json_invalid")
    package static let identifierInvalid = ErrorCode(2, "identifier_invalid")
    /// A bug of Corral itself that was caught instead of trapping; the message asks for a report.
    package static let internalFault = ErrorCode(3, "internal_fault")
}

extension CorralError {
    package static func invalidJSON(_ what: String, line: Int, column: Int) -> CorralError {
        CorralError(
            .jsonInvalid, "not valid JSON at line \(line), column \(column): \(what)",
            hint: "check the text with `python3 -m json.tool FILE`")
    }

    package static func invalidIdentifier(_ kind: String, _ value: String, _ rule: String) -> CorralError {
        CorralError(.identifierInvalid, "\(kind) \"\(value.prefix(80))\" is not allowed: \(rule)")
    }

    package static func internalFault(_ what: String) -> CorralError {
        CorralError(
            .internalFault, "Corral made a mistake: \(what)",
            hint: "please report this with the output of `corral doctor --json`")
    }
}
