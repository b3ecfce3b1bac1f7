// SPDX-License-Identifier: Apache-2.0
// StepPattern: which steps a rule of the operator's is about: an agent by its id, or a place in a flow.

/// `publisher/name`, `publisher/*`, `flow/step`, `flow/*` or `*`. Agents and steps have names of one shape, and a pattern
/// that names both means both.
package struct StepPattern: Sendable, Hashable {
    package let text: String

    /// Nil for anything else.
    package init?(_ text: String) {
        guard text != "*" else {
            self.text = text
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isName(parts[0]), parts[1] == "*" || Self.isName(parts[1]) else { return nil }
        self.text = text
    }

    package func covers(agent: String, flow: String, step: String) -> Bool {
        if text == "*" { return true }
        guard text.hasSuffix("/*") else { return text == agent || text == "\(flow)/\(step)" }
        let prefix = text.dropLast()
        return agent.hasPrefix(prefix) || flow == prefix.dropLast()
    }

    private static func isName(_ text: Substring) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            }
    }
}
