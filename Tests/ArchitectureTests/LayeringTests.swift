// SPDX-License-Identifier: Apache-2.0
// LayeringTests: the arrows of ARCHITECTURE.md are the arrows of Package.swift, and sources import nothing else.

import Foundation
import Testing

/// The repository this test was compiled in.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

@Suite struct LayeringTests {
    @Test func arrowTableIsThePackage() throws {
        let documented = try arrowTable()
        let declared = try declaredArrows()
        #expect(Set(documented.keys) == Set(declared.keys), "targets in ARCHITECTURE.md and in Package.swift")
        for (target, arrows) in declared {
            #expect(documented[target] == arrows, "arrows of \(target)")
        }
    }

    @Test func arrowsFormNoCircle() throws {
        var remaining = try declaredArrows()
        while !remaining.isEmpty {
            let free = remaining.filter { $0.value.allSatisfy { remaining[$0] == nil } }.map(\.key)
            #expect(!free.isEmpty, "a circle among \(remaining.keys.sorted())")
            guard !free.isEmpty else { return }
            for target in free { remaining[target] = nil }
        }
    }

    @Test func topLevelHoldsNoMoreThanTheDesignShows() throws {
        let allowed: Set = [
            "Package.swift", "Makefile", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md",
            "CHANGELOG.md",
            "LICENSE", "docs", "Host", "packaging", "PluginSDK", "Plugins", "Tests", "plugins.d",
        ]
        let tracked = try run("/usr/bin/env", ["git", "-C", repository.path(), "ls-files"])
            .split(separator: "\n").compactMap { $0.split(separator: "/").first.map(String.init) }
        let extra = Set(tracked).subtracting(allowed).filter { !$0.hasPrefix(".") }
        #expect(extra.isEmpty)
    }

    @Test func workerAndPluginsImportNoFoundation() throws {
        for folder in ["Host/Base", "Host/Wire", "Host/WorkerRuntime", "PluginSDK/Swift", "Plugins"] {
            for file in try swiftFiles(in: folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                #expect(
                    !text.contains(/(?m)^\s*(@\w+ )*(public |internal |package )?import Foundation\s*$/),
                    "\(file.path())")
            }
        }
    }

    /// Rows `| \`Target\` | folder | \`A\`, \`B\` | … |` of the table under the heading "The arrows".
    private func arrowTable() throws -> [String: Set<String>] {
        let text = try String(contentsOf: repository.appending(path: "ARCHITECTURE.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "## The arrows").dropFirst().first)
        var table: [String: Set<String>] = [:]
        for line in section.components(separatedBy: "\n## ")[0].split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            let target = cells[1].trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            table[target] = Set(cells[3].matches(of: /`([^`]+)`/).map { String($0.1) })
        }
        return table
    }

    /// Target → targets of this package it depends on, without plugins, tests and other packages' products.
    private func declaredArrows() throws -> [String: Set<String>] {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "corral-dump-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let output = try run(
            "/usr/bin/env",
            [
                "swift", "package", "--package-path", repository.path(), "--scratch-path", scratch.path(),
                "dump-package",
            ])
        let dump = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        let targets = try #require(dump["targets"] as? [[String: Any]])
        var arrows: [String: Set<String>] = [:]
        for target in targets {
            guard let name = target["name"] as? String, let path = target["path"] as? String, path.hasPrefix("Host/")
            else { continue }
            let dependencies = target["dependencies"] as? [[String: Any]] ?? []
            arrows[name] = Set(dependencies.compactMap { ($0["byName"] as? [Any])?.first as? String })
        }
        return arrows
    }

    private func swiftFiles(in folder: String) throws -> [URL] {
        let root = repository.appending(path: folder)
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        return try #require(files).compactMap { $0 as? URL }
            .filter { $0.pathExtension == "swift" && !$0.path().contains("/.build/") }
    }
}

/// Runs a program and returns what it printed.
func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(program) \(arguments)")
    return String(decoding: data, as: UTF8.self)
}
