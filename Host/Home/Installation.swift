// SPDX-License-Identifier: Apache-2.0
// Installation: where the other programs and the bundled files are, found from where `corral` itself lies. A build tree
// and an installed one differ only here.

import CorralBase
import Glibc

/// The places of one Corral on this machine.
package struct Installation: Sendable, Equatable {
    package enum Layout: String, Sendable {
        /// `ROOT/.build/TRIPLE/debug/corral`, beside its sources.
        case buildTree
        /// `PREFIX/bin/corral`.
        case installed
    }

    package let layout: Layout
    /// The root of the sources, or the prefix.
    package let root: String
    package let worker: String
    package let spawner: String
    /// Absent, nothing but the network is missing.
    package let broker: String
    /// Flows that come with Corral.
    package let flows: String
    /// The pages of `corral explain`.
    package let errorPages: String
    /// Plugins that come with Corral.
    package let plugins: String
    /// The hostile plugin of `corral demo breakout`. No host offers it, so it lies where no host looks.
    package let breakout: String
    /// What plugins are written against: headers, the Swift package, templates.
    package let sdk: String
}

extension Installation {
    /// The installation that the running program belongs to.
    /// - Throws: `installation_incomplete`.
    package static func current() throws(CorralError) -> Installation { try locate("/proc/self/exe") }

    /// The installation that an executable belongs to; links are followed. Whether the programs are there is checked by
    /// `requirePrograms`, because `corral explain` needs none of them.
    /// - Throws: `installation_incomplete` when the executable lies in neither layout.
    package static func locate(_ executablePath: String) throws(CorralError) -> Installation {
        guard let executable = real(executablePath) else { throw .unknownLayout(executablePath) }
        let folder = executable.folder
        switch folder.lastName {
        case "debug", "release":
            guard let root = sources(above: folder) else { throw .unknownLayout(executable) }
            return built(in: folder, root: root)
        case "bin": return installed(prefix: folder.folder)
        default: throw .unknownLayout(executable)
        }
    }

    /// - Throws: `installation_incomplete` naming every program that is missing.
    package func requirePrograms() throws(CorralError) {
        let missing: [String] = [worker, spawner].filter { access($0, X_OK) != 0 }
        guard !missing.isEmpty else { return }
        let how =
            switch layout {
            case .buildTree: "run `make build` in \(root)"
            case .installed: "install Corral again; all of it lies below \(root)"
            }
        throw .programsMissing(missing, how: how)
    }

    private static func built(in folder: String, root: String) -> Installation {
        Installation(
            layout: .buildTree, root: root, worker: folder.joined("corral-worker"),
            spawner: folder.joined("corral-spawner"), broker: folder.joined("corral-broker"),
            flows: root.joined("Plugins/Flows"), errorPages: root.joined("docs/errors"),
            plugins: root.joined("plugins.d"), breakout: folder.joined("libcorral-breakout.so"),
            sdk: root.joined("PluginSDK"))
    }

    private static func installed(prefix: String) -> Installation {
        Installation(
            layout: .installed, root: prefix, worker: prefix.joined("libexec/corral/corral-worker"),
            spawner: prefix.joined("libexec/corral/corral-spawner"),
            broker: prefix.joined("libexec/corral/corral-broker"), flows: prefix.joined("share/corral/flows"),
            errorPages: prefix.joined("share/corral/errors"), plugins: prefix.joined("lib/corral/plugins.d"),
            breakout: prefix.joined("lib/corral/demo/breakout.so"), sdk: prefix.joined("share/corral/sdk"))
    }

    /// The nearest folder above a build folder that is a checkout of Corral.
    private static func sources(above folder: String) -> String? {
        var candidate = folder
        while candidate != "/" {
            candidate = candidate.folder
            if access(candidate.joined("Package.swift"), F_OK) == 0, isFolder(candidate.joined("Plugins")) {
                return candidate
            }
        }
        return nil
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension String {
    /// The folder a path lies in; `/` for `/`.
    fileprivate var folder: String { lastIndex(of: "/").map { String(self[..<$0]).orRoot } ?? "." }
    fileprivate var lastName: Substring { lastIndex(of: "/").map { self[index(after: $0)...] } ?? self[...] }
}
