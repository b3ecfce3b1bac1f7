// SPDX-License-Identifier: Apache-2.0
// CheckReport: what `corral config check` prints, for people and as JSON.

import CorralBase

/// The outcome of checking a configuration.
package struct CheckReport: Sendable {
    /// Empty when mistakes kept the configuration from being put together.
    package let files: [String]
    package let diagnostics: [Diagnostic]
    package let rows: [CheckRow]

    package init(_ configuration: LoadedConfiguration) {
        (files, diagnostics, rows) = (configuration.files, configuration.warnings, configuration.rows)
    }

    package init(_ error: DiagnosticsError) {
        (files, diagnostics, rows) = ([], error.diagnostics, [])
    }

    package var errorCount: Int { diagnostics.count { $0.severity == .error } }
}

extension CheckReport {
    /// The mistakes in the form editors jump to, a table of rows, and one line that sums it up. Ends with a line break.
    package var text: String {
        var blocks: [String] = []
        if !diagnostics.isEmpty { blocks.append(diagnostics.map(\.description).joined(separator: "\n")) }
        if !rows.isEmpty { blocks.append(table) }
        blocks.append(summary)
        return blocks.joined(separator: "\n\n") + "\n"
    }

    private var table: String {
        let width = min(56, rows.map { $0.setting.count }.max() ?? 0)
        let gap = String(repeating: " ", count: 10)
        var lines = ["STATE     " + pad("SETTING", width) + "  WHY"]
        for row in rows {
            lines.append(pad(row.state.rawValue, 8) + "  " + pad(row.setting, width) + "  " + row.reason)
            if let fix = row.fix { lines.append(gap + pad("", width) + "  fix: " + fix) }
        }
        return lines.joined(separator: "\n")
    }

    private var summary: String {
        let warnings = diagnostics.count - errorCount
        let mistakes = [count(errorCount, "error"), count(warnings, "warning")].joined(separator: ", ")
        guard errorCount == 0 else { return mistakes }
        let degraded = rows.count { $0.state == .degraded }
        let read = files.isEmpty ? "no configuration file, all defaults" : count(files.count, "file") + " read"
        return "\(read); \(mistakes); \(rows.count - degraded) present, \(degraded) degraded"
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)" + (number == 1 ? "" : "s") }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension CheckReport {
    package var json: JSON {
        [
            "files": .array(files.map { .string($0) }),
            "errors": .int(Int64(errorCount)),
            "diagnostics": .array(diagnostics.map(Self.json)),
            "rows": .array(rows.map(Self.json)),
        ]
    }

    private static func json(_ diagnostic: Diagnostic) -> JSON {
        [
            "severity": .string(diagnostic.severity.rawValue), "code": .string(diagnostic.code.text),
            "name": .string(diagnostic.code.name), "message": .string(diagnostic.message),
            "file": .string(diagnostic.location.file), "line": .int(Int64(diagnostic.location.line)),
            "column": .int(Int64(diagnostic.location.column)),
            "suggestion": diagnostic.suggestion.map { .string($0) } ?? .null,
        ]
    }

    private static func json(_ row: CheckRow) -> JSON {
        [
            "setting": .string(row.setting), "state": .string(row.state.rawValue), "reason": .string(row.reason),
            "fix": row.fix.map { .string($0) } ?? .null,
            "origin": row.location.map { .string("\($0.file):\($0.line):\($0.column)") } ?? .null,
        ]
    }
}
