// SPDX-License-Identifier: Apache-2.0
// NetworkConfiguration: the sections `network` and `secrets` in typed form, and what `config check` says about them.

import CorralBase
import Glibc

/// One entry of `secrets`, as written.
package struct SecretSetting: Sendable, Equatable {
    package var name: String
    /// `env:VARIABLE` or `file:/path`.
    package var from: String
    package var hosts: [String]
    /// `bearer`, `basic`, `header:Name` or `query:key`.
    package var scheme: String
    /// Nil = all.
    package var tenants: [String]?
}

extension LoadedConfiguration {
    /// `network.proxy`; empty for none.
    package var networkProxy: String { value("network.proxy")?.stringValue ?? "" }
    /// `network.no_proxy`.
    package var networkExceptions: [String] {
        value("network.no_proxy")?.arrayValue?.compactMap(\.stringValue) ?? []
    }
    /// `network.ca_file`.
    package var certificateFile: String? { value("network.ca_file")?.stringValue }

    package var secrets: [SecretSetting] {
        (node(at: "secrets")?.members ?? []).compactMap { member in
            let entry = member.node.json
            guard let from = entry["from"]?.stringValue else { return nil }
            return SecretSetting(
                name: member.name, from: from, hosts: texts(entry["hosts"]) ?? [],
                scheme: entry["scheme"]?.stringValue ?? "bearer", tenants: texts(entry["tenants"]))
        }
    }

    private func texts(_ json: JSON?) -> [String]? { json?.arrayValue?.compactMap(\.stringValue) }

    // MARK: Rows

    var secretRows: [CheckRow] {
        secrets.map { secret in
            let problem = problem(of: secret)
            return CheckRow(
                setting: "secrets.\(secret.name)", state: problem == nil ? .present : .degraded,
                reason: problem?.reason ?? "\(secret.from) has a value; for " + secret.hosts.joined(separator: ", "),
                fix: problem?.fix, location: node(at: "secrets")?[secret.name]?.location)
        }
    }

    var certificateRows: [CheckRow] {
        guard let file = certificateFile, access(file, R_OK) != 0 else { return [] }
        return [
            CheckRow(
                setting: "network.ca_file", state: .degraded, reason: "\"\(shown(file))\" cannot be read",
                fix: "ls -l \(file)", location: node(at: "network.ca_file")?.location)
        ]
    }

    /// What would keep the host from using a secret. The value itself is not read here.
    private func problem(of secret: SecretSetting) -> (reason: String, fix: String)? {
        if secret.from.hasPrefix("env:") {
            let variable = String(secret.from.dropFirst(4))
            guard environment.variables[variable]?.isEmpty ?? true else { return nil }
            return ("variable \(variable) is not set", "export \(variable)=… before the host starts")
        }
        let path = String(secret.from.dropFirst(5))
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return ("\"\(shown(path))\" is no file that can be read", "create it with mode 600")
        }
        guard status.st_mode & 0o077 == 0 else {
            return ("\"\(shown(path))\" can be read by others", "chmod 600 \(path)")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            return ("\"\(shown(path))\" belongs to another user", "chown $(id -un) \(path)")
        }
        return nil
    }
}
