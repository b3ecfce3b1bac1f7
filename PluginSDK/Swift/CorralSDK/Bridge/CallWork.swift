// SPDX-License-Identifier: Apache-2.0

/// What an agent or a tool does with a call, without its types.
typealias CallWork = @Sendable (CallInput, AgentContext) async throws -> CallOutcome

/// The input of a call, which lies in the host's memory until completion.
struct CallInput: @unchecked Sendable {
    // Invariant: read only while the call is not over; the work that gets this ends before the call does.
    private let body: UnsafeRawBufferPointer

    init(_ body: corral_slice) {
        self.body = UnsafeRawBufferPointer(start: body.data, count: body.data == nil ? 0 : body.size)
    }

    /// A copy.
    var bytes: [UInt8] { Array(body) }

    func decode<Value: Decodable>(_ type: Value.Type, as name: String) throws -> Value {
        do {
            return try JSONReader.value(type, from: Array(body), named: name)
        } catch let error as AgentError {
            throw InvalidInput(reason: error)
        }
    }
}

/// An input that does not fit its declared type: the caller's fault, not the plugin's.
struct InvalidInput: Error {
    var reason: AgentError
}

/// What came of the work, without its types.
struct CallOutcome: Sendable {
    var json: [UInt8]
    var confidence: Double?
    var changes: [Change] = []
}

/// An agent without its types.
struct AgentExport: Sendable {
    let input: DerivedSchema
    let output: DerivedSchema
    let work: CallWork

    init<A: Agent>(_ agent: A) {
        input = DerivedSchema(of: A.Input.self, named: "input")
        output = DerivedSchema(of: A.Output.self, named: "result")
        work = { request, context in
            let result = try await agent.run(try request.decode(A.Input.self, as: "input"), context)
            return CallOutcome(
                json: try JSONWriter.bytes(of: result.output, named: "result"), confidence: result.confidence,
                changes: result.changes)
        }
    }
}
