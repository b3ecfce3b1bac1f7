// SPDX-License-Identifier: Apache-2.0
// ScanMemory: what the last scan of some folders found, so that the next one reads only what changed since; and the last
// content of each file that passed its checks, which goes on serving while newer content does not.

import CorralBase

struct ScanMemory: Sendable {
    struct Item: Sendable {
        /// Paths whose change makes the result void, without links.
        var dependencies: [String]
        /// Nil: look again each time.
        var marks: [FileMark]?
        var result: Result<CatalogEntry, Refusal>
        /// What the same name held when it last passed its checks.
        var lastGood: CatalogEntry?
    }

    /// By path without links: its bytes, because strings that only look alike are equal in Swift.
    var items: [[UInt8]: Item] = [:]
    /// What was wrong with the folders themselves.
    var folderProblems: [ProblemEntry] = []
    /// The last result; its entries say whose file each id was taken from.
    var snapshot = CatalogSnapshot.empty
}

/// A name in a plugins folder that may be a plugin.
struct PluginName: Sendable {
    /// The folder as a person wrote it, and without links.
    var folder: String
    var root: String
    var name: String
    /// All names of the folder.
    var siblings: Set<String>

    var source: String { folder + "/" + name }
    var path: String { root + "/" + name }
    var key: [UInt8] { Array(path.utf8) }

    /// Whether its name says that it is one. A folder shows it by what it holds.
    var isPlugin: Bool { name.hasSuffix(".so") || name.hasSuffix(".tools.yaml") || !name.contains(".") }

    /// What its result depends on. A tools file is read for that: it may name a library beside it.
    var dependencies: [String] {
        if name.hasSuffix(".so") { return [path, path.dropLast(3) + ".plugin.yaml"] }
        if name.hasSuffix(".plugin.yaml") { return [path, path.dropLast(".plugin.yaml".count) + ".so"] }
        guard name.hasSuffix(".tools.yaml") else { return [path] }
        guard let file = try? PluginFile(source, inside: root),
            let bytes = try? file.content(bytesMax: Limits.documentBytesMax),
            case .success(let tools) = ToolsFile.parse(
                String(decoding: bytes, as: UTF8.self), file: source,
                stem: String(name.dropLast(".tools.yaml".count))),
            tools.isRelative
        else { return [path] }
        return [path, root + "/" + tools.library]
    }

    func marks(_ dependencies: [String]) -> [FileMark]? {
        var marks: [FileMark] = []
        for dependency in dependencies {
            guard let more = FileMark.all(of: dependency, inside: root) else { return nil }
            marks += more
        }
        return marks
    }
}

/// What somebody who watches the folders knows and the file system does not tell. Paths without links.
package struct FolderNews: Sendable {
    /// Written since the last scan: looked at whatever their dates say.
    package var changed: Set<String> = []
    /// Open for writing: what they hold is not meant yet.
    package var unfinished: Set<String> = []

    package init() {}

    func changed(_ dependencies: [String]) -> Bool { touches(changed, dependencies) }
    func isWriting(_ dependencies: [String]) -> Bool { touches(unfinished, dependencies) }

    private func touches(_ paths: Set<String>, _ dependencies: [String]) -> Bool {
        paths.contains { path in dependencies.contains { path.isAt(orBelow: $0) || $0.isAt(orBelow: path) } }
    }
}
