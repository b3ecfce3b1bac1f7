// SPDX-License-Identifier: Apache-2.0
// PluginName: a new plugin's id and what it is called in files, in Swift and in C.

import CorralBase

package struct PluginName: Sendable, Hashable {
    /// `publisher/name`.
    package let id: String
    package let publisher: String
    package let name: String

    /// Stricter than the host, which also knows '.' and '_': the name becomes a package, a file and a type.
    /// - Throws: `identifier_invalid`.
    package init(_ id: String) throws(CorralError) {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy(Self.isPart) else { throw .nameUnusable(id) }
        self.id = id
        publisher = parts[0]
        name = parts[1]
    }

    private static func isPart(_ part: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
        }
        guard let first = part.utf8.first, isPlain(first), part.utf8.count <= 64 else { return false }
        return part.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
    }

    /// The plugin's file in a plugins folder: two publishers may use one name.
    package var fileName: String { "\(publisher)-\(name).so" }

    /// `risk-report` → `RiskReport`. It names a Swift type and its module, so words that mean something there already get
    /// an ending.
    package var typeName: String {
        let words = name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        let joined = words.joined()
        var whole = joined.first?.isNumber ?? true ? "Plugin" + joined : joined
        while Self.taken.contains(whole) { whole += "Plugin" }
        return whole
    }

    /// Words of the language, types every file sees, and modules a plugin may import.
    private static let taken: Set<String> = [
        "Any", "AnyObject", "Array", "Bool", "Character", "Codable", "Data", "Date", "Decodable", "Dictionary",
        "Double",
        "Encodable", "Entry", "Equatable", "Error", "Float", "Foundation", "FoundationEssentials", "Glibc", "Hashable",
        "Int", "Never", "Optional", "Package", "Protocol", "Range", "Result", "Self", "Sendable", "Sequence", "Set",
        "String", "Substring", "Swift", "Synchronization", "Task", "Testing", "Type", "URL", "Void", "Agent",
        "AgentCard",
        "AgentContext", "AgentError", "AgentResult", "Artifact", "CCorral", "CorralSDK", "Input", "JSON", "Manifest",
        "Output", "Plugin", "PluginCard", "Tool", "ToolContext", "ToolPlugin",
    ]
}
