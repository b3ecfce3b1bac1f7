// SPDX-License-Identifier: Apache-2.0
// Validator: a parsed file against the schema. It goes on after every mistake, so that all of them are reported at once.

import CorralBase
import CorralDocument

/// Walks one document at a time and collects what it finds.
struct Validator {
    let environment: ConfigurationEnvironment
    private(set) var diagnostics: [Diagnostic] = []

    init(environment: ConfigurationEnvironment) { self.environment = environment }

    /// The sections of a document, in the order they were written, with the place of their names.
    mutating func sections(of document: YAMLNode) -> [(name: YAMLNode, node: ResolvedNode)] {
        let known = Schema.sections.map(\.name)
        guard let members = document.members else {
            if !document.isNull {
                diagnostics.append(.notMap(nil, got: "a \(document.typeName)", known: known, at: document.location))
            }
            return []
        }
        return members.compactMap { key, value in
            guard let section = Schema.section(named: key.name) else {
                diagnostics.append(.unknownSection(key.name, known: known, at: key.location))
                return nil
            }
            let path = SettingPath([.name(section.name)])
            guard let node = resolve(value, section.shape, path, section.effect ?? .inert("undeclared")) else {
                return nil
            }
            return (key, node)
        }
    }

    private mutating func resolve(_ node: YAMLNode, _ shape: Shape, _ path: SettingPath, _ effect: Effect)
        -> ResolvedNode?
    {
        switch shape {
        case .scalar(let type): scalar(node, type, path, effect)
        case .list(let item): list(node, item, path, effect)
        case .map(let fields): map(node, fields, path, effect)
        case .dictionary(let value, _): dictionary(node, value, path, effect)
        case .tree: tree(node, path, effect)
        }
    }

    /// Any value. What stands in it may refer to variables as everywhere.
    private mutating func tree(_ node: YAMLNode, _ path: SettingPath, _ effect: Effect) -> ResolvedNode? {
        switch node.kind {
        case .scalar: resolve(node, .scalar(.any), path, effect)
        case .sequence: list(node, .tree, path, effect)
        case .mapping: dictionary(node, .tree, path, effect)
        }
    }

    private mutating func map(_ node: YAMLNode, _ fields: [Field], _ path: SettingPath, _ effect: Effect)
        -> ResolvedNode?
    {
        let known = fields.map(\.name)
        guard let members = members(of: node, path, known: known) else { return nil }
        var resolved: [ResolvedNode.Member] = []
        for (key, value) in members {
            guard let field = fields.first(where: { $0.name == key.name }) else {
                diagnostics.append(.unknownKey(key.name, in: path, known: known, at: key.location))
                continue
            }
            let place = path.appending(.name(field.name))
            let child = resolve(value, field.shape, place, field.effect ?? effect)
            resolved.append(ResolvedNode.Member(name: field.name, node: child ?? .rejected(at: value.location)))
        }
        return ResolvedNode(kind: .map(resolved), location: node.location)
    }

    private mutating func dictionary(_ node: YAMLNode, _ shape: Shape, _ path: SettingPath, _ effect: Effect)
        -> ResolvedNode?
    {
        guard let members = members(of: node, path, known: []) else { return nil }
        var resolved: [ResolvedNode.Member] = []
        for (key, value) in members {
            let child = resolve(value, shape, path.appending(.name(key.name)), effect)
            resolved.append(ResolvedNode.Member(name: key.name, node: child ?? .rejected(at: value.location)))
        }
        return ResolvedNode(kind: .map(resolved), location: node.location)
    }

    /// A map with nothing in it is how people leave a section whose lines are all commented out.
    private mutating func members(
        of node: YAMLNode, _ path: SettingPath, known: [String]
    ) -> [(key: YAMLNode, value: YAMLNode)]? {
        if node.isNull { return [] }
        guard let members = node.members else {
            diagnostics.append(.notMap(path, got: describe(node), known: known, at: node.location))
            return nil
        }
        return members
    }

    private mutating func list(_ node: YAMLNode, _ item: Shape, _ path: SettingPath, _ effect: Effect) -> ResolvedNode?
    {
        if node.isNull { return ResolvedNode(kind: .list([]), location: node.location) }
        guard let elements = node.elements else {
            diagnostics.append(.notList(path, got: describe(node), at: node.location))
            return nil
        }
        var resolved: [ResolvedNode] = []
        for (index, element) in elements.enumerated() {
            let child = resolve(element, item, path.appending(.index(index)), effect)
            resolved.append(child ?? .rejected(at: element.location))
        }
        return ResolvedNode(kind: .list(resolved), location: node.location)
    }

    private func describe(_ node: YAMLNode) -> String {
        node.scalar.map { "\"\(shown($0.text))\"" } ?? "a \(node.typeName)"
    }
}

// MARK: Single values

extension Validator {
    private mutating func scalar(_ node: YAMLNode, _ type: ScalarType, _ path: SettingPath, _ effect: Effect)
        -> ResolvedNode?
    {
        guard let scalar = node.scalar else {
            diagnostics.append(
                .notScalar(path, expected: type.expectation, got: node.typeName, at: node.location))
            return nil
        }
        do throws(ReferenceMistake) {
            let text = try ReferenceText(scalar.text)
            let leaf =
                text.references.isEmpty
                ? plain(scalar, text, type, path, node.location)
                : referring(scalar, text, type, path, effect, node.location)
            return leaf.map { ResolvedNode(kind: .leaf($0), location: node.location) }
        } catch {
            diagnostics.append(.referenceInvalid(path, error, at: node.location))
            return nil
        }
    }

    private mutating func plain(
        _ scalar: YAMLScalar, _ text: ReferenceText, _ type: ScalarType, _ path: SettingPath, _ location: SourceLocation
    ) -> Leaf? {
        guard case .success(let unescaped) = text.expanded({ _ in nil }) else { return nil }
        let value: JSON = if case .string = scalar.value { .string(unescaped) } else { scalar.value }
        return check(unescaped, value, type, path, location).map {
            Leaf(value: $0, written: unescaped == scalar.text ? $0 : .string(scalar.text), references: [])
        }
    }

    private mutating func referring(
        _ scalar: YAMLScalar, _ text: ReferenceText, _ type: ScalarType, _ path: SettingPath, _ effect: Effect,
        _ location: SourceLocation
    ) -> Leaf? {
        let written = JSON.string(scalar.text)
        switch text.expanded(environment.value(of:)) {
        case .failure(let missing):
            if effect.isActive {
                diagnostics.append(.variableMissing(missing.reference, path, at: location))
                return nil
            }
            return Leaf(value: nil, written: written, references: text.references)
        case .success(let expanded):
            // The content of a variable may be a secret, so a mistake in it does not print it.
            guard let checked = try? type.check(expanded, meaning(of: expanded)) else {
                let mistake = ScalarMistake(
                    code: .configWrongType,
                    message: "expected \(type.expectation), which the content of \(shown(scalar.text)) is not",
                    suggestion: nil)
                diagnostics.append(.value(path, mistake, at: location))
                return nil
            }
            return Leaf(value: checked.value, written: written, references: text.references)
        }
    }

    /// What a variable's text means as YAML: `8` is a number there too. Text that is no YAML is just text.
    private func meaning(of text: String) -> JSON {
        (try? YAMLNode.parse(text, file: ""))?.scalar?.value ?? .string(text)
    }

    private mutating func check(
        _ text: String, _ value: JSON, _ type: ScalarType, _ path: SettingPath, _ location: SourceLocation
    ) -> JSON? {
        do throws(ScalarMistake) {
            let checked = try type.check(text, value)
            if let warning = checked.warning { diagnostics.append(.value(path, warning, at: location)) }
            return checked.value
        } catch {
            diagnostics.append(.value(path, error, at: location))
            return nil
        }
    }
}

// MARK: What must be there

extension Validator {
    /// Reports members that a merged configuration lacks. A separate pass, because an overlay gives only a part.
    mutating func requireMembers(_ node: ResolvedNode, _ shape: Shape, _ path: SettingPath) {
        switch (shape, node.kind) {
        case (.map(let fields), .map(let members)):
            for field in fields where field.isRequired && !members.contains(where: { $0.name == field.name }) {
                diagnostics.append(.keyMissing(field.name, in: path, help: field.help, at: node.location))
            }
            for member in members {
                guard let field = fields.first(where: { $0.name == member.name }) else { continue }
                requireMembers(member.node, field.shape, path.appending(.name(member.name)))
            }
        case (.dictionary(let value, _), .map(let members)):
            for member in members { requireMembers(member.node, value, path.appending(.name(member.name))) }
        case (.list(let item), .list(let elements)):
            for (index, element) in elements.enumerated() {
                requireMembers(element, item, path.appending(.index(index)))
            }
        default: break
        }
    }
}
