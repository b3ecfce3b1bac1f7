// SPDX-License-Identifier: Apache-2.0
// ShowSetting: `corral config show PATH`: one value bare, so that a script can use it, or all values below a path.

import CorralBase

extension ShowReport {
    /// The value at a path, or one line `path: value` for each value below it. Ends with a line break.
    /// - Throws: `config_no_such_setting` with the nearest path.
    package static func text(at path: String, in configuration: LoadedConfiguration) throws(CorralError) -> String {
        let values = ShowReport(configuration, isComplete: true).values
        if let exact = values.first(where: { $0.path == path }) { return YAMLText.write(exact.value) + "\n" }
        let below = values.filter { $0.path.hasPrefix(path + ".") || $0.path.hasPrefix(path + "[") }
        guard below.isEmpty else {
            return below.map { "\($0.path): \(YAMLText.write($0.value))\n" }.joined()
        }
        // A setting that is there, has no value and no default prints as empty, as null does in YAML.
        guard let asked = SettingPath(parsing: path), Schema.knows(asked) else {
            let known = Schema.settings.map(\.path.description) + values.map(\.path)
            throw .noSuchSetting(path, near: nearestName(to: path, among: known))
        }
        return "null\n"
    }
}

extension Schema {
    /// Whether a path names a setting or a group of settings.
    fileprivate static func knows(_ path: SettingPath) -> Bool {
        settings.contains { setting in
            let length = path.components.count
            guard length <= setting.path.components.count else { return setting.path.covers(path) }
            return setting.path.covers(path)
                || SettingPath(Array(setting.path.components.prefix(length))).covers(path)
        }
    }
}
