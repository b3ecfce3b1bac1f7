// SPDX-License-Identifier: Apache-2.0

/// The tenant's memory, on behalf of one call: ``AgentContext/memory``. What is written carries the agent, the run, the
/// session and the user of the call; what is seen is what the host's sharing rules let this agent see.
public struct MemoryClient: Sendable {
    let call: LiveCall

    /// Whose memory.
    public enum Scope: String, Codable, Sendable {
        /// This agent's own, in all sessions.
        case agent
        /// All agents of the call's session.
        case session
        /// All agents of the tenant.
        case tenant
    }

    /// Keeps something.
    ///
    /// - Parameters:
    ///   - text: what searches read.
    ///   - key: the agent's own name for it: an entry of that key is replaced.
    ///   - value: any JSON beside the text.
    ///   - expiresIn: nil: as the layer's rules say.
    /// - Throws: ``AgentError`` when the host or the backend refuses; `CancellationError`.
    @discardableResult
    public func put(
        _ text: String, key: String? = nil, value: JSON? = nil, tags: [String] = [],
        layer: MemoryLayer = .mediumTerm, scope: Scope = .agent, expiresIn: Duration? = nil
    ) async throws -> MemoryReceipt {
        let milliseconds = expiresIn.map { max(1, Int64($0 / .milliseconds(1))) }
        return try await ask(
            "put",
            Put(
                scope: scope, layer: layer, key: key, text: text, value: value, tags: tags,
                expiresInMilliseconds: milliseconds))
    }

    /// The entry of a key; nil when there is none.
    ///
    /// - Parameter layer: nil: the first of the three that has it, shortest first.
    public func get(key: String, layer: MemoryLayer? = nil, scope: Scope = .agent) async throws -> MemoryEntry? {
        let found: FoundEntry = try await ask("get", Get(scope: scope, layer: layer, key: key))
        return found.entry
    }

    /// The entry of an id; nil when there is none.
    public func get(id: String, scope: Scope = .agent) async throws -> MemoryEntry? {
        let found: FoundEntry = try await ask("get", Get(scope: scope, id: id))
        return found.entry
    }

    /// What is about some words, best first.
    public func search(
        _ query: String, tags: [String] = [], layers: [MemoryLayer]? = nil, scope: Scope = .agent, limit: Int = 10
    ) async throws -> [MemoryEntry] {
        let found: FoundEntries = try await ask(
            "search", Search(scope: scope, layers: layers, query: query, tags: tags, limit: limit))
        return found.entries
    }

    /// Newest first, a page at a time.
    public func list(
        tags: [String] = [], layers: [MemoryLayer]? = nil, scope: Scope = .agent, limit: Int = 50,
        after cursor: String? = nil
    ) async throws -> MemoryPage {
        try await ask("list", Page(scope: scope, layers: layers, tags: tags, limit: limit, cursor: cursor))
    }

    /// Forgets the entry of a key. Returns how many there were.
    @discardableResult
    public func forget(key: String, layers: [MemoryLayer]? = nil, scope: Scope = .agent) async throws -> Int {
        let answer: Forgotten = try await ask("forget", Forget(scope: scope, layers: layers, key: key))
        return answer.forgotten
    }

    /// Forgets the entry of an id. Returns how many there were.
    @discardableResult
    public func forget(id: String, scope: Scope = .agent) async throws -> Int {
        let answer: Forgotten = try await ask("forget", Forget(scope: scope, id: id))
        return answer.forgotten
    }

    /// Forgets everything of a scope. Returns how much there was.
    @discardableResult
    public func forgetAll(layers: [MemoryLayer]? = nil, scope: Scope = .agent) async throws -> Int {
        let answer: Forgotten = try await ask("forget", Forget(scope: scope, layers: layers, all: true))
        return answer.forgotten
    }

    private func ask<Body: Encodable, Answer: Decodable>(_ method: String, _ body: Body) async throws -> Answer {
        let json = try JSONWriter.bytes(of: body, named: "request")
        let answer = try await call.ask(
            CORRAL_EXT_HOST_MEMORY, as: corral_host_memory.self,
            denial: "this plugin has no grant for memory; its card must ask for it and policy allow it"
        ) { service, argument in
            Slice.with(method) { method in
                Slice.with(json) { service.start(call.handle, method, $0, memoryCompleted, argument) }
            }
        }
        return try JSONReader.value(Answer.self, from: try answer.value(of: "memory.\(method)"), named: "answer")
    }

    private struct Put: Encodable {
        var scope: Scope
        var layer: MemoryLayer
        var key: String?
        var text: String
        var value: JSON?
        var tags: [String]
        var expiresInMilliseconds: Int64?

        enum CodingKeys: String, CodingKey {
            case scope, layer, key, text, value, tags
            case expiresInMilliseconds = "expires_in_ms"
        }
    }

    private struct Get: Encodable {
        var scope: Scope
        var layer: MemoryLayer?
        var id: String?
        var key: String?
    }

    private struct Search: Encodable {
        var scope: Scope
        var layers: [MemoryLayer]?
        var query: String
        var tags: [String]
        var limit: Int
    }

    private struct Page: Encodable {
        var scope: Scope
        var layers: [MemoryLayer]?
        var tags: [String]
        var limit: Int
        var cursor: String?
    }

    private struct Forget: Encodable {
        var scope: Scope
        var layers: [MemoryLayer]?
        var id: String?
        var key: String?
        var all: Bool?
    }
}

private func memoryCompleted(_ argument: UnsafeMutableRawPointer?, _ status: corral_status, _ result: corral_slice) {
    HostWait.finish(argument, status, result)
}
