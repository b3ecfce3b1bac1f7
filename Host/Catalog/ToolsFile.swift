// SPDX-License-Identifier: Apache-2.0
// ToolsFile: `NAME.tools.yaml`, which makes functions of any C library tools. The signatures are checked by the worker
// that probes the library; here the file's own form is.

import CorralBase
import CorralDocument

struct ToolsFile: Sendable {
    struct Function: Sendable, Hashable {
        var name: String
        var symbol: String
        var signature: String
        var summary: String
        var line: Int
    }

    var id: PluginID
    var version: String
    var summary: String
    /// A name for the loader, an absolute path, or a path relative to the file's folder.
    var library: String
    var releaseSymbol: String?
    var functions: [Function]
    /// Where the library is named, for errors about it.
    var libraryLocation: SourceLocation

    /// Whether the library is a file beside this one, and not found by the loader.
    var isRelative: Bool { library.contains("/") && !library.hasPrefix("/") }

    private static let keys = ["id", "version", "summary", "library", "free", "tools"]

    /// - Parameter stem: the file's name without `.tools.yaml`.
    /// - Returns: the file, or every mistake in it.
    static func parse(_ text: String, file: String, stem: String) -> Result<ToolsFile, DiagnosticsError> {
        var reader = DocumentReader(code: .toolsFileInvalid, file: file)
        let node = reader.root(text, known: keys)
        let library = reader.string(node?["library"], "library")
        if library?.isEmpty ?? true, reader.diagnostics.isEmpty {
            reader.mistake("`library` is missing", node, "name a C library, for example `library: libm.so.6`")
        }
        if let library, library.contains("..") || library.unicodeScalars.contains(where: { $0.value < 0x20 }) {
            reader.mistake("library: expected a name or a path without \"..\"", node?["library"])
        }
        let functions = functions(node?["tools"], &reader)
        let id = id(node?["id"], stem, &reader)
        guard reader.diagnostics.isEmpty, let library, let id else {
            return .failure(DiagnosticsError(reader.diagnostics))
        }
        return .success(
            ToolsFile(
                id: id, version: reader.string(node?["version"], "version") ?? "0.0.0",
                summary: reader.string(node?["summary"], "summary") ?? "functions of \(library)", library: library,
                releaseSymbol: reader.string(node?["free"], "free"), functions: functions,
                libraryLocation: node?["library"]?.location ?? SourceLocation(file: file, line: 1, column: 1)))
    }

    private static func id(_ node: YAMLNode?, _ stem: String, _ reader: inout DocumentReader) -> PluginID? {
        let text = reader.string(node, "id") ?? "native/\(stem)"
        do { return try PluginID(text) } catch {
            reader.mistake((error as? CorralError)?.message ?? "\(error)", node, "give an `id: publisher/name`")
            return nil
        }
    }

    private static func functions(_ node: YAMLNode?, _ reader: inout DocumentReader) -> [Function] {
        guard let node, !node.isNull else {
            if reader.diagnostics.isEmpty {
                reader.mistake("`tools` is missing", nil, "for example `tools: {pow: \"(x: f64, y: f64) -> f64\"}`")
            }
            return []
        }
        let members = reader.members(node, "tools")
        if members.isEmpty, node.members != nil { reader.mistake("`tools` is empty", node) }
        if members.count > Limits.toolsPerPluginMax {
            reader.mistake("more than \(Limits.toolsPerPluginMax) tools", node)
            return []
        }
        return members.compactMap { function($0.key, $0.value, &reader) }
    }

    private static func function(_ key: YAMLNode, _ value: YAMLNode, _ reader: inout DocumentReader) -> Function? {
        let name = key.name
        if !isToolName(name) {
            reader.mistake("tool name \"\(name.prefix(80))\" is not allowed: [a-z][a-z0-9_]{0,63}", key)
        }
        if let signature = value.string {
            return Function(name: name, symbol: name, signature: signature, summary: "", line: value.location.line)
        }
        guard value.members != nil else {
            reader.mistake(
                "tool \"\(name)\": expected a signature, got \(value.typeName)", value,
                "for example \"(x: f64) -> f64\", in quotes")
            return nil
        }
        reader.checkKeys(value, ["signature", "symbol", "summary"])
        guard let signature = reader.string(value["signature"], "signature") else {
            if value["signature"] == nil { reader.mistake("tool \"\(name)\" has no `signature`", value) }
            return nil
        }
        return Function(
            name: name, symbol: reader.string(value["symbol"], "symbol") ?? name, signature: signature,
            summary: reader.string(value["summary"], "summary") ?? "",
            line: value["signature"]?.location.line ?? value.location.line)
    }

    /// The load message's description.
    var native: [UInt8] {
        var object: JSONObject = ["library": .string(library)]
        if let releaseSymbol { object["free"] = .string(releaseSymbol) }
        object["tools"] = .array(
            functions.map {
                [
                    "name": .string($0.name), "symbol": .string($0.symbol), "signature": .string($0.signature),
                    "summary": .string($0.summary),
                ]
            })
        return JSON.object(object).bytes()
    }

    /// The place of the function that an error text of the worker names (`tool "pow": …`), or of the library.
    func location(of detail: String) -> SourceLocation {
        for function in functions where detail.contains("\"\(function.name)\"") {
            return SourceLocation(file: libraryLocation.file, line: function.line, column: 1)
        }
        return libraryLocation
    }
}
