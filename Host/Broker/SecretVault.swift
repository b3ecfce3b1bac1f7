// SPDX-License-Identifier: Apache-2.0
// SecretVault: the values behind `${secret:NAME}`. A plugin writes the name; the value goes to the broker with the one
// request that needs it, and only towards a host that the operator bound it to.

import CorralBase
import CorralWire
import Glibc

/// One entry of the section `secrets`.
package struct SecretBinding: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        case variable(String)
        case file(String)

        /// `env:NAME` or `file:/absolute/path`; nil for anything else.
        package init?(_ text: String) {
            if text.hasPrefix("env:"), text.utf8.count > 4 {
                self = .variable(String(text.dropFirst(4)))
            } else if text.hasPrefix("file:/") {
                self = .file(String(text.dropFirst(5)))
            } else {
                return nil
            }
        }
    }

    /// Where in a request it may stand, and how it is written there.
    package enum Place: Sendable, Hashable {
        /// `Authorization: Bearer ${secret:NAME}`
        case bearer
        /// `Authorization: Basic ${secret:NAME}`; the value is `user:password` and goes out in base64.
        case basic
        /// Anywhere in one header.
        case header(String)
        /// `?key=${secret:NAME}`; servers and proxies write addresses into their logs, so this is the last resort.
        case query(String)
        /// Nowhere: it signs requests (Standard Webhooks), and the broker does that.
        case signature

        /// `bearer`, `basic`, `header:Name`, `query:key` or `signature`; nil for anything else.
        package init?(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            switch (parts.first, parts.count) {
            case ("bearer", 1): self = .bearer
            case ("basic", 1): self = .basic
            case ("signature", 1): self = .signature
            case ("header", 2) where HTTPToken.isValid(parts[1]): self = .header(parts[1])
            case ("query", 2) where HTTPToken.isValid(parts[1]): self = .query(parts[1])
            default: return nil
            }
        }

        package var text: String {
            switch self {
            case .bearer: "bearer"
            case .basic: "basic"
            case .header(let name): "header:\(name)"
            case .query(let key): "query:\(key)"
            case .signature: "signature"
            }
        }
    }

    package var name: String
    package var source: Source
    /// `api.example.com` or `*.example.com`.
    package var hosts: [String]
    package var place: Place
    /// The tenants that may use it; nil = all.
    package var tenants: [String]?

    package init(name: String, source: Source, hosts: [String], place: Place = .bearer, tenants: [String]? = nil) {
        self.name = name
        self.source = source
        self.hosts = hosts
        self.place = place
        self.tenants = tenants
    }
}

/// The operator's secrets. Values from files are read when they are used, so that a changed one is the new one; nothing
/// is kept that a file would hold.
package struct SecretVault: Sendable {
    private let bindings: [String: SecretBinding]
    private let variables: [String: String]

    /// - Parameter environment: the host's variables; only those that a binding names are kept.
    package init(_ bindings: [SecretBinding], environment: [String: String]) {
        self.bindings = Dictionary(bindings.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var variables: [String: String] = [:]
        for case .variable(let name) in bindings.map(\.source) { variables[name] = environment[name] }
        self.variables = variables
    }

    package var names: [String] { bindings.keys.sorted() }

    /// The binding of a name for a tenant.
    /// - Throws: `secret_unavailable` for a name that is not bound, or not for this tenant; both read alike.
    package func binding(_ name: String, for tenant: TenantID) throws(CorralError) -> SecretBinding {
        guard let binding = bindings[name], binding.tenants?.contains(tenant.text) ?? true else {
            throw .secretUnavailable(name, "no entry of `secrets:` has this name for tenant \"\(tenant)\"")
        }
        return binding
    }

    /// The value itself, for the broker and for plugins with the grant `secret.reveal`.
    /// - Throws: `secret_unavailable`. No error holds a value.
    package func value(_ name: String, for tenant: TenantID) throws(CorralError) -> String {
        try value(of: try binding(name, for: tenant))
    }

    /// A secret for one request to one place.
    /// - Parameter isProtected: whether the connection is encrypted, so that nobody on the way reads the value.
    /// - Throws: `secret_unavailable`, `secret_not_bound`, `secret_misplaced`.
    func secret(
        _ name: String, for tenant: TenantID, to origin: NetworkOrigin, _ reach: NetworkReach, isProtected: Bool,
        where isAllowed: (SecretBinding.Place) -> Bool
    ) throws(CorralError) -> BrokerSecret {
        let binding = try binding(name, for: tenant)
        guard binding.hosts.contains(where: { HostPattern.matches($0, origin.host) }) else {
            throw .secretNotBound(name, origin.host)
        }
        guard isAllowed(binding.place) else { throw .secretMisplaced(name, binding.place) }
        guard isProtected || reach != .open else { throw .secretUnprotected(name, origin) }
        return BrokerSecret(name: name, value: try value(of: binding), isBasic: binding.place == .basic)
    }

    /// Why a secret could not be used now; nil when it could. For `config check`.
    package func problem(_ name: String) -> CorralError? {
        guard let binding = bindings[name] else { return .secretUnavailable(name, "it is not bound") }
        do throws(CorralError) {
            _ = try value(of: binding)
            return nil
        } catch { return error }
    }

    private func value(of binding: SecretBinding) throws(CorralError) -> String {
        let text: String
        switch binding.source {
        case .variable(let variable):
            guard let value = variables[variable], !value.isEmpty else {
                throw .secretUnavailable(binding.name, "the variable \(variable) is not set for the host")
            }
            text = value
        case .file(let path): text = try read(path, binding.name)
        }
        // A line break in a header would be a second header.
        guard text.utf8.count <= Limits.secretBytesMax, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .secretUnavailable(
                binding.name, "its value has control characters or more than \(Limits.secretBytesMax) bytes")
        }
        return text
    }

    /// The file's text without the line break that editors put at its end.
    private func read(_ path: String, _ name: String) throws(CorralError) -> String {
        let file: SmallFile
        do throws(SmallFile.Refusal) { file = try SmallFile.read(path, bytesMax: Limits.secretBytesMax + 2) } catch {
            throw .secretUnavailable(name, "\(path): \(error.why)")
        }
        guard file.owner == geteuid() || file.owner == 0 else {
            throw .secretUnavailable(name, "\(path) belongs to another user than the host's")
        }
        guard file.mode & 0o077 == 0 else {
            throw .secretUnavailable(name, "\(path) can be read by others: chmod 600 \(path)")
        }
        guard var text = String(validating: file.bytes, as: UTF8.self) else {
            throw .secretUnavailable(name, "\(path) is not UTF-8")
        }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { throw .secretUnavailable(name, "\(path) is empty") }
        return text
    }
}
