// SPDX-License-Identifier: Apache-2.0
// BinaryTests: what the built files import and export. Decision 0001 rests on these.

import Foundation
import Testing

@Suite struct BinaryTests {
    /// Where this test bundle and so the built products lie.
    private let products = Bundle.main.executableURL.map { $0.deletingLastPathComponent() } ?? repository

    @Test func hostHasNoDynamicLoader() throws {
        let loaders: Set = ["dlopen", "dlmopen", "dlsym", "dlvsym"]
        for program in ["corral", "corral-spawner"] {
            let file = try #require(built(program), "\(program) is not built")
            #expect(try symbols(file, "--undefined-only").isDisjoint(with: loaders), "\(program)")
        }
        // The same question must find the one program that does load plugins, or it proves nothing.
        let worker = try #require(built("corral-worker"), "corral-worker is not built")
        #expect(try symbols(worker, "--undefined-only").contains("dlopen"))
    }

    @Test func noSourceOfTheHostNamesTheDynamicLoader() throws {
        let output = try run(
            "/usr/bin/env",
            [
                "bash", "-c",
                "cd '\(repository.path())' && grep -rlE '\\b(dlopen|dlmopen|dlsym)\\s*\\(' Host --include=*.swift "
                    + "--include=*.c --include=*.h | grep -v '^Host/WorkerRuntime/' || true",
            ])
        #expect(output == "", "files outside WorkerRuntime that call the loader")
    }

    @Test func pluginsExportOnlyTheirEntry() throws {
        let folder = products
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        let plugins = names.filter { $0.hasPrefix("libcorral-") && $0.hasSuffix(".so") }
        #expect(plugins.count >= 4, "found \(plugins)")
        for plugin in plugins {
            #expect(
                try symbols(folder.appending(path: plugin), "--defined-only") == ["corral_plugin_entry"], "\(plugin)")
        }
    }

    private func built(_ name: String) -> URL? {
        let file = products.appending(path: name)
        return FileManager.default.isExecutableFile(atPath: file.path()) ? file : nil
    }

    private func symbols(_ file: URL, _ which: String) throws -> Set<String> {
        let lines = try run("/usr/bin/env", ["nm", "-D", which, "--format=posix", file.path()]).split(separator: "\n")
        return Set(lines.compactMap { $0.split(separator: " ").first?.split(separator: "@").first.map(String.init) })
    }
}
