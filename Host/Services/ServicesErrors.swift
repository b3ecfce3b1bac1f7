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
    package static let promptUnknown = ErrorCode(971, "prompt_unknown")
    package static let promptVersionUnknown = ErrorCode(972, "prompt_version_unknown")
    package static let promptNotApproved = ErrorCode(973, "prompt_not_approved")
    package static let promptVariablesWrong = ErrorCode(974, "prompt_variables_wrong")
    package static let promptTextInvalid = ErrorCode(975, "prompt_text_invalid")
    package static let promptDecided = ErrorCode(976, "prompt_decided")
    package static let promptLabelInvalid = ErrorCode(977, "prompt_label_invalid")
    package static let promptNeverChanged = ErrorCode(978, "prompt_never_changed")
    package static let promptVersionsFull = ErrorCode(979, "prompt_versions_full")
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

// MARK: Prompts

extension CorralError {
    static func promptUndeclared(_ name: String, _ plugin: PluginID, declared: [String]) -> CorralError {
        CorralError(
            .promptUnknown, "the manifest of \"\(plugin)\" declares no prompt \"\(name.prefix(64))\"",
            hint: didYouMean(name, among: declared)
                ?? (declared.isEmpty ? "it declares none" : "it declares: \(declared.joined(separator: ", "))"))
    }

    package static func promptUnknown(_ name: String, known: [String]) -> CorralError {
        CorralError(
            .promptUnknown, "there is no prompt \"\(name.prefix(200))\"",
            hint: didYouMean(name, among: known) ?? "`corral prompt list` shows them")
    }

    package static func promptVersionUnknown(_ prompt: String, _ version: Int, latest: Int) -> CorralError {
        CorralError(
            .promptVersionUnknown, "the prompt \(prompt) has no version \(version)",
            hint: latest == 0
                ? "it has only the plugin's own text, version 0" : "it has 0 to \(latest): corral prompt show \(prompt)"
        )
    }

    package static func promptNotApproved(_ prompt: String, _ version: Int, state: String) -> CorralError {
        CorralError(
            .promptNotApproved, "version \(version) of the prompt \(prompt) is \(state), not approved",
            hint: "read it, then: corral prompt approve \(prompt) \(version)")
    }

    static func promptVariablesWrong(_ name: String, missing: [String], unknown: [String]) -> CorralError {
        var parts: [String] = []
        if !missing.isEmpty { parts.append("not given: \(missing.joined(separator: ", "))") }
        if !unknown.isEmpty {
            parts.append("not declared: \(unknown.map { String($0.prefix(64)) }.joined(separator: ", "))")
        }
        return CorralError(
            .promptVariablesWrong,
            "the variables of the prompt \"\(name)\" are wrong: \(parts.joined(separator: "; "))",
            hint: "the plugin must give exactly the variables that its manifest declares for the prompt")
    }

    static func promptTooLong(_ name: String, limitBytes: Int) -> CorralError {
        CorralError(
            .promptVariablesWrong, "the prompt \"\(name)\" with its values is longer than \(limitBytes) bytes",
            hint: "give shorter values")
    }

    package static func promptTextInvalid(_ name: String, _ why: String, _ hint: String? = nil) -> CorralError {
        CorralError(
            .promptTextInvalid, "the text of the prompt \"\(name)\" cannot be used: \(why)",
            hint: hint ?? "variables are written {{name}}, and two braces that are none \\{{")
    }

    package static func promptDecided(_ prompt: String, _ version: Int, state: String) -> CorralError {
        CorralError(
            .promptDecided, "version \(version) of the prompt \(prompt) is \(state) already",
            hint: "corral prompt show \(prompt)")
    }

    package static func promptLabelInvalid(_ label: String, _ why: String) -> CorralError {
        CorralError(
            .promptLabelInvalid, "\"\(label.prefix(64))\" is no label here: \(why)",
            hint: "a label is 1–32 lower-case letters, digits, '-' or '_', for example staging")
    }

    package static func promptNeverChanged(_ prompt: String, _ label: String) -> CorralError {
        CorralError(
            .promptNeverChanged,
            "the label \(label) of the prompt \(prompt) was never moved, so there is nothing to go back to",
            hint: "name a version: corral prompt rollback \(prompt) --to 0")
    }

    package static func promptVersionsFull(_ prompt: String) -> CorralError {
        CorralError(
            .promptVersionsFull, "the prompt \(prompt) has \(Limits.promptVersionsMax) versions, more are not kept",
            hint: "reject proposals before more are made; a prompt under another name starts anew")
    }
}
