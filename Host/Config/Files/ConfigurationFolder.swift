// SPDX-License-Identifier: Apache-2.0
// ConfigurationFolder: which files make up a configuration: corral.yaml, and every .yaml, .yml and .json in config/.

import CorralBase
import Glibc

extension Limits {
    /// Files in `config/`. The product has ten sections; hundreds of files are the wrong folder.
    package static let configurationFilesMax = 256
}

struct ConfigurationFolder {
    let directory: String
    private(set) var files: [ConfigurationFile] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// Reads everything that can be read and keeps a diagnostic for everything else.
    init(directory: String) {
        self.directory = directory
        add("corral.yaml")
        for other in ["corral.yml", "corral.json"] where access(path(other), F_OK) == 0 {
            diagnostics.append(.misnamed(path(other), expected: "corral.yaml"))
        }
        for name in names(in: "config") { add("config/" + name) }
    }

    private mutating func add(_ name: String) {
        do throws(ConfigurationFile.Refusal) {
            if let file = try ConfigurationFile.read(path(name)) { files.append(file) }
        } catch {
            diagnostics.append(error.diagnostic)
        }
    }

    private func path(_ name: String) -> String { directory == "." ? name : "\(directory)/\(name)" }

    /// The names in order, so that errors and documents do not depend on the file system.
    private mutating func names(in folder: String) -> [String] {
        guard let stream = opendir(path(folder)) else {
            if errno != ENOENT {
                diagnostics.append(.unreadable(path(folder), cause: String(cString: strerror(errno))))
            }
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard isConfiguration(name) else { continue }
            guard names.count < Limits.configurationFilesMax else {
                diagnostics.append(
                    .refused(
                        path(folder), "it holds more than \(Limits.configurationFilesMax) files",
                        suggestion: "keep only configuration there"))
                break
            }
            names.append(name)
        }
        return names.sorted()
    }

    /// Hidden files are what editors and file systems leave behind.
    private func isConfiguration(_ name: String) -> Bool {
        !name.hasPrefix(".") && [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
    }
}
