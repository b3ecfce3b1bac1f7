// SPDX-License-Identifier: Apache-2.0
// ServicesErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let callGone = ErrorCode(711, "call_gone")
    package static let serviceUnknown = ErrorCode(712, "service_unknown")
    package static let serviceRequestInvalid = ErrorCode(713, "service_request_invalid")
}

extension CorralError {
    package static func callGone(_ call: UInt64) -> CorralError {
        CorralError(.callGone, "the call \(call) on whose behalf a host service was asked is over")
    }

    package static func serviceUnknown(_ service: String, known: [String]) -> CorralError {
        CorralError(
            .serviceUnknown, "this host has no service \"\(service.prefix(80))\"",
            hint: didYouMean(service, among: known) ?? "it has: \(known.joined(separator: ", "))")
    }

    package static func serviceRequestInvalid(_ what: String) -> CorralError {
        CorralError(.serviceRequestInvalid, "a plugin's request to a host service cannot be used: \(what)")
    }
}
