// SPDX-License-Identifier: Apache-2.0
// ConfigurationFix: what `corral config check --fix` writes. Only the quotes are added; a file is replaced whole or not
// at all, with its owner and permissions kept.

import CorralBase

/// One file that was rewritten.
package struct ConfigurationFix: Sendable, Equatable {
    package let path: String
    package let rules: [UnquotedRule]

    /// One line for each change: `config/cost.yaml:22: quoted "task_complexity: low -> use: haiku"`.
    package var lines: [String] { rules.map { "\(path):\($0.line): quoted \"\($0.rule)\"" } }
}

extension Configuration {
    /// Quotes the rules that are not YAML without it, in every file that `load` reads. Files that cannot be read are
    /// left for `load` to report.
    /// - Returns: what was changed, empty when there was nothing to do.
    /// - Throws: `config_not_written`; files before the failing one stay fixed.
    package static func fix(directory: String) throws(CorralError) -> [ConfigurationFix] {
        var fixes: [ConfigurationFix] = []
        for file in ConfigurationFolder(directory: directory).files {
            let quoted = QuotedText(file.text)
            guard !quoted.rules.isEmpty else { continue }
            let mark: [UInt8] = file.hasByteOrderMark ? [0xEF, 0xBB, 0xBF] : []
            try FileReplacement.write(mark + Array(quoted.text.utf8), to: file.path, mayCreate: false)
            fixes.append(ConfigurationFix(path: file.path, rules: quoted.rules))
        }
        return fixes
    }
}
