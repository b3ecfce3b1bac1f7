// SPDX-License-Identifier: Apache-2.0
// Identifiers: the names that cross modules. Each is validated where it is made, so that later code can trust it as a
// file name, a log field or a key.

/// A tenant's name: lower-case letters, digits, `-` and `_`, 1–63 characters, starting with a letter or digit.
package struct TenantID: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    /// - Throws: `identifier_invalid`.
    package init(_ text: String) throws {
        let rule = "1–63 lower-case letters, digits, '-' or '_', starting with a letter or digit"
        guard (1...63).contains(text.utf8.count), let first = text.utf8.first, isLowerOrDigit(first),
            text.utf8.allSatisfy({ isLowerOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else { throw CorralError.invalidIdentifier("tenant", text, rule) }
        self.text = text
    }

    private init(trusted text: String) { self.text = text }

    /// The tenant used when none is named.
    package static let standard = TenantID(trusted: "default")
    /// The host's own tenant: owns plugins and probes, never serves anyone's content.
    package static let system = TenantID(trusted: "system")

    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A plugin's name, `publisher/name`: lower-case letters, digits, `-`, `_` and `.` on both sides of one slash.
package struct PluginID: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    /// - Throws: `identifier_invalid`.
    package init(_ text: String) throws {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let rule = "publisher/name in lower-case letters, digits, '-', '_' and '.', for example \"acme/greeter\""
        guard parts.count == 2, text.utf8.count <= 128, parts.allSatisfy(isNamePart) else {
            throw CorralError.invalidIdentifier("plugin id", text, rule)
        }
        self.text = text
    }

    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// One execution of a flow: `r` and 15 characters of Crockford base 32, sortable by start time.
package struct RunID: Hashable, Sendable, Codable, CustomStringConvertible, Comparable {
    package let text: String

    /// - Parameters:
    ///   - milliseconds: wall-clock start, milliseconds since 1970.
    ///   - random: 30 random bits; equal starts stay apart.
    package init(milliseconds: UInt64, random: UInt32) {
        let time = base32(milliseconds & ((1 << 45) - 1), digits: 9)
        text = "r" + time + base32(UInt64(random & ((1 << 30) - 1)), digits: 6)
    }

    /// - Throws: `identifier_invalid`.
    package init(_ text: String) throws {
        guard text.utf8.count == 16, text.utf8.first == UInt8(ascii: "r"), text.utf8.allSatisfy(isLowerOrDigit) else {
            throw CorralError.invalidIdentifier("run id", text, "'r' and 15 lower-case letters or digits")
        }
        self.text = text
    }

    package var description: String { text }
    package static func < (a: RunID, b: RunID) -> Bool { a.text < b.text }

    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Which plugins share a process: those trusted alike. Names it in logs and `plugin show`.
package struct CompartmentID: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}

/// The identity of a worker process. The host checks every frame against the grants of the key it came from.
package struct WorkerKey: Hashable, Sendable, Codable, CustomStringConvertible {
    package let tenant: TenantID
    package let compartment: CompartmentID
    /// Counts up with each process started for the same tenant and compartment.
    package let generation: UInt32

    package init(tenant: TenantID, compartment: CompartmentID, generation: UInt32) {
        self.tenant = tenant
        self.compartment = compartment
        self.generation = generation
    }

    package var description: String { "\(tenant)·\(compartment)·\(generation)" }
}

private func isLowerOrDigit(_ byte: UInt8) -> Bool {
    (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")) || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
}

private func isNamePart(_ part: Substring.UTF8View) -> Bool {
    guard let first = part.first, isLowerOrDigit(first) else { return false }
    return part.allSatisfy { isLowerOrDigit($0) || "-_.".utf8.contains($0) }
}

private func base32(_ value: UInt64, digits: Int) -> String {
    let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    let bytes = (0..<digits).reversed().map { alphabet[Int(value >> (5 * UInt64($0)) & 31)] }
    return String(decoding: bytes, as: UTF8.self)
}
