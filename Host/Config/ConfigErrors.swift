// SPDX-License-Identifier: Apache-2.0
// ConfigErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let configUnreadable = ErrorCode(501, "config_unreadable")
    package static let configFileRefused = ErrorCode(502, "config_file_refused")
    package static let configUnknownKey = ErrorCode(503, "config_unknown_key")
    package static let configWrongType = ErrorCode(504, "config_wrong_type")
    package static let configOutOfRange = ErrorCode(505, "config_out_of_range")
    package static let configUnknownValue = ErrorCode(506, "config_unknown_value")
    package static let configSectionTwice = ErrorCode(507, "config_section_twice")
    package static let configReferenceInvalid = ErrorCode(508, "config_reference_invalid")
    package static let configVariableMissing = ErrorCode(509, "config_variable_missing")
    package static let configOverlayRefused = ErrorCode(510, "config_overlay_refused")
    package static let configRuleUnquoted = ErrorCode(511, "config_rule_unquoted")
    package static let configKeyMissing = ErrorCode(512, "config_key_missing")
    package static let configNotWritten = ErrorCode(513, "config_not_written")
    package static let configFileMisnamed = ErrorCode(514, "config_file_misnamed")
    package static let configNoSuchSetting = ErrorCode(515, "config_no_such_setting")
    package static let evaluationRuleIncomplete = ErrorCode(990, "evaluation_rule_incomplete")
    package static let channelUndeclared = ErrorCode(1003, "channel_undeclared")
}

// MARK: Files

extension Diagnostic {
    static func unreadable(_ file: String, cause: String) -> Diagnostic {
        Diagnostic(
            .error, .configUnreadable, "cannot read \"\(file)\": \(cause)", at: .start(of: file),
            suggestion: "check its permissions with `ls -l`")
    }

    static func refused(_ file: String, _ why: String, line: Int = 1, suggestion: String) -> Diagnostic {
        Diagnostic(
            .error, .configFileRefused, "\"\(file)\" is not read: \(why)",
            at: SourceLocation(file: file, line: line, column: 1), suggestion: suggestion)
    }

    static func misnamed(_ file: String, expected: String) -> Diagnostic {
        Diagnostic(
            .error, .configFileMisnamed, "\"\(file)\" would never be read: the file is called \"\(expected)\"",
            at: .start(of: file), suggestion: "rename it")
    }

    static func ruleUnquoted(_ rule: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .warning, .configRuleUnquoted, "rule \"\(rule)\" is not YAML without quotes; it was read as if quoted",
            at: location, suggestion: "`corral config check --fix` quotes it")
    }
}

extension CorralError {
    static func notWritten(_ file: String, cause: String) -> CorralError {
        CorralError(
            .configNotWritten, "cannot rewrite \"\(file)\"; it was left as it was",
            hint: "check that you own the file and its folder, then run `corral config check --fix` again",
            cause: cause)
    }

    static func notInOverlay(_ path: String, file: String) -> CorralError {
        CorralError(
            .configNoSuchSetting, "\"\(file)\" does not set \"\(shown(path))\"",
            hint: "`corral tenant show` has what it sets")
    }

    static func noSuchSetting(_ path: String, near: String?) -> CorralError {
        CorralError(
            .configNoSuchSetting, "there is no setting \"\(shown(path))\"",
            hint: near.map { "did you mean \"\($0)\"?" } ?? "`corral config show --all` lists every setting")
    }
}

// MARK: Structure

extension Diagnostic {
    static func sectionTwice(_ name: String, first: SourceLocation, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .configSectionTwice,
            "section \"\(name)\" is given twice: here and at \(first.file):\(first.line):\(first.column)",
            at: location, suggestion: "keep one of them")
    }

    static func unknownSection(_ name: String, known: [String], at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .configUnknownKey, "there is no section \"\(shown(name))\"", at: location,
            suggestion: didYouMean(name, among: known) ?? "the sections are " + known.joined(separator: ", "))
    }

    static func unknownKey(
        _ name: String, in path: SettingPath, known: [String], at location: SourceLocation
    ) -> Diagnostic {
        Diagnostic(
            .error, .configUnknownKey, "\(path) has no setting \"\(shown(name))\"", at: location,
            suggestion: didYouMean(name, among: known) ?? "it has " + known.joined(separator: ", "))
    }

    static func noTenantSetting(_ name: String, known: [String], file: String) -> Diagnostic {
        Diagnostic(
            .error, .configUnknownKey, "no single setting of a tenant is called \"\(shown(name))\"",
            at: .start(of: file),
            suggestion: didYouMean(name, among: known) ?? "write its whole path, as `corral config show --all` does")
    }

    static func keyMissing(_ name: String, in path: SettingPath, help: String, at location: SourceLocation)
        -> Diagnostic
    {
        let what = help.prefix(1).lowercased() + help.dropFirst().prefix { $0 != "." }
        return Diagnostic(
            .error, .configKeyMissing, "\(path) needs \"\(name)\": \(what)", at: location,
            suggestion: "add a line \"\(name): …\"")
    }

    static func notMap(_ path: SettingPath?, got: String, known: [String], at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .configWrongType,
            (path.map { "\($0): " } ?? "") + "expected a map of settings, got \(got)", at: location,
            suggestion: known.isEmpty ? nil : "it has " + known.joined(separator: ", "))
    }

    static func notList(_ path: SettingPath, got: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .configWrongType, "\(path): expected a list, got \(got)", at: location,
            suggestion: "write \"[a, b]\" or one \"- a\" per line")
    }

    static func notScalar(_ path: SettingPath, expected: String, got: String, at location: SourceLocation) -> Diagnostic
    {
        Diagnostic(.error, .configWrongType, "\(path): expected \(expected), got a \(got)", at: location)
    }
}

// MARK: Values

extension Diagnostic {
    static func value(_ path: SettingPath, _ mistake: ScalarMistake, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            mistake.severity, mistake.code, "\(path): \(mistake.message)", at: location,
            suggestion: mistake.suggestion)
    }

    static func referenceInvalid(_ path: SettingPath, _ mistake: ReferenceMistake, at location: SourceLocation)
        -> Diagnostic
    {
        Diagnostic(
            .error, .configReferenceInvalid, "\(path): \(mistake.message)", at: location,
            suggestion: mistake.suggestion)
    }

    /// A setting that changes what the host does must not fall back in silence.
    static func variableMissing(_ reference: Reference, _ path: SettingPath, at location: SourceLocation) -> Diagnostic
    {
        switch reference {
        case .variable(let name):
            Diagnostic(
                .error, .configVariableMissing, "\(path): variable \"\(name)\" is not set", at: location,
                suggestion: "export \(name)=…, or write the value here")
        case .secret(let name):
            Diagnostic(
                .error, .configVariableMissing,
                "\(path): secret \"\(name)\" cannot be used here: secrets go into plugins' requests, never into settings",
                at: location,
                suggestion: "write the value here, or use ${env:\(name)}")
        }
    }

    static func grantOfNobody(_ name: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .configUnknownKey, "grants: \"\(shown(name))\" can name no plugin", at: location,
            suggestion: "write a plugin's id, publisher/name, or publisher/* for all of one publisher")
    }

    static func programMisnamed(_ name: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .configUnknownKey, "programs: \"\(shown(name))\" can name no program", at: location,
            suggestion: "use a-z, 0-9, '_' and '-', starting with a letter")
    }

    static func programUnknown(_ name: String, known: [String], at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .configUnknownValue, "there is no program \"\(shown(name))\"", at: location,
            suggestion: didYouMean(name, among: known) ?? "define it: programs: {\(shown(name)): {path: /usr/bin/…}}")
    }

    static func overlayRefused(_ what: String, at location: SourceLocation, suggestion: String) -> Diagnostic {
        Diagnostic(.error, .configOverlayRefused, what, at: location, suggestion: suggestion)
    }
}

extension SourceLocation {
    static func start(of file: String) -> SourceLocation { SourceLocation(file: file, line: 1, column: 1) }
}

/// A value from outside, short enough for an error line and without characters that steer a terminal.
func shown(_ text: String) -> String {
    let cut =
        text.unicodeScalars.count > 80 ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(79))) + "…" : text
    return String(String.UnicodeScalarView(cut.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
        || (0x2066...0x2069).contains(scalar.value)
}

// MARK: Judging and notifying

extension Diagnostic {
    static func evaluationRuleIncomplete(
        _ rule: String, _ kind: String, _ needed: [String], at location: SourceLocation
    ) -> Diagnostic {
        let names = needed.map { "`\($0)`" }.joined(separator: " or ")
        return Diagnostic(
            .error, .evaluationRuleIncomplete, "evaluation.rules.\(shown(rule)) is of kind \(kind) and has no \(names)",
            at: location, suggestion: "docs/plugins/judge-rules.md has an example of each kind")
    }

    static func channelUndeclared(_ name: String, known: [String], at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .channelUndeclared, "there is no channel \"\(shown(name))\"", at: location,
            suggestion: didYouMean(name, among: known) ?? "declare it in `notifications.channels`")
    }
}
