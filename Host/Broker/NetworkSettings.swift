// SPDX-License-Identifier: Apache-2.0
// NetworkSettings: what the section `network` of the configuration says, ready for the broker. Nothing comes from the
// host's environment: a variable left over from a shell must not decide where secrets travel.

import CorralBase
import CorralWire
import Glibc

package struct NetworkSettings: Sendable {
    /// `http://host:port` or `https://host:port`, perhaps with user and password; empty for none.
    package var proxy: String
    package var withoutProxy: [String]
    /// PEM: the machine's certificates and those of `network.ca_file`.
    package var certificates: [UInt8]

    package init(proxy: String = "", withoutProxy: [String] = [], certificates: [UInt8] = []) {
        self.proxy = proxy
        self.withoutProxy = withoutProxy
        self.certificates = certificates
    }

    /// Where distributions keep the certificates that everyone trusts: Debian and Alpine, Fedora, openSUSE.
    package static let systemBundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    ]

    /// The machine's bundle that is there, nil when none is.
    package static var systemBundle: String? { systemBundles.first { access($0, R_OK) == 0 } }

    /// - Parameter file: `network.ca_file`, whose certificates are trusted besides the machine's.
    /// - Throws: `certificates_unreadable`.
    package static func certificates(file: String?) throws(CorralError) -> [UInt8] {
        var bytes: [UInt8] = []
        if let systemBundle { bytes = try readCertificates(systemBundle) }
        if let file { bytes += [UInt8(ascii: "\n")] + (try readCertificates(file)) }
        return bytes
    }

    private static func readCertificates(_ path: String) throws(CorralError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(SmallFile.Refusal) {
            bytes = try SmallFile.read(path, bytesMax: Limits.certificateBytesMax).bytes
        } catch {
            throw .certificatesUnreadable(path, error.why)
        }
        guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
            throw .certificatesUnreadable(path, "it holds no certificate in PEM form")
        }
        return bytes
    }
}
