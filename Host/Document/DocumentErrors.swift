// SPDX-License-Identifier: Apache-2.0
// DocumentErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let yamlInvalid = ErrorCode(10, "yaml_invalid")
    package static let yamlDuplicateKey = ErrorCode(11, "yaml_duplicate_key")
    package static let yamlTooLarge = ErrorCode(12, "yaml_too_large")
    package static let yamlUnsupported = ErrorCode(13, "yaml_unsupported")
}

extension Limits {
    /// Values of one document after its aliases are expanded: real ones stay below 50,000; nested aliases ("billion
    /// laughs") reach any number with a few lines.
    package static let documentNodesMax = 200_000
}

extension Diagnostic {
    static func yamlSyntax(_ problem: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlInvalid, "not valid YAML: \(problem)", at: location, suggestion: adviceForSyntax(problem))
    }

    static func duplicateKey(_ name: String, first: SourceLocation, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlDuplicateKey, "key \"\(shown(name))\" is given twice", at: location,
            suggestion: "the first one is at line \(first.line), column \(first.column); keep one of them")
    }

    static func tooManyBytes(_ count: Int, file: String) -> Diagnostic {
        Diagnostic(
            .error, .yamlTooLarge, "the document has \(count) bytes, more than \(Limits.documentBytesMax)",
            at: SourceLocation(file: file, line: 1, column: 1), suggestion: "pass large data as a file input")
    }

    static func tooDeep(at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlTooLarge, "nested deeper than \(Limits.jsonDepthMax) levels", at: location)
    }

    static func tooManyNodes(at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlTooLarge, "more than \(Limits.documentNodesMax) values, counting what aliases repeat",
            at: location)
    }

    static func unknownAlias(_ name: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlInvalid, "alias \"*\(shown(name))\" has no anchor before it", at: location,
            suggestion:
                "write \"&\(shown(name))\" before the value it should repeat, or quote a text that starts with *")
    }

    static func keyNotText(at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlUnsupported, "a key must be a plain or quoted text, not a list or a map", at: location)
    }

    static func unknownTag(_ tag: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlUnsupported, "tag \"\(shown(tag))\" is not supported", at: location,
            suggestion: "remove it; quotes make a text of a number")
    }

    static func tagMismatch(_ tag: String, _ text: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlUnsupported, "value \"\(shown(text))\" does not fit its tag \"\(shown(tag))\"", at: location,
            suggestion: "remove the tag or correct the value")
    }

    static func numberNotFinite(_ text: String, at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlUnsupported, "number \"\(shown(text))\" is not finite or out of range", at: location,
            suggestion: "quote it when it is meant as text")
    }

    static func secondDocument(at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            .error, .yamlUnsupported, "a second document starts here", at: location,
            suggestion: "one file holds one document: remove the line \"---\" or split the file")
    }
}

/// A value from outside, short enough for an error line. Counted in scalars: one character may have thousands.
private func shown(_ text: String) -> String {
    text.unicodeScalars.dropFirst(80).isEmpty ? text : String(text.unicodeScalars.prefix(79)) + "…"
}

/// libyaml's problem texts say what its scanner saw; people need to know what to change.
private func adviceForSyntax(_ problem: String) -> String? {
    if problem.contains("mapping values are not allowed") { return "quote a text that contains \": \"" }
    if problem.contains("cannot start any token") {
        return "indent with spaces, not tabs; quote a text that starts with @, ` or %"
    }
    if problem.contains("did not find expected key") { return "check the indentation of this line and the one before" }
    if problem.contains("could not find expected ':'") { return "write \"key: value\", with a space after the colon" }
    if problem.contains("unexpected end of stream") { return "close the quote" }
    return nil
}
