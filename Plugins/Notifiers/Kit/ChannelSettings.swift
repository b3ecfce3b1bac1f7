// SPDX-License-Identifier: Apache-2.0
import CorralSDK

/// Reads the settings of a channel, which the operator wrote. A name that nobody knows is a mistake, not a setting.
package struct ChannelSettings {
    private let members: [String: JSON]

    /// - Throws: `invalid_settings`.
    package init(_ settings: JSON?, known: [String]) throws {
        guard case .object(let members)? = settings else { throw Self.mistake("the channel has no settings") }
        for name in members.keys.sorted() where !known.contains(name) {
            throw Self.mistake("there is no \"\(name.prefix(40))\"; there are \(known.joined(separator: ", "))")
        }
        self.members = members
    }

    package func text(_ name: String) throws -> String? {
        switch members[name] {
        case nil, .null?: nil
        case .text(let text)? where !text.isEmpty: text
        default: throw Self.mistake("\(name) is no text")
        }
    }

    package func requiredText(_ name: String) throws -> String {
        guard let text = try text(name) else { throw Self.mistake("\(name) is missing") }
        return text
    }

    /// A list of texts; a single text is a list of one.
    package func texts(_ name: String) throws -> [String] {
        switch members[name] {
        case nil, .null?: return []
        case .text(let text)? where !text.isEmpty: return [text]
        case .array(let items)?:
            let texts = items.compactMap { if case .text(let text) = $0, !text.isEmpty { text } else { nil } }
            guard texts.count == items.count, !texts.isEmpty else { throw Self.mistake("\(name) is no list of texts") }
            return texts
        default: throw Self.mistake("\(name) is no list of texts")
        }
    }

    package func flag(_ name: String) throws -> Bool {
        switch members[name] {
        case nil, .null?: false
        case .bool(let flag)?: flag
        default: throw Self.mistake("\(name) is not true or false")
        }
    }

    package func number(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        switch members[name] {
        case nil, .null?: return nil
        case .integer(let number)? where range.contains(number): return number
        default: throw Self.mistake("\(name) is no whole number from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    package static func mistake(_ what: String) -> AgentError {
        AgentError("invalid_settings", "the channel's settings cannot be used: \(what)")
    }
}
