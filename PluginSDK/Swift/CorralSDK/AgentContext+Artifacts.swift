// SPDX-License-Identifier: Apache-2.0

extension AgentContext {
    /// The content of a file that the input refers to, as a copy.
    ///
    /// - Throws: ``AgentError`` with code `unknown_artifact` when the input does not refer to it; `CancellationError`
    ///   when the call is over.
    public func bytes(of artifact: Artifact) throws -> [UInt8] {
        try withBytes(of: artifact) { Array($0) }
    }

    /// The content of a file that the input refers to, without a copy. The bytes are valid inside `body` only.
    ///
    /// - Throws: as ``bytes(of:)``, and what `body` throws.
    public func withBytes<Value>(
        of artifact: Artifact, _ body: (UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value {
        try call.withArtifact(artifact.reference, body)
    }

    /// Makes an output file. Put the returned value into the output: the host replaces it by a reference to the stored
    /// content.
    ///
    /// - Parameters:
    ///   - name: a plain file name, 1 to 128 bytes, without `/`. A name that was used before is an error.
    ///   - mediaType: as in RFC 6838, for example `text/html`.
    /// - Throws: `CancellationError`; ``AgentError`` with code `limit` when the host takes no more, `invalid_artifact`
    ///   for a name it cannot use.
    public func attach(name: String, mediaType: String, bytes: [UInt8]) async throws -> Artifact {
        try call.reserveArtifact(name)
        try await call.push(bytes, to: .artifact(name: name, mediaType: mediaType))
        return Artifact(attached: name)
    }

    /// Makes an output file of UTF-8 text; see ``attach(name:mediaType:bytes:)``.
    public func attach(name: String, mediaType: String, text: String) async throws -> Artifact {
        try await attach(name: name, mediaType: mediaType, bytes: Array(text.utf8))
    }
}
