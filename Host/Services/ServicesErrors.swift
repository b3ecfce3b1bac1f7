// SPDX-License-Identifier: Apache-2.0
// ServicesErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let callGone = ErrorCode(711, "call_gone")
    package static let serviceUnknown = ErrorCode(712, "service_unknown")
    package static let serviceRequestInvalid = ErrorCode(713, "service_request_invalid")
    package static let notGranted = ErrorCode(770, "not_granted")
    package static let tooManyHeld = ErrorCode(771, "too_many_held")
    package static let programUndefined = ErrorCode(772, "program_undefined")
    package static let programNotThere = ErrorCode(773, "program_not_there")
    package static let processUnknown = ErrorCode(774, "process_unknown")
    package static let pipesUnavailable = ErrorCode(775, "pipes_unavailable")
    package static let tooManyPrograms = ErrorCode(776, "too_many_programs")
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

    /// - Parameters:
    ///   - what: what was asked for, for example `a connection to "redis:6379"`.
    ///   - granted: what of that kind is granted.
    ///   - grants: what would allow it, as YAML on one line: `connect: ["redis:6379"]`.
    package static func notGranted(
        caller: PluginID, _ what: String, granted: [String], allow grants: String
    ) -> CorralError {
        let has = granted.isEmpty ? "nothing of the kind" : granted.joined(separator: ", ")
        return CorralError(
            .notGranted, "plugin \"\(caller)\" has no grant for \(what); it was granted \(has)",
            hint: "if that is intended, its manifest must ask for it and corral.yaml allow it, "
                + "grants: {\(caller): {\(grants)}}; corral plugin show \(caller)")
    }

    static func tooManyHeld() -> CorralError {
        CorralError(
            .tooManyHeld,
            "the call has opened \(Limits.heldPerCallMax) connections and programs, more are not allowed",
            hint: "use one connection for several requests, or a program for several files")
    }

    static func programUndefined(_ name: String, known: [String]) -> CorralError {
        CorralError(
            .programUndefined, "there is no program \"\(name)\"",
            hint: didYouMean(name, among: known)
                ?? "define it in corral.yaml: programs: {\(name): {path: /usr/bin/…}}")
    }

    static func programNotThere(_ name: String, path: String, cause: String) -> CorralError {
        CorralError(
            .programNotThere, "the program \"\(name)\" cannot be run: \"\(path)\"",
            hint: "install it, or correct programs.\(name).path in corral.yaml", cause: cause)
    }

    static func processUnknown(_ number: Int64) -> CorralError {
        CorralError(.processUnknown, "process \(number) is none that this call started and has not waited for")
    }

    static func tooManyPrograms() -> CorralError {
        CorralError(
            .tooManyPrograms, "the tenant runs \(Limits.programsAtOnceMax) programs, more at once are not allowed",
            hint: "the step can be tried again: retry: {times: 3}", isRetryable: true)
    }

    static func pipesUnavailable(_ cause: String) -> CorralError {
        CorralError(
            .pipesUnavailable, "the host cannot make pipes for a program", hint: "raise its limit of open files",
            cause: cause, isRetryable: true)
    }
}
