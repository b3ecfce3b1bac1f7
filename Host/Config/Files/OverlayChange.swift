// SPDX-License-Identifier: Apache-2.0
// OverlayChange: a change of a tenant's own file, checked as a whole before a byte of it is written. The file is written
// anew from its values, so comments in it are not kept; its first line says so.

import CorralBase
import CorralDocument
import Glibc

/// Settings to set and to remove in a tenant's file.
package struct OverlayChange: Sendable, Equatable {
    /// Path and value, the value as YAML: `10`, `strict`, `[a, b]`.
    package var set: [(path: String, value: String)]
    package var unset: [String]

    package init(set: [(path: String, value: String)] = [], unset: [String] = []) {
        self.set = set
        self.unset = unset
    }

    package static func == (a: OverlayChange, b: OverlayChange) -> Bool {
        a.unset == b.unset && a.set.elementsEqual(b.set) { $0 == $1 }
    }
}

extension Configuration {
    /// Changes a tenant's file within the operator's bounds.
    /// - Parameters:
    ///   - directory: the project folder, as for `load`.
    ///   - file: the tenant's `corral.yaml`; its folder must exist.
    /// - Returns: the configuration the tenant has from now on.
    /// - Throws: every mistake the change or the configuration has, with nothing written; `config_no_such_setting` for a
    ///   path to remove that is not there; `config_not_written`.
    package static func change(
        _ change: OverlayChange, directory: String, file: String, environment: ConfigurationEnvironment
    ) throws -> LoadedConfiguration {
        var (values, diagnostics) = current(file)
        for path in change.unset.map(fullPath) {
            guard values.remove(path) else { throw CorralError.notInOverlay(path.description, file: file) }
        }
        for (path, value) in change.set {
            let place = fullPath(path)
            if place.components.count == 1, Schema.section(named: path) == nil {
                diagnostics.append(.noTenantSetting(path, known: endings.keys.sorted(), file: file))
            } else {
                values.insert(meaning(of: value), at: place)
            }
        }
        let text = header + values.yaml
        let folder = ConfigurationFolder(directory: directory)
        diagnostics += folder.diagnostics
        let loaded = try resolve(
            folder.files, overlays: [ConfigurationFile(path: file, text: text)], environment: environment,
            directory: directory, found: diagnostics)
        try FileReplacement.write(Array(text.utf8), to: file, mayCreate: true)
        return loaded
    }

    private static let header = "# A tenant's own settings, written by `corral tenant set`, which keeps no comments.\n"

    private static func current(_ file: String) -> (JSONObject, [Diagnostic]) {
        do throws(ConfigurationFile.Refusal) {
            guard let read = try ConfigurationFile.read(file) else { return ([:], []) }
            do throws(DiagnosticsError) {
                return (try YAMLNode.parse(QuotedText(read.text).text, file: file)?.json.objectValue ?? [:], [])
            } catch {
                return ([:], error.diagnostics)
            }
        } catch {
            return ([:], [error.diagnostic])
        }
    }

    /// A single name stands for the one setting of a tenant that ends so: `max_storage_mb`.
    private static func fullPath(_ text: String) -> SettingPath {
        let path = SettingPath(parsing: text) ?? SettingPath([.name(text)])
        guard path.components.count == 1, Schema.section(named: text) == nil, let found = endings[text],
            found.count == 1
        else { return path }
        return found[0]
    }

    /// The settings a tenant may have, by their last name.
    private static var endings: [String: [SettingPath]] {
        let settable = Schema.settings.filter { $0.tenantRule != .never }.map(\.path)
        return Dictionary(grouping: settable) { path in
            if case .name(let name) = path.components.last { name } else { "" }
        }
    }

    /// What is no YAML is a text.
    private static func meaning(of value: String) -> JSON {
        guard let node = try? YAMLNode.parse(value, file: "") else { return value.isEmpty ? .null : .string(value) }
        return node.json
    }
}

extension JSONObject {
    fileprivate mutating func insert(_ value: JSON, at path: SettingPath) {
        let names = path.names
        guard let first = names.first else { return }
        guard names.count > 1 else { return self[first] = value }
        var inner = self[first]?.objectValue ?? [:]
        inner.insert(value, at: path.rest)
        self[first] = .object(inner)
    }

    /// Maps that become empty go too.
    /// - Returns: whether it was there.
    fileprivate mutating func remove(_ path: SettingPath) -> Bool {
        guard let first = path.names.first, let value = self[first] else { return false }
        guard path.names.count > 1 else {
            self[first] = nil
            return true
        }
        guard var inner = value.objectValue, inner.remove(path.rest) else { return false }
        self[first] = inner.isEmpty ? nil : .object(inner)
        return true
    }

    /// Block maps, everything else on one line.
    fileprivate var yaml: String { lines(0).map { $0 + "\n" }.joined() }

    private func lines(_ level: Int) -> [String] {
        members.flatMap { member -> [String] in
            let key = String(repeating: "  ", count: level) + YAMLText.write(member.key) + ":"
            guard let inner = member.value.objectValue, !inner.isEmpty else {
                return [key + " " + YAMLText.write(member.value)]
            }
            return [key] + inner.lines(level + 1)
        }
    }
}

extension SettingPath {
    fileprivate var names: [String] {
        components.map { component in
            switch component {
            case .name(let name): name
            case .index(let index): String(index)
            case .anyName, .anyIndex: "*"
            }
        }
    }

    fileprivate var rest: SettingPath { SettingPath(Array(components.dropFirst())) }
}
