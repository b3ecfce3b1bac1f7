// SPDX-License-Identifier: Apache-2.0
// PluginSource: what an author names on the command line (a library, a folder with one, a folder with sources) and the
// library that comes of it.

import CorralAuthor
import CorralBase
import CorralConformance
import CorralHome

struct PluginSource {
    /// What goes into plugins.d: a library or a folder.
    let product: String
    /// The library itself.
    let library: String
    /// The sources, when they were named.
    let folder: PluginFolder?

    /// Builds a folder of sources first.
    /// - Throws: `plugin_folder_unknown`, `build_failed`, `file_unreadable`.
    static func resolve(_ path: String, isDebug: Bool = false, terminal: Terminal) throws -> PluginSource {
        let path = Path.absolute(path)
        if let library = PluginPlacement.library(in: path) {
            return PluginSource(product: path, library: library, folder: nil)
        }
        guard Path.exists(path) else { throw CorralError.fileUnreadable(path, "there is no such file or folder") }
        let folder = try PluginFolder(path)
        let library = try build(folder, isDebug: isDebug, terminal: terminal)
        return PluginSource(product: library, library: library, folder: folder)
    }

    /// - Throws: `build_failed` when the compiler has said why, `compiler_missing`, `build_result_unclear`.
    static func build(_ folder: PluginFolder, isDebug: Bool, terminal: Terminal) throws -> String {
        let compiler = try folder.compiler(isDebug: isDebug)
        terminal.say(terminal.talk.faint("building: \(compiler.command)"))
        let result = try compiler.run(ownGroup: false)
        guard result.isSuccess else {
            terminal.say(CompilerWords.text(result.output))
            throw folder.failure(compiler, result)
        }
        return try folder.library(isDebug: isDebug)
    }

    /// The samples that a check uses: those given, else those of the folder.
    func samples(_ inputs: [String], tool: String?) throws -> [String: Sample] {
        var samples: [String: Sample] = [:]
        for (tool, file) in folder?.samples() ?? [:] { samples[tool] = Sample(body: file.body, origin: file.name) }
        if !inputs.isEmpty { samples[tool ?? ""] = try SampleInput.sample(inputs) }
        return samples
    }
}

/// A compiler's output as a person reads it.
enum CompilerWords {
    private static let linesMax = 200

    /// Control characters made visible line by line, the progress of builds left out, the end kept when it is long.
    static func text(_ output: String) -> String {
        let lines = output.split(whereSeparator: \.isNewline).filter { !isProgress($0) }
        let left = lines.count - linesMax
        let kept = lines.suffix(linesMax).map { printable($0) }
        return ((left > 0 ? ["… \(left) lines before"] : []) + kept).joined(separator: "\n")
    }

    private static func isProgress(_ line: Substring) -> Bool {
        line.hasPrefix("Building for ") || line.wholeMatch(of: /\[\d+\/\d+\] (?!error).*/) != nil
    }
}
