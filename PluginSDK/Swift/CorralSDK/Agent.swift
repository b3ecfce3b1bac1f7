// SPDX-License-Identifier: Apache-2.0

/// One purpose, typed: JSON in, JSON out. This protocol is what a Swift author implements; everything the C ABI asks
/// for besides is done by ``Plugin/export(_:_:)-(Agent.Type,_)``.
///
/// One instance is made when the library is loaded and it serves every call, many at once unless the card says
/// `serial`. Keep no state of one call in it.
public protocol Agent: Sendable {
    /// What the agent is given. Its JSON schema is derived from its `init(from:)`; see ``SchemaExample`` for types
    /// where that cannot work.
    associatedtype Input: Codable
    /// What the agent returns. Files in it are ``Artifact`` values made by
    /// ``AgentContext/attach(name:mediaType:bytes:)``.
    associatedtype Output: Codable

    static var card: AgentCard { get }

    init()

    /// Runs once per call, as a Swift task that is cancelled when the call is cancelled or its deadline passes.
    ///
    /// - Throws: ``AgentError`` to reach the user as written; `CancellationError` when cancelled; any other error fails
    ///   the call with its description.
    func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<Output>
}

/// What an agent returns: its output and what the host should know about it.
public struct AgentResult<Output> {
    public var output: Output
    /// How sure the agent is, from 0 to 1; nil when it cannot say. Flows route on it.
    public var confidence: Double?
    /// What the output stands for in the world. Reviews and policies read it.
    public var changes: [Change]

    public init(_ output: Output, confidence: Double? = nil, changes: [Change] = []) {
        self.output = output
        self.confidence = confidence
        self.changes = changes
    }
}

extension AgentResult: Sendable where Output: Sendable {}

/// A change in the world that a result proposes or reports: a class that policies name, and what it touches.
public struct Change: Sendable, Hashable {
    /// For example `database_schema_changes`.
    public var changeClass: String
    /// For example the name of a table.
    public var target: String

    public init(_ changeClass: String, target: String) {
        self.changeClass = changeClass
        self.target = target
    }
}
