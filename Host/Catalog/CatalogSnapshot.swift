// SPDX-License-Identifier: Apache-2.0
// CatalogSnapshot: what one scan found. A run keeps the snapshot it started with.

import CorralBase

package struct CatalogSnapshot: Sendable {
    /// Usable plugins by id; in id order when listed.
    package let entries: [PluginID: CatalogEntry]
    /// What cannot be used, in order of source.
    package let problems: [ProblemEntry]
    private let byText: [String: PluginID]

    package init(entries: [CatalogEntry], problems: [ProblemEntry] = []) {
        self.entries = Dictionary(entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.problems = problems
        byText = Dictionary(entries.map { ($0.id.text, $0.id) }, uniquingKeysWith: { first, _ in first })
    }

    package static let empty = CatalogSnapshot(entries: [])

    package var sorted: [CatalogEntry] { entries.values.sorted { $0.id.text < $1.id.text } }

    /// - Throws: `plugin_unknown` with the nearest name, or the reason why a plugin of that name cannot be used.
    package func plugin(_ id: String) throws(CorralError) -> CatalogEntry {
        if let known = byText[id], let entry = entries[known] { return entry }
        if let problem = problems.first(where: { $0.id?.text == id }) { throw problem.error }
        throw .pluginUnknown(id, known: byText.keys.sorted(), problems: problems)
    }

    /// - Throws: `plugin_unknown`; `plugin_not_an_agent`.
    package func agent(_ id: String) throws(CorralError) -> CatalogEntry {
        let entry = try plugin(id)
        guard entry.isAgent else { throw .notAnAgent(id, offers: entry.tools.map(\.name)) }
        return entry
    }

    /// The plugin and the tool that `publisher/name.tool` names. Ids may contain dots: the longest id that fits counts.
    /// - Throws: `plugin_unknown`, `tool_unknown`, each with the nearest name.
    package func tool(_ qualified: String) throws(CorralError) -> (entry: CatalogEntry, tool: ToolInterface) {
        for dot in qualified.indices.reversed() where qualified[dot] == "." {
            guard let id = byText[String(qualified[..<dot])], let entry = entries[id] else { continue }
            let name = String(qualified[qualified.index(after: dot)...])
            guard let tool = entry.tool(name) else {
                throw .toolUnknown(qualified, plugin: id.text, known: entry.tools.map(\.name))
            }
            return (entry, tool)
        }
        throw .toolUnknown(qualified, plugin: nil, known: toolNames)
    }

    /// Every tool as `publisher/name.tool`, sorted.
    package var toolNames: [String] {
        entries.values.flatMap { entry in entry.tools.map { "\(entry.id.text).\($0.name)" } }.sorted()
    }

    /// Ids of all agents, sorted.
    package var agentNames: [String] { entries.values.filter(\.isAgent).map(\.id.text).sorted() }
}
