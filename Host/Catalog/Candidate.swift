// SPDX-License-Identifier: Apache-2.0
// Candidate: something in a plugins folder that means to be a plugin, from its name to the copy that a worker can load.

import CorralBase
import CorralDocument

/// A plugin that was copied and checked from outside, and must still be asked who it is.
struct Candidate: Sendable {
    var source: String
    /// What the scan knows it by.
    var key: [UInt8]
    var form: CatalogEntry.Form
    /// Names the copy and the probe's answer.
    var content: ContentDigest
    /// Names the plugin in its workers: content and everything else that a load depends on.
    var digest: ContentDigest
    var loadPath: String
    var toolchain: String?
    var sidecar: Sidecar
    /// Where mistakes of the sidecar are reported.
    var sidecarFile: String
    var tools: ToolsFile?
}

/// Why something cannot be a candidate.
struct Refusal: Error {
    var problem: ProblemEntry

    init(_ source: String, id: PluginID? = nil, _ error: CorralError, _ diagnostics: [Diagnostic] = []) {
        problem = ProblemEntry(source: source, id: id, error: error, diagnostics: diagnostics)
    }
}

extension Candidate {
    /// What a name in a plugins folder is, or nil when it is none of our business.
    static func make(_ plugin: PluginName, cache: String) throws(Refusal) -> Candidate? {
        guard var candidate = try read(plugin, cache: cache) else { return nil }
        candidate.key = plugin.key
        return candidate
    }

    private static func read(_ plugin: PluginName, cache: String) throws(Refusal) -> Candidate? {
        let (name, source, root, names) = (plugin.name, plugin.source, plugin.root, plugin.siblings)
        if name.hasSuffix(".tools.yaml") { return try native(name, source, root, cache) }
        do throws(CorralError) {
            if name.hasSuffix(".plugin.yaml") {
                let library = name.dropLast(".plugin.yaml".count) + ".so"
                guard names.contains(String(library)) else {
                    throw .fileRefused(source, "there is no \"\(library)\" that it could belong to")
                }
                return nil
            }
            if let problem = misnamed(name, source) { throw problem }
            let isLibrary = name.hasSuffix(".so")
            guard isLibrary || !name.contains(".") else { return nil }
            let file = try PluginFile(source, inside: root)
            switch file.kind {
            case .file: return isLibrary ? try library(file, name, source, root, names, cache) : nil
            case .folder: return try packed(file, source, cache)
            }
        } catch {
            throw Refusal(source, error)
        }
    }

    private static func misnamed(_ name: String, _ source: String) -> CorralError? {
        if name.hasSuffix(".tools.yml") || name.hasSuffix(".plugin.yml") {
            return .fileRefused(source, "its name ends in .yml", hint: "call it \(name.dropLast(3))yaml")
        }
        let isForeign = [".dylib", ".dll", ".a", ".o"].contains { name.hasSuffix($0) }
        guard isForeign || name.contains(".so.") else { return nil }
        return .fileRefused(
            source, "the names of plugins end in .so",
            hint: isForeign ? "build a shared object for Linux" : "rename it to \"\(name.prefix { $0 != "." }).so\"")
    }

    // MARK: The three forms

    private static func library(
        _ file: PluginFile, _ name: String, _ source: String, _ root: String, _ names: Set<String>, _ cache: String
    ) throws(CorralError) -> Candidate {
        let image = try checkedPlugin(file)
        let content = try PluginContent(file: file)
        let sidecarName = name.dropLast(3) + ".plugin.yaml"
        let sidecarFile = source.dropLast(3) + ".plugin.yaml"
        var text: [UInt8]?
        if names.contains(String(sidecarName)) {
            let sidecar = try PluginFile(String(sidecarFile), inside: root)
            text = try sidecar.content(bytesMax: Limits.documentBytesMax)
        }
        let digest = text.map { ContentDigest(label: "corral file 1", [Array(content.digest.text.utf8), $0]) }
        let copy = try content.copy(into: cache)
        if let digest { PluginCopies(folder: cache).name(digest, as: content.digest) }
        return Candidate(
            source: source, key: [], form: .library, content: content.digest, digest: digest ?? content.digest,
            loadPath: copy + "/plugin.so", toolchain: image.toolchain,
            sidecar: Sidecar(text: text.map { String(decoding: $0, as: UTF8.self) }, file: String(sidecarFile)),
            sidecarFile: String(sidecarFile))
    }

    private static func packed(_ folder: PluginFile, _ source: String, _ cache: String) throws(CorralError) -> Candidate
    {
        let content = try PluginContent(folder: folder)
        let libraries = content.files.filter { !$0.path.contains("/") && $0.path.hasSuffix(".so") }
        guard
            let main = libraries.first(where: { $0.path == "lib.so" }) ?? (libraries.count == 1 ? libraries.first : nil)
        else { throw .folderUnclear(source, libraries: libraries.map(\.path)) }
        let image = try checkedPlugin(main.file)
        let sidecarFile = source + "/plugin.yaml"
        let sidecar = content.files.first { $0.path == "plugin.yaml" }
        var text: String?
        if let sidecar {
            text = String(decoding: try sidecar.file.content(bytesMax: Limits.documentBytesMax), as: UTF8.self)
        }
        return Candidate(
            source: source, key: [], form: .folder, content: content.digest, digest: content.digest,
            loadPath: try content.copy(into: cache) + "/" + main.path, toolchain: image.toolchain,
            sidecar: Sidecar(text: text, file: sidecarFile), sidecarFile: sidecarFile)
    }

    private static func native(
        _ name: String, _ source: String, _ root: String, _ cache: String
    ) throws(Refusal) -> Candidate {
        let bytes: [UInt8]
        do throws(CorralError) {
            bytes = try PluginFile(source, inside: root).content(bytesMax: Limits.documentBytesMax)
        } catch {
            throw Refusal(source, error)
        }
        let stem = String(name.dropLast(".tools.yaml".count))
        switch ToolsFile.parse(String(decoding: bytes, as: UTF8.self), file: source, stem: stem) {
        case .failure(let mistakes):
            let error = CorralError.fileInvalid(.toolsFileInvalid, source, mistakes.diagnostics)
            throw Refusal(source, error, mistakes.diagnostics)
        case .success(let tools):
            do throws(CorralError) {
                return try native(tools, bytes, source, root, cache)
            } catch {
                throw Refusal(source, error)
            }
        }
    }

    private static func native(
        _ tools: ToolsFile, _ bytes: [UInt8], _ source: String, _ root: String, _ cache: String
    ) throws(CorralError) -> Candidate {
        var digest = ContentDigest(label: "corral tools 1", [bytes])
        var loadPath = tools.library
        if tools.isRelative {
            let library = try PluginFile(root + "/" + tools.library, inside: root)
            guard library.kind == .file else { throw .fileRefused(library.path, "it is a folder, not a library") }
            _ = try checked(library)
            let content = try PluginContent(file: library)
            digest = ContentDigest(label: "corral tools 1", [bytes, Array(content.digest.text.utf8)])
            loadPath = try content.copy(into: cache) + "/plugin.so"
            PluginCopies(folder: cache).name(digest, as: content.digest)
        }
        return Candidate(
            source: source, key: [], form: .native, content: digest, digest: digest, loadPath: loadPath, toolchain: nil,
            sidecar: Sidecar(text: nil, file: source), sidecarFile: source, tools: tools)
    }

    private static func checkedPlugin(_ file: PluginFile) throws(CorralError) -> ELFImage {
        let image = try checked(file)
        guard image.exports.contains(ELFImage.entrySymbol) else {
            throw LoadProblem(.noEntryPoint, detail: "it exports \(image.exports.count) symbols").error(
                source: file.path)
        }
        return image
    }

    /// Looks at the library itself before any process loads it.
    private static func checked(_ file: PluginFile) throws(CorralError) -> ELFImage {
        let bytes = try file.content(bytesMax: Limits.pluginFileBytesMax)
        let outcome = bytes.withUnsafeBytes { bytes -> Result<ELFImage, CorralError> in
            Result { () throws(CorralError) in try ELFImage(bytes, path: file.path) }
        }
        return try outcome.get()
    }
}
