// SPDX-License-Identifier: Apache-2.0
// ShowReport: what `corral config show` prints: the configuration in force, as YAML, with where each value comes from.
// Keys and the content of variables are never printed.

import CorralBase

/// The values in force, ready to print.
package struct ShowReport: Sendable {
    /// One line of the YAML form; maps and items have lines of their own.
    struct Line: Sendable {
        let text: String
        var origin: String?
        var isInEffect = true
    }

    private(set) var lines: [Line] = []
    private(set) var values: [(path: String, value: JSON, origin: String, isInEffect: Bool)] = []
    private let configuration: LoadedConfiguration
    private let isComplete: Bool

    /// - Parameter isComplete: also the defaults of settings that have no effect yet.
    package init(_ configuration: LoadedConfiguration, isComplete: Bool = false) {
        self.configuration = configuration
        self.isComplete = isComplete
        for section in Schema.sections {
            let node = configuration.sections.first { $0.name == section.name }?.node
            add(section, node, SettingPath([]), level: 0, effect: nil)
        }
    }

    /// The YAML form. Ends with a line break.
    /// - Parameter hasOrigins: with a comment behind each value that says where it is from.
    package func text(hasOrigins: Bool = false) -> String {
        guard hasOrigins else { return lines.map { $0.text + "\n" }.joined() }
        let width = min(56, lines.filter { $0.origin != nil }.map { $0.text.count }.max() ?? 0)
        return lines.map { line in
            guard let origin = line.origin else { return line.text + "\n" }
            let gap = String(repeating: " ", count: max(0, width - line.text.count))
            return line.text + gap + "  # " + origin + (line.isInEffect ? "" : " · not in effect") + "\n"
        }.joined()
    }

    /// `{path: {value, origin, in_effect}}`.
    package var json: JSON {
        .object(
            JSONObject(
                values.map { entry in
                    (
                        entry.path,
                        ["value": entry.value, "origin": .string(entry.origin), "in_effect": .bool(entry.isInEffect)]
                    )
                }))
    }
}

extension LoadedConfiguration {
    /// What one file sets, as `config show` would print it.
    package func values(from file: String) -> [(path: String, value: String)] {
        let name = originText(of: ResolvedNode(kind: .map([]), location: .start(of: file))).dropLast("1:1".count)
        return ShowReport(self, isComplete: true).values.filter { $0.origin.hasPrefix(name) }
            .map { ($0.path, YAMLText.write($0.value)) }
    }
}

// MARK: Walking

extension ShowReport {
    private mutating func add(_ field: Field, _ node: ResolvedNode?, _ parent: SettingPath, level: Int, effect: Effect?)
    {
        let path = parent.appending(.name(field.name))
        add(field.name, field, field.shape, node, path, level: level, effect: field.effect ?? effect)
    }

    private mutating func add(
        _ name: String, _ field: Field, _ shape: Shape, _ node: ResolvedNode?, _ path: SettingPath, level: Int,
        effect: Effect?
    ) {
        let isInEffect = effect?.isActive ?? false
        let key = margin(level) + YAMLText.write(name) + ":"
        switch shape {
        case .scalar:
            guard let shown = shown(field, shape, node, isInEffect) else { return }
            let origin = origin(of: node)
            lines.append(Line(text: key + " " + YAMLText.write(shown), origin: origin, isInEffect: isInEffect))
            values.append((path.description, shown, origin, isInEffect))
        case .list(let item): addList(key, field, item, node, path, level: level, isInEffect)
        case .tree:
            // One line: a tree belongs to whoever gives it its form.
            guard let node else { return }
            let written = node.written
            lines.append(
                Line(text: key + " " + YAMLText.write(written), origin: origin(of: node), isInEffect: isInEffect))
            values.append((path.description, written, origin(of: node), isInEffect))
        case .map(let fields):
            let before = lines.count
            for inner in fields { add(inner, node?[inner.name], path, level: level + 1, effect: effect) }
            if lines.count > before { lines.insert(Line(text: key), at: before) }
        case .dictionary(let item, _):
            guard let members = node?.members, !members.isEmpty else { return }
            lines.append(Line(text: key))
            for member in members {
                let place = path.appending(.name(member.name))
                add(member.name, field, item, member.node, place, level: level + 1, effect: effect)
            }
        }
    }

    private mutating func addList(
        _ key: String, _ field: Field, _ item: Shape, _ node: ResolvedNode?, _ path: SettingPath, level: Int,
        _ isInEffect: Bool
    ) {
        guard case .list(let elements) = node?.kind else { return }
        guard case .map(let fields) = item else {
            let shown = elements.compactMap { self.shown(field, item, $0, isInEffect) }
            let text = key + " [" + shown.map(YAMLText.write).joined(separator: ", ") + "]"
            lines.append(Line(text: text, origin: origin(of: node), isInEffect: isInEffect))
            values.append((path.description, .array(shown), origin(of: node), isInEffect))
            return
        }
        lines.append(Line(text: key))
        for (index, element) in elements.enumerated() {
            let first = lines.count
            for inner in fields where element[inner.name] != nil {
                add(
                    inner, element[inner.name], path.appending(.index(index)), level: level + 2,
                    effect: isInEffect ? .active : nil)
            }
            guard first < lines.count else { continue }
            let dashed = margin(level + 1) + "- " + lines[first].text.drop { $0 == " " }
            lines[first] = Line(text: dashed, origin: lines[first].origin, isInEffect: lines[first].isInEffect)
        }
    }

    private func margin(_ level: Int) -> String { String(repeating: "  ", count: level) }

    private func origin(of node: ResolvedNode?) -> String { configuration.originText(of: node) }
}

// MARK: What may be printed

extension ShowReport {
    private func shown(_ field: Field, _ shape: Shape, _ node: ResolvedNode?, _ isInEffect: Bool) -> JSON? {
        guard let leaf = node?.leaf else { return isInEffect || isComplete ? field.standard : nil }
        if field.isSensitive { return .string(hidden(leaf)) }
        guard !leaf.references.isEmpty else { return leaf.written }
        // Text may hold a key that came in through a variable; a number or a choice cannot.
        if case .scalar(let type) = shape, type.isFreeText || leaf.value == nil { return .string(naming(leaf)) }
        return leaf.value
    }

    private func hidden(_ leaf: Leaf) -> String {
        guard let text = try? ReferenceText(leaf.written.stringValue ?? ""), text.parts.count == 1,
            text.references.count == 1
        else { return "(hidden)" }
        return naming(leaf)
    }

    /// The text with `${NAME}` as written and secrets as `secret:NAME`.
    private func naming(_ leaf: Leaf) -> String {
        guard let text = try? ReferenceText(leaf.written.stringValue ?? "") else { return "(hidden)" }
        return text.parts.map { part in
            switch part {
            case .literal(let literal): literal
            case .reference(.variable(let name)): "${\(name)}"
            case .reference(.secret(let name)): "secret:\(name)"
            }
        }.joined()
    }
}

extension ScalarType {
    fileprivate var isFreeText: Bool {
        switch self {
        case .text, .name, .url, .condition, .modelRule: true
        default: false
        }
    }
}
