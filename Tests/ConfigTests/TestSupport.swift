// SPDX-License-Identifier: Apache-2.0
// TestSupport: where the fixtures are, a folder that goes away, and an environment that holds what a test says.

import CorralBase
import CorralConfig
import Foundation

let testFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
let projectFolder = testFolder.deletingLastPathComponent().deletingLastPathComponent()

/// The product's own files, byte for byte; `FixtureTests` holds their digests.
let fixtureNames = [
    "cost_management_config.yaml", "evaluation_config.yaml", "events_config.yaml", "feedback_loop_config.yaml",
    "human_review_config.yaml", "mcp_config_enhanced.json", "memory_config.yaml", "multi_tenancy_config.yaml",
    "observability_config.yaml", "security_config.yaml",
]

func fixture(_ name: String) throws -> ConfigurationFile {
    let text = try String(contentsOf: testFolder.appending(path: "Fixtures/\(name)"), encoding: .utf8)
    return ConfigurationFile(path: "config/\(name)", text: text)
}

/// Whether golden files and documents are written instead of compared: `CORRAL_REWRITE_GOLDEN=1 swift test …`.
var isRewriting: Bool { ProcessInfo.processInfo.environment["CORRAL_REWRITE_GOLDEN"] != nil }

extension ConfigurationEnvironment {
    static let empty = ConfigurationEnvironment(variables: [:]) { _ in false }
}

func load(_ text: String, _ environment: ConfigurationEnvironment = .empty) throws -> LoadedConfiguration {
    try Configuration.resolve([ConfigurationFile(path: "corral.yaml", text: text)], environment: environment)
}

/// The messages of what is wrong with a text; empty when it loads.
func mistakes(_ text: String, _ environment: ConfigurationEnvironment = .empty) -> [Diagnostic] {
    do {
        _ = try load(text, environment)
        return []
    } catch {
        return (error as? DiagnosticsError)?.diagnostics ?? []
    }
}

/// A folder below the temporary one for the length of `body`.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "corral-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
