// SPDX-License-Identifier: Apache-2.0

/// A file that goes in or out of a call by reference: the host keeps its content under its hash, and JSON carries only
/// this description.
///
/// In an input it is complete; read the content with ``AgentContext/bytes(of:)``. In an output it comes from
/// ``AgentContext/attach(name:mediaType:bytes:)`` and the host completes it.
public struct Artifact: Codable, Sendable, Hashable {
    /// `sha256:…` of a stored content; in an output, the name of the attached file.
    public let reference: String
    /// The file's name, without folders.
    public let name: String?
    /// The content's size in bytes.
    public let byteCount: Int?
    /// As in RFC 6838, for example `text/csv`.
    public let mediaType: String?

    init(attached name: String) {
        reference = name
        self.name = nil
        byteCount = nil
        mediaType = nil
    }

    enum CodingKeys: String, CodingKey {
        case reference = "$artifact"
        case name
        case byteCount = "bytes"
        case mediaType = "type"
    }
}
