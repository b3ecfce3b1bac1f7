// SPDX-License-Identifier: Apache-2.0
// RunningProgram: a program of the operator's while it runs for a call: who may end it and why, and how it ended.

import CorralBase
import CorralPipeline
import CorralWire
import Synchronization

/// The child's ends of what connects it. The launcher's caller closes them after the launch.
package struct ProgramEnds: Sendable {
    package var input: OwnedDescriptor
    package var output: OwnedDescriptor
    package var errors: OwnedDescriptor
}

/// How a program ended and what it used.
package struct ProgramExit: Sendable {
    package enum Status: Sendable, Hashable {
        case exited(Int32)
        case signaled(Int32)
    }

    package var status: Status
    package var cpuNanoseconds: UInt64
    package var residentBytesMax: UInt64

    package init(status: Status, cpuNanoseconds: UInt64 = 0, residentBytesMax: UInt64 = 0) {
        self.status = status
        self.cpuNanoseconds = cpuNanoseconds
        self.residentBytesMax = residentBytesMax
    }
}

/// Starts programs in sandboxes of their own. The spawner does.
package protocol ProgramLauncher: Sendable {
    /// Starts a program. `onExit` is called once, from any thread, when it and all that it started are gone; not when
    /// this throws.
    /// - Parameter arguments: what follows the program's name.
    /// - Returns: ends it and all that it started.
    func launch(
        _ program: Program, arguments: [String], ends: ProgramEnds, tenant: TenantID,
        onExit: @escaping @Sendable (ProgramExit) -> Void
    ) async throws(CorralError) -> @Sendable () -> Void
}

final class RunningProgram: Sendable {
    /// Why the host ended it.
    enum Reason: String, Sendable {
        case deadline
        case stopped
        case callOver = "call_over"
    }

    private struct State {
        var reason: Reason?
        var kill: (@Sendable () -> Void)?
        var exit: ProgramExit?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// What a plugin calls it by.
    let number: Int64
    /// The call that started it.
    let call: UInt64
    private let state = Mutex(State())

    init(number: Int64, call: UInt64) {
        self.number = number
        self.call = call
    }

    /// It has been launched, and may have been asked to end before.
    func launched(_ kill: @escaping @Sendable () -> Void) {
        let mustDie = state.withLock { state in
            state.kill = kill
            return state.reason != nil
        }
        if mustDie { kill() }
    }

    /// Ends it and all that it started. The first reason counts.
    func end(_ reason: Reason) {
        let kill = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.exit == nil, state.reason == nil else { return nil }
            state.reason = reason
            return state.kill
        }
        kill?()
    }

    func exited(_ exit: ProgramExit) {
        let waiters = state.withLock { state in
            state.exit = exit
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when it is gone.
    func gone() async -> (ProgramExit, Reason?) {
        await withCheckedContinuation { continuation in
            let isGone = state.withLock { state in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit != nil
            }
            if isGone { continuation.resume() }
        }
        return state.withLock { ($0.exit ?? ProgramExit(status: .signaled(9)), $0.reason) }
    }
}

extension ProgramExit {
    /// `{"exit": 0}` or `{"signal": 9, "reason": "deadline"}`.
    func json(_ reason: RunningProgram.Reason?) -> JSONObject {
        var object = JSONObject()
        switch status {
        case .exited(let code): object["exit"] = .int(Int64(code))
        case .signaled(let signal): object["signal"] = .int(Int64(signal))
        }
        // The host ends a program by a signal, whatever the program's supervisor makes of it.
        object["reason"] = reason.map { .string($0.rawValue) }
        return object
    }

    var attributes: JSONObject {
        [
            "corral.program.cpu_ns": .int(Int64(clamping: cpuNanoseconds)),
            "corral.program.rss_max": .int(Int64(clamping: residentBytesMax)),
        ]
    }
}
