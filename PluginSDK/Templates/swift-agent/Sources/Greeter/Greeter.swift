// SPDX-License-Identifier: Apache-2.0

import CorralSDK

public struct Greeter: Agent {
    public static let card = AgentCard("acme/greeter", version: "1.0.0", role: "Greets people by name")

    public struct Input: Codable {
        var name: String
        var times: Int?
    }

    public struct Output: Codable {
        var text: String
    }

    public init() {}

    public func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<Output> {
        guard !input.name.isEmpty else { throw AgentError("no_name", "nobody to greet: the name is empty") }
        let greeting = "Hello, \(input.name)!"
        for _ in 1..<max(input.times ?? 1, 1) { try await context.partial(greeting + "\n") }
        return AgentResult(Output(text: greeting), confidence: 1)
    }
}
