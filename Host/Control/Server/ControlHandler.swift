// SPDX-License-Identifier: Apache-2.0
// ControlHandler: what the engine offers to clients. The server carries bytes and guards; every verb is answered here.

import CorralBase
import CorralControl

package protocol ControlHandler: Sendable {
    /// Answers one request. The task is cancelled when the client goes away; what it started goes on.
    ///
    /// - Parameters:
    ///   - descriptors: files the client opened; closed by the server when this returns, so duplicate what is kept.
    ///     They come from the client: check that each is a regular file before reading.
    ///   - events: takes events before the reply; never blocks.
    /// - Throws: `CorralError` or `DiagnosticsError`, which the client shows as they are. Any other error is shown as
    ///   `internal_fault`.
    func handle(
        _ request: ControlRequest, descriptors: [Int32], client: ClientIdentity, events: EventSink
    ) async throws -> ControlReply
}

/// Who is at the other end of a connection; all of it from the kernel or fixed at accept, except `version`.
package struct ClientIdentity: Sendable, Hashable {
    /// Unique among the connections of this host process.
    package let id: UInt64
    package let role: ControlRole
    package let pid: Int32
    package let uid: UInt32
    /// What the client says it is, for logs.
    package let version: String

    package init(id: UInt64, role: ControlRole, pid: Int32, uid: UInt32, version: String) {
        self.id = id
        self.role = role
        self.pid = pid
        self.uid = uid
        self.version = version
    }
}

/// Where a handler puts the events of the request it answers.
package struct EventSink: Sendable {
    private let take: @Sendable (RunEvent) -> Void

    package init(_ take: @escaping @Sendable (RunEvent) -> Void) { self.take = take }

    /// Never blocks and never fails: a client that reads too slowly loses what `RunEvent.mayBeDropped` allows, and is
    /// disconnected when the rest alone is too much. After the reply, events go nowhere.
    package func send(_ event: RunEvent) { take(event) }
}
