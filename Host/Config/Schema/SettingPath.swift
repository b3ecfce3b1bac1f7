// SPDX-License-Identifier: Apache-2.0
// SettingPath: the address of a setting as people write it: `mcpServers.slack.env.SLACK_BOT_TOKEN`,
// `human_review.workflow.reviewers[0].role`, and with `*` and `[]` in the schema.

/// The address of a place in the configuration.
package struct SettingPath: Sendable, Hashable, CustomStringConvertible {
    package enum Component: Sendable, Hashable {
        case name(String)
        case index(Int)
        /// A name the user chooses (schema only).
        case anyName
        /// Any item of a list (schema only).
        case anyIndex
    }

    package let components: [Component]

    package init(_ components: [Component]) { self.components = components }

    /// The path a text says, or nil when it says none. Understands what `description` writes.
    package init?(parsing text: String) {
        var components: [Component] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first == "[" {
                guard let end = rest.firstIndex(of: "]"), let index = Int(rest[..<end].dropFirst()), !components.isEmpty
                else { return nil }
                components.append(.index(index))
                rest = rest[end...].dropFirst()
                continue
            }
            if !components.isEmpty {
                guard first == "." else { return nil }
                rest = rest.dropFirst()
            }
            guard let name = Self.takeName(&rest) else { return nil }
            components.append(.name(name))
        }
        guard !components.isEmpty else { return nil }
        self.init(components)
    }

    private static func takeName(_ rest: inout Substring) -> String? {
        if rest.first == "\"" {
            guard let end = rest.dropFirst().firstIndex(of: "\"") else { return nil }
            defer { rest = rest[end...].dropFirst() }
            return String(rest[..<end].dropFirst())
        }
        let name = rest.prefix { $0 != "." && $0 != "[" }
        rest = rest[name.endIndex...]
        return name.isEmpty ? nil : String(name)
    }

    package func appending(_ component: Component) -> SettingPath { SettingPath(components + [component]) }

    /// Whether this schema path stands for that concrete path. A path into a list of single values is the list's.
    package func covers(_ path: SettingPath) -> Bool {
        var concrete = path.components
        if concrete.count == components.count + 1, case .index = concrete.last { concrete.removeLast() }
        guard concrete.count == components.count else { return false }
        return zip(components, concrete).allSatisfy { declared, given in
            switch (declared, given) {
            case (.anyName, .name), (.anyIndex, .index): true
            default: declared == given
            }
        }
    }

    /// A name with other characters than letters, digits, `_` and `-` is quoted.
    package var description: String {
        var text = ""
        for component in components {
            switch component {
            case .index(let index): text += "[\(index)]"
            case .anyIndex: text += "[]"
            case .anyName: text += text.isEmpty ? "*" : ".*"
            case .name(let name): text += (text.isEmpty ? "" : ".") + (Self.isPlain(name) ? name : "\"\(shown(name))\"")
            }
        }
        return text
    }

    private static func isPlain(_ name: String) -> Bool { isName(name) && !name.contains(".") && !name.contains("/") }
}
