// SPDX-License-Identifier: Apache-2.0
// TargetResolver: what a person means by FLOW|AGENT: a file, a flow of the project, a flow that comes with Corral, or an
// agent.

import CorralBase
import CorralHome

struct TargetResolver: Sendable {
    enum Target: Sendable, Equatable {
        /// The path of a flow file.
        case flow(String)
        case agent(PluginID)
    }

    /// Where flows are looked for by name, in this order.
    let folders: [String]

    init(home: Home, installation: Installation?) {
        folders = [home.flows] + (installation.map { [$0.flows] } ?? [])
    }

    init(folders: [String]) { self.folders = folders }

    /// - Throws: `target_not_found`, with the nearest name.
    func resolve(_ name: String) throws -> Target {
        if let path = flow(name) { return .flow(path) }
        if !looksLikePath(name), let id = try? PluginID(name) { return .agent(id) }
        throw CorralError.targetNotFound(name, near: nearestName(to: name, among: names), looked: folders)
    }

    /// The path of the flow of that name.
    /// - Throws: `target_not_found`.
    func flowPath(_ name: String) throws -> String {
        if let path = flow(name) { return path }
        throw CorralError.targetNotFound(name, near: nearestName(to: name, among: names), looked: folders)
    }

    /// Every flow that can be run by name.
    var names: [String] {
        let found = folders.flatMap { folder in
            Path.entries(folder).compactMap { entry -> String? in
                if Path.exists("\(folder)/\(entry)/flow.yaml") { return entry }
                return entry.hasSuffix(".yaml") ? String(entry.dropLast(5)) : nil
            }
        }
        return Array(Set(found)).sorted()
    }

    private func flow(_ name: String) -> String? {
        guard !name.isEmpty else { return nil }
        if Path.isFolder(name), Path.exists(name + "/flow.yaml") { return name + "/flow.yaml" }
        if Path.exists(name), !Path.isFolder(name) { return name }
        guard !name.contains("/") else { return nil }
        for folder in folders {
            for path in ["\(folder)/\(name)/flow.yaml", "\(folder)/\(name).yaml"] where Path.exists(path) {
                return path
            }
        }
        return nil
    }

    private func looksLikePath(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasPrefix("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    }
}
