// SPDX-License-Identifier: Apache-2.0

/// A prompt as a call gets it.
public struct RenderedPrompt: Sendable, Hashable, Codable {
    public var text: String
    /// Which version; 0 is the text that the plugin ships.
    public var version: Int
    /// What people call that version.
    public var label: String?
}

extension AgentContext {
    /// The tenant's memory, by the grant `memory` of the plugin's card.
    public var memory: MemoryClient { MemoryClient(call: call) }

    /// Renders a prompt that the plugin's card declares, in the version that counts for this call.
    ///
    /// ```swift
    /// let prompt = try await context.prompt("review", ["language": "Swift", "lines": 12])
    /// ```
    ///
    /// - Throws: ``AgentError`` when the card declares no such prompt or a variable is missing; `CancellationError`.
    public func prompt(_ name: String, _ variables: [String: JSON] = [:]) async throws -> RenderedPrompt {
        let json = try JSONWriter.bytes(of: variables, named: "variables")
        let answer = try await call.ask(
            CORRAL_EXT_HOST_PROMPT, as: corral_host_prompt.self, denial: "this host has no prompts"
        ) { service, argument in
            Slice.with(name) { name in
                Slice.with(json) { service.render(call.handle, name, $0, promptRendered, argument) }
            }
        }
        let bytes = try answer.value(of: "the prompt \(name)")
        return try JSONReader.value(RenderedPrompt.self, from: bytes, named: "prompt \(name)")
    }
}

private func promptRendered(_ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice) {
    HostWait.finish(argument, status, result)
}
