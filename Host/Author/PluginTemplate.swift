// SPDX-License-Identifier: Apache-2.0
// PluginTemplate: a folder of the SDK that is a whole plugin, and a copy of it under another name. Templates are not
// written in a language of templates: each builds and runs as it lies there, which tests do, and the copy differs in its
// names only.

import CorralBase
import Foundation

package struct PluginTemplate: Sendable, Hashable {
    /// Below the SDK's `Templates`.
    package let folder: String
    /// `agent` or `tool`.
    package let kind: String
    /// `swift` or `c`.
    package let language: String
    /// What it is called before it is renamed.
    package let name: PluginName
    package let summary: String

    private static let filesMax = 64
    private static let fileBytesMax = 256 << 10

    /// What the SDK in this folder has.
    /// - Throws: `sdk_missing`.
    package static func all(sdk: String) throws(CorralError) -> [PluginTemplate] {
        let path = sdk + "/Templates/templates.json"
        let list: JSON
        do { list = try JSON(parsing: Array(Data(contentsOf: URL(filePath: path)))) } catch {
            throw .sdkMissing(sdk, "\(path): \((error as? CorralError)?.message ?? error.localizedDescription)")
        }
        var templates: [PluginTemplate] = []
        for item in list.arrayValue ?? [] {
            guard let folder = item["folder"]?.stringValue, let kind = item["kind"]?.stringValue,
                let language = item["lang"]?.stringValue, let id = item["id"]?.stringValue
            else { throw .sdkMissing(sdk, "\(path) has an entry without folder, kind, lang or id") }
            templates.append(
                PluginTemplate(
                    folder: folder, kind: kind, language: language, name: try PluginName(id),
                    summary: item["summary"]?.stringValue ?? ""))
        }
        return templates
    }

    // MARK: Rendering

    /// Writes the copy. A folder that is there must be empty.
    /// - Returns: the files, relative to `target`, sorted.
    /// - Throws: `folder_not_empty`, `sdk_missing`.
    package func render(_ new: PluginName, into target: String, sdk: String) throws(CorralError) -> [String] {
        guard sdk.allSatisfy({ !"\"'`$#\\\n".contains($0) }) else { throw .sdkPathUnusable(sdk) }
        let files = FileManager.default
        let there = (try? files.contentsOfDirectory(atPath: target)) ?? []
        guard there.isEmpty, !files.fileExists(atPath: target) || isFolder(target) else {
            throw .folderNotEmpty(target)
        }
        let root = "\(sdk)/Templates/\(folder)"
        var written: [String] = []
        for path in try paths(below: root) {
            let place = renamed(path, new)
            do {
                let text = try String(contentsOf: URL(filePath: "\(root)/\(path)"), encoding: .utf8)
                let file = URL(filePath: "\(target)/\(place)")
                try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(pointed(renamed(text, new), at: sdk).utf8).write(to: file)
            } catch {
                throw .folderNotWritten("\(target)/\(place)", error.localizedDescription)
            }
            written.append(place)
        }
        return written.sorted()
    }

    /// What a build left in the template's folder is no part of it.
    private func paths(below root: String) throws(CorralError) -> [String] {
        let skipped: Set = [".build", "debug"]
        let found = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        let paths = found.filter { path in
            let parts = path.split(separator: "/").map(String.init)
            return skipped.isDisjoint(with: parts) && !path.hasSuffix(".so") && !path.hasSuffix("Package.resolved")
                && !isFolder("\(root)/\(path)")
        }
        guard !paths.isEmpty, paths.count <= Self.filesMax else {
            throw .sdkMissing(root, "it holds \(paths.count) files, 1 to \(Self.filesMax) are expected")
        }
        return paths
    }

    /// The id, the file, the quoted name and the type; nothing else of the text is a name.
    func renamed(_ text: String, _ new: PluginName) -> String {
        text.replacingOccurrences(of: name.id, with: new.id)
            .replacingOccurrences(of: "\(name.name).so", with: "\(new.name).so")
            .replacingOccurrences(of: "\"\(name.name)\"", with: "\"\(new.name)\"")
            .replacingOccurrences(of: name.typeName, with: new.typeName)
    }

    /// In its own place the template finds the SDK two folders up.
    private func pointed(_ text: String, at sdk: String) -> String {
        text.replacingOccurrences(of: "?? \"../..\"", with: "?? \"\(sdk)\"")
            .replacingOccurrences(of: "CORRAL_SDK ?= ../..", with: "CORRAL_SDK ?= \(sdk)")
    }
}

func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}
