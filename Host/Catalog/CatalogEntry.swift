// SPDX-License-Identifier: Apache-2.0
// CatalogEntry: a plugin that passed every check and can be loaded, and ProblemEntry: one that cannot, and why.

import CorralBase

/// SHA-256 over a plugin's content, 64 lower-case hexadecimal digits.
package struct ContentDigest: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// The first twelve digits, for people.
    package var short: String { String(text.prefix(12)) }
    package var description: String { text }
}

/// A plugin ready to be loaded: a value, good for as long as anyone holds it, whatever happens in the plugins folder.
package struct CatalogEntry: Sendable, Hashable {
    package enum Form: String, Sendable {
        /// A single `.so`.
        case library
        /// A folder with `lib.so` and what belongs to it.
        case folder
        /// A `.tools.yaml` that names a C library.
        case native
    }

    package var id: PluginID
    package var form: Form
    /// The path in the plugins folder, for people.
    package var source: String
    package var digest: ContentDigest
    /// What the worker loads: an immutable copy named by the digest, or for `native` possibly a name for the loader.
    package var loadPath: String
    package var manifest: PluginManifest
    /// The bytes the library states; empty for `native`. A worker refuses a library that states others.
    package var manifestBytes: [UInt8]
    /// JSON object for `activate`: defaults, then the sidecar's values.
    package var configuration: [UInt8]
    /// The load message's description of C functions; empty unless `native`.
    package var native: [UInt8]
    /// Whether the manifest or the sidecar asks for a process of its own.
    package var isIsolated: Bool
    /// What it may be granted at most: what the manifest asks for, narrowed by the sidecar.
    package var requested: Grants
    /// What it may reach in this tenant: of what is requested, as much as the operator's policy allows.
    package var granted: Grants
    /// All tools it offers: the manifest's and its C functions.
    package var tools: [ToolInterface]
    /// Who answers for it; `unsigned` until signatures exist.
    package var origin: String

    package init(
        id: PluginID, form: Form, source: String, digest: ContentDigest, loadPath: String, manifest: PluginManifest,
        manifestBytes: [UInt8] = [], configuration: [UInt8] = Array("{}".utf8), native: [UInt8] = [],
        isIsolated: Bool = false, requested: Grants = Grants(), tools: [ToolInterface] = [],
        origin: String = CatalogEntry.unsignedOrigin
    ) {
        self.id = id
        self.form = form
        self.source = source
        self.digest = digest
        self.loadPath = loadPath
        self.manifest = manifest
        self.manifestBytes = manifestBytes
        self.configuration = configuration
        self.native = native
        self.isIsolated = isIsolated
        self.requested = requested
        granted = GrantPolicy().granted(requested, to: id)
        self.tools = tools
        self.origin = origin
    }

    package static let unsignedOrigin = "unsigned"

    /// The same plugin under a tenant's policy.
    package func granted(by policy: GrantPolicy) -> CatalogEntry {
        var entry = self
        entry.granted = policy.granted(requested, to: id)
        return entry
    }

    package var isAgent: Bool { manifest.agent != nil }
    /// Whether the host itself calls it. What a tenant brought is never one of the host's own kinds.
    package var isInfrastructure: Bool {
        origin != CatalogEntry.tenantOrigin && PluginKind.infrastructure.contains(where: manifest.provides)
    }

    /// Whether two processes must not have it loaded at once: it says so, or they would share its folder.
    package var isSingleton: Bool { manifest.isSingleton || granted.storage }

    package func tool(_ name: String) -> ToolInterface? { tools.first { $0.name == name } }

    /// Whether a worker that has loaded the other can serve for this one: everything but where the file lies.
    package func isSame(as other: CatalogEntry) -> Bool {
        guard digest == other.digest else { return false }
        var moved = other
        moved.source = source
        return self == moved
    }

    /// The digests under which `PluginCopies` knows its copy.
    package var copyNames: [String] {
        [digest.text] + (folder?.split(separator: "/").last.map { [String($0)] } ?? [])
    }

    /// The folder a worker must see to load it; nil when the loader looks for the library.
    package var folder: String? {
        loadPath.hasPrefix("/") ? loadPath.lastIndex(of: "/").map { String(loadPath[..<$0]) } : nil
    }
}

/// A file or folder in a plugins folder that cannot be used.
package struct ProblemEntry: Sendable, Hashable {
    package var source: String
    /// Known when the manifest could be read.
    package var id: PluginID?
    package var error: CorralError
    /// All mistakes of a file a person wrote, with lines; empty for libraries.
    package var diagnostics: [Diagnostic]

    package init(source: String, id: PluginID? = nil, error: CorralError, diagnostics: [Diagnostic] = []) {
        self.source = source
        self.id = id
        self.error = error
        self.diagnostics = diagnostics
    }

    /// The same about a known plugin.
    func naming(_ id: PluginID?) -> ProblemEntry {
        var problem = self
        problem.id = problem.id ?? id
        return problem
    }
}
