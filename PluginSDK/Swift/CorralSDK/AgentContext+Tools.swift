// SPDX-License-Identifier: Apache-2.0

extension AgentContext {
    /// Uses a tool of another plugin, on behalf of this call.
    ///
    /// - Parameters:
    ///   - name: `publisher/name.tool`. The plugin's card must ask for it and the host must have granted it.
    ///   - arguments: encoded as one JSON object.
    /// - Throws: ``AgentError`` in the words of the tool, or of the host when it refuses; `CancellationError` when the
    ///   call was cancelled meanwhile.
    public func tool<Arguments: Encodable, Answer: Decodable>(
        _ name: String, _ arguments: Arguments, as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let json = try JSONWriter.bytes(of: arguments, named: "arguments")
        let answer = try await call.useTool(name, arguments: json)
        return try JSONReader.value(type, from: answer, named: "answer of \(name)")
    }
}
