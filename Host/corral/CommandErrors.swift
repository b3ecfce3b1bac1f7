// SPDX-License-Identifier: Apache-2.0
// CommandErrors: every error text of the command line.

import CorralAuthor
import CorralBase

extension ErrorCode {
    package static let usageInvalid = ErrorCode(820, "usage_invalid")
    package static let targetNotFound = ErrorCode(821, "target_not_found")
    package static let inputUnknown = ErrorCode(822, "input_unknown")
    package static let inputMissing = ErrorCode(823, "input_missing")
    package static let fileUnreadable = ErrorCode(824, "file_unreadable")
    package static let outputNotWritten = ErrorCode(825, "output_not_written")
    package static let errorCodeUnknown = ErrorCode(826, "error_code_unknown")
    package static let hostStartFailed = ErrorCode(827, "host_start_failed")
    package static let hostNotRunning = ErrorCode(828, "host_not_running")
    package static let terminalFailed = ErrorCode(829, "terminal_failed")
    package static let demoPluginMissing = ErrorCode(870, "demo_plugin_missing")
    package static let attemptUnknown = ErrorCode(871, "attempt_unknown")
    package static let tenantNotServed = ErrorCode(872, "tenant_not_served")
    package static let nothingRemembered = ErrorCode(1024, "nothing_remembered")
}

extension CorralError {
    static func usage(_ message: String, hint: String) -> CorralError {
        CorralError(.usageInvalid, message, hint: hint)
    }

    static func targetNotFound(_ name: String, near: String?, looked: [String]) -> CorralError {
        CorralError(
            .targetNotFound, "there is no flow or agent \"\(name)\"",
            hint: near.map { "did you mean \"\($0)\"?" } ?? "flows are looked for in \(looked.joined(separator: ", "))")
    }

    static func inputUnknown(_ name: String, of target: String, known: [String]) -> CorralError {
        let all = known.isEmpty ? "it takes none" : "it takes \(known.map { "\"\($0)\"" }.joined(separator: ", "))"
        return CorralError(
            .inputUnknown, "\(target) has no input \"\(name)\"", hint: didYouMean(name, among: known) ?? all)
    }

    static func inputTwice(_ name: String) -> CorralError {
        .usage("input \"\(name)\" is given twice", hint: "give each --input name once")
    }

    static func inputShape(_ text: String) -> CorralError {
        .usage(
            "input \"\(text)\" is not of the form name=value", hint: "write --input name=value or --input name=@file")
    }

    static func inputsMissing(_ names: [(name: String, help: String)], of target: String) -> CorralError {
        let quoted = names.map { "\"\($0.name)\"" }.joined(separator: ", ")
        return CorralError(
            .inputMissing, "\(target) needs the input\(names.count == 1 ? "" : "s") \(quoted)",
            hint: "add " + names.map { "--input \($0.name)=\($0.help)" }.joined(separator: " "))
    }

    static func fileUnreadable(_ path: String, _ cause: String) -> CorralError {
        CorralError(
            .fileUnreadable, "cannot read the file \"\(path)\"",
            hint: "check the path and `ls -l '\(path)'`; pipes, folders and devices cannot be inputs", cause: cause)
    }

    static func tooManyFiles(_ count: Int, max: Int) -> CorralError {
        .usage("\(count) input files are given, at most \(max) can be", hint: "put the files into an archive")
    }

    static func outputNotWritten(_ path: String, _ cause: String) -> CorralError {
        CorralError(
            .outputNotWritten, "cannot write \"\(path)\"", hint: "name another folder with `--output DIR`", cause: cause
        )
    }

    static func errorCodeUnknown(_ code: String, near: String?) -> CorralError {
        CorralError(
            .errorCodeUnknown, "there is no error \"\(code)\"",
            hint: near.map { "did you mean \"\($0)\"?" } ?? "`corral explain` lists them all")
    }

    static func hostStartFailed(log: String, lastLines: [String]) -> CorralError {
        CorralError(
            .hostStartFailed, "the host ended before it was ready",
            hint: "read \(log), or run `corral serve` to see why",
            cause: lastLines.isEmpty ? nil : lastLines.joined(separator: " | "))
    }

    static func hostStartFailed(_ what: String, _ cause: String?) -> CorralError {
        CorralError(
            .hostStartFailed, "cannot start a host: \(what)", hint: "run `corral doctor`, or `corral serve` to see why",
            cause: cause)
    }

    static func hostNotRunning(home: String) -> CorralError {
        CorralError(
            .hostNotRunning, "no host is running for the home \"\(home)\"", hint: "start one with `corral serve`")
    }

    static func terminalFailed(_ what: String, _ cause: String) -> CorralError {
        CorralError(.terminalFailed, "cannot \(what)", cause: cause)
    }

    static func demoPluginMissing(_ path: String) -> CorralError {
        CorralError(
            .demoPluginMissing, "the hostile plugin of the demonstration is not at \"\(path)\"",
            hint: "build it with `make build`, or install Corral again")
    }

    static func tenantNotServed(_ tenant: String) -> CorralError {
        CorralError(
            .tenantNotServed, "the call of tenant \"\(tenant)\" was not answered within a minute",
            hint:
                "run `corral demo breakout --only liveness` again on an idle machine; if it stays, report it: SECURITY.md"
        )
    }

    static func attemptUnknown(_ name: String, near: String?) -> CorralError {
        CorralError(
            .attemptUnknown, "there is no attempt and no class of attempts \"\(name)\"",
            hint: near.map { "did you mean \"\($0)\"?" } ?? "`corral demo breakout` lists them all")
    }

    // MARK: plugin add

    static func libraryRefused(_ path: String, _ check: String, _ why: String) -> CorralError {
        CorralError(
            .pluginNotAdded, "cannot add \"\(path)\": it fails the check \"\(check)\"",
            hint: "`corral plugin check '\(path)'` shows all of them", cause: why)
    }

    static func idTaken(_ id: String, by path: String) -> CorralError {
        CorralError(
            .pluginNotAdded, "cannot add \"\(id)\": \"\(path)\" provides it already",
            hint: "remove that one, or give this plugin another id")
    }

    static func notNoticed(_ path: String) -> CorralError {
        CorralError(
            .pluginNotAdded, "\"\(path)\" is in its place, but the host still serves what was there before",
            hint: "`corral plugin list` shows why")
    }

    static func fileTaken(_ path: String, by id: String) -> CorralError {
        CorralError(
            .pluginNotAdded, "cannot add a plugin as \"\(path)\": that file is \"\(id)\"",
            hint: "rename that file; the names of files in plugins.d are free")
    }

    static func nothingRemembered(_ name: String) -> CorralError {
        CorralError(
            .nothingRemembered, "nothing is remembered under \"\(name.prefix(120))\"",
            hint: "corral memory list shows what is; a key needs --agent or --session when it is one's own")
    }

    static func unexpectedReply() -> CorralError {
        .internalFault("the host's reply is of another kind than the request")
    }

    /// The host went away while a run was followed.
    func resumable(_ run: RunID, _ tenant: TenantID) -> CorralError {
        let place = tenant == .standard ? "" : " --tenant \(tenant)"
        return CorralError(
            code, message, hint: "continue the run with `corral runs resume \(run)\(place)`", cause: cause,
            isRetryable: isRetryable)
    }
}
