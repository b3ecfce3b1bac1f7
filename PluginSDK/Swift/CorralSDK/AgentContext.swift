// SPDX-License-Identifier: Apache-2.0

/// What a call knows about itself and can ask of the host. Valid until the call is over; used later, its functions
/// throw `CancellationError` or do nothing.
public struct AgentContext: Sendable {
    /// Who the run is for, as its caller stated it; nil when not stated.
    public let user: String?
    /// What the run is for, as costs and limits count it.
    public let feature: String?
    /// The session the run belongs to.
    public let session: String?
    public let taskType: String?
    public let complexity: String?
    /// The same text for every attempt that may stand for the same effect: pass it on to systems that deduplicate.
    public let idempotencyKey: String?
    /// How many calls are this one's ancestors: 0 when a flow step made it.
    public let depth: Int

    let call: LiveCall
    /// Nil where the host has not activated the plugin.
    let stated: Activation?

    /// The plugin's configuration as a type of the author's; the card declares its fields.
    ///
    /// - Throws: ``AgentError`` that names the member which does not fit.
    public func configuration<Value: Decodable>(as type: Value.Type) throws -> Value {
        try (stated ?? Activation()).configuration(as: type)
    }

    /// The plugin's own folder; nil unless the card asks for storage and policy allows it.
    public var storageFolder: String? { stated?.storageFolder }

    /// When the call must be over; nil when it may take as long as it likes. Its task is cancelled then.
    public var deadline: SuspendingClock.Instant? {
        timeRemaining.map { SuspendingClock().now.advanced(by: $0) }
    }

    /// The time left until the deadline, negative when it has passed; nil without a deadline.
    public var timeRemaining: Duration? {
        MonotonicTime.remaining(until: call.deadlineNanoseconds)
    }

    /// Whether the call should stop: cancelled, past its deadline or over. Cheap enough for inner loops.
    public var isCancelled: Bool { Task.isCancelled || call.isCancelled }

    /// - Throws: `CancellationError` when the call should stop.
    public func checkCancellation() throws {
        if isCancelled { throw CancellationError() }
    }

    /// Writes a line to the host's log, under this call.
    public func log(_ level: LogLevel, _ message: String) {
        call.log(level, message)
    }

    /// Writes a line of information to the host's log, under this call.
    public func log(_ message: String) {
        call.log(.info, message)
    }

    /// Says how far the call is. Never waits; the host drops what comes too fast.
    ///
    /// - Parameter fraction: from 0 to 1, or nil when unknown.
    public func progress(_ fraction: Double?, _ text: String = "") {
        call.pushProgress(fraction, text)
    }

    /// Shows a piece of output while the call runs: it is not part of the result. Pieces arrive in the order in which
    /// they are awaited. Waits while the reader is slower.
    ///
    /// - Throws: `CancellationError`; ``AgentError`` with code `limit` when the host takes no more.
    public func partial(_ text: String) async throws {
        try await call.push(Array(text.utf8), to: .partial)
    }
}

/// The name under which tools know their context.
public typealias ToolContext = AgentContext

/// How much a log line matters.
public enum LogLevel: UInt32, Sendable {
    case debug = 1
    case info = 2
    case warning = 3
    case error = 4
}
