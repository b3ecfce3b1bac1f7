// SPDX-License-Identifier: Apache-2.0
// PluginFolder: a folder with a plugin's sources: in which language, how it is built, and where the library then lies.

import CorralBase
import Foundation

package struct PluginFolder: Sendable, Hashable {
    package enum Language: String, Sendable, CaseIterable {
        case swift, rust, c

        /// The file that gives it away.
        var buildFile: String {
            switch self {
            case .swift: "Package.swift"
            case .rust: "Cargo.toml"
            case .c: "Makefile"
            }
        }
    }

    /// Absolute.
    package let path: String
    package let language: Language

    /// - Throws: `plugin_folder_unknown`.
    package init(_ path: String) throws(CorralError) {
        let found = Language.allCases.first { FileManager.default.fileExists(atPath: "\(path)/\($0.buildFile)") }
        guard isFolder(path), let found else { throw .folderUnknown(path) }
        self.path = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
            .trimmingSuffix { $0 == "/" }
        language = found
    }

    // MARK: Building

    /// How it is built. Debug builds are for `corral dev`: they are there sooner.
    /// - Throws: `build_result_unclear` when a Swift package has not exactly one dynamic library.
    package func compiler(isDebug: Bool) throws(CorralError) -> CompilerRun {
        switch language {
        case .swift:
            return CompilerRun([
                "swift", "build", "--package-path", path, "-c", isDebug ? "debug" : "release", "--product",
                try swiftProduct(),
            ])
        case .rust:
            let mode = isDebug ? [] : ["--release"]
            return CompilerRun(["cargo", "build", "--manifest-path", "\(path)/Cargo.toml"] + mode)
        case .c: return CompilerRun(["make", "--no-print-directory", "-C", path])
        }
    }

    package func failure(_ compiler: CompilerRun, _ result: CompilerRun.Result) -> CorralError {
        .buildFailed(path, command: compiler.command, status: result.words)
    }

    /// Where the library lies once it is built.
    /// - Throws: `build_result_unclear`.
    package func library(isDebug: Bool) throws(CorralError) -> String {
        let mode = isDebug ? "debug" : "release"
        let found: String
        switch language {
        case .swift: found = "\(path)/.build/\(mode)/lib\(try swiftProduct()).so"
        case .rust: found = "\(path)/target/\(mode)/lib\(try cargoName()).so"
        case .c: return try onlyLibrary()
        }
        guard FileManager.default.fileExists(atPath: found) else {
            throw .resultUnclear(
                path, "\"\(found)\" is not there",
                hint: language == .rust
                    ? "say `crate-type = [\"cdylib\"]` in the [lib] section of Cargo.toml"
                    : "say `type: .dynamic` for the library's product in Package.swift")
        }
        return found
    }

    /// Read as text: asking the package manager takes a second, and a package whose products are computed can be built
    /// by hand and added as a file.
    private func swiftProduct() throws(CorralError) -> String {
        let text = (try? String(contentsOf: URL(filePath: "\(path)/Package.swift"), encoding: .utf8)) ?? ""
        let names = Set(
            text.matches(of: /\.library\(\s*name:\s*"([^"\\]+)"\s*,\s*type:\s*\.dynamic/).map { String($0.1) })
        guard names.count == 1, let name = names.first else {
            throw .resultUnclear(
                path, "Package.swift names \(names.isEmpty ? "no" : "\(names.count)") dynamic libraries",
                hint:
                    "have one `.library(name: \"…\", type: .dynamic, …)`, or build by hand and `corral plugin add FILE`"
            )
        }
        return name
    }

    private func cargoName() throws(CorralError) -> String {
        let text = (try? String(contentsOf: URL(filePath: "\(path)/Cargo.toml"), encoding: .utf8)) ?? ""
        var section = ""
        var names: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("[") { section = line }
            if let match = line.wholeMatch(of: /name\s*=\s*"([^"]+)".*/) {
                names[section] = names[section] ?? String(match.1)
            }
        }
        guard let name = names["[lib]"] ?? names["[package]"] else {
            throw .resultUnclear(
                path, "Cargo.toml names no package", hint: "build by hand and `corral plugin add FILE`")
        }
        return name.replacing("-", with: "_")
    }

    private func onlyLibrary() throws(CorralError) -> String {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
            .filter { $0.hasSuffix(".so") && !$0.hasPrefix(".") }.sorted()
        guard names.count == 1 else {
            throw .resultUnclear(
                path,
                names.isEmpty
                    ? "there is no .so file in it"
                    : "it holds \(names.count) libraries: "
                        + names.joined(separator: ", "),
                hint: "let `make` leave one .so in the folder, or `corral plugin add FILE`")
        }
        return "\(path)/\(names[0])"
    }

    // MARK: Its sample inputs

    /// `sample-input.json` for the agent, `sample-input.TOOL.json` for a tool; by tool, "" = the agent. Files that cannot
    /// be read are left out.
    package func samples() -> [String: (name: String, body: [UInt8])] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.reduce(into: [:]) { samples, name in
            guard name.hasPrefix("sample-input."), name.hasSuffix(".json"),
                let body = try? Data(contentsOf: URL(filePath: "\(path)/\(name)")),
                body.count <= Limits.documentBytesMax
            else { return }
            let tool = name.dropFirst("sample-input.".count).dropLast("json".count)
            samples[tool.isEmpty ? "" : String(tool.dropLast())] = (name, Array(body))
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ isOut: (Character) -> Bool) -> String {
        var text = self
        while text.count > 1, let last = text.last, isOut(last) { text.removeLast() }
        return text
    }
}
