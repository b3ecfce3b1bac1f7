// SPDX-License-Identifier: Apache-2.0
// GoldenTests: Golden/*.golden hold configuration files, a line of dashes, and what is printed for them. A name that
// starts with `show` prints the values in force, any other one the report of `config check`.

import CorralBase
import CorralConfig
import Foundation
import Testing

@Suite struct GoldenTests {
    static let folder = testFolder.appending(path: "Golden")
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".golden") }.sorted()

    @Test func thereAreGoldenFiles() { #expect(Self.names.count >= 15) }

    @Test(arguments: names) func printsWhatTheFileSays(_ name: String) throws {
        let url = Self.folder.appending(path: name)
        let golden = try String(contentsOf: url, encoding: .utf8)
        let parts = golden.components(separatedBy: "\n----\n")
        let output = Self.output(for: Self.files(parts[0]), isShow: name.hasPrefix("show"))
        if isRewriting {
            try (parts[0] + "\n----\n" + output).write(to: url, atomically: true, encoding: .utf8)
        } else {
            #expect(parts.count == 2)
            #expect(output == parts.last)
        }
    }

    private static func output(for files: [ConfigurationFile], isShow: Bool) -> String {
        let environment = ConfigurationEnvironment(variables: ["WORKERS": "8", "PASSWORD": "hunter2"]) { $0 == "npx" }
        let layers = files.filter { $0.path.hasPrefix("tenants/") }
        let base = files.filter { !$0.path.hasPrefix("tenants/") }
        do throws(DiagnosticsError) {
            let loaded = try Configuration.resolve(base, overlays: layers, environment: environment)
            return isShow ? ShowReport(loaded).text(hasOrigins: true) : CheckReport(loaded).text
        } catch {
            return CheckReport(error).text
        }
    }

    /// `=== name` starts a file; a text without one is corral.yaml.
    private static func files(_ text: String) -> [ConfigurationFile] {
        guard text.hasPrefix("=== ") else { return [ConfigurationFile(path: "corral.yaml", text: text + "\n")] }
        return text.dropFirst(4).components(separatedBy: "\n=== ").map { block in
            let name = block.prefix { $0 != "\n" }
            return ConfigurationFile(path: String(name), text: block.dropFirst(name.count + 1) + "\n")
        }
    }
}
