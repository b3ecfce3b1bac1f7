// SPDX-License-Identifier: Apache-2.0
// Spawner: the host's side of corral-spawner. It starts the process when first needed and again when it was lost.

import CSpawnerProtocol
import CorralBase
import CorralSocket
import Glibc
import Synchronization

/// Starts and kills the host's child processes through corral-spawner. One for the whole host.
package final class Spawner: Sendable {
    private struct State {
        var line: SpawnerLine?
        var nextID: UInt64 = 1
    }

    /// The spawner's program.
    package let executable: String
    private let state = Mutex(State())

    /// Starts nothing yet: the first launch, or `start`, does.
    package init(executable: String) { self.executable = executable }

    deinit { state.withLock { $0.line?.close() } }

    /// Starts the spawner process unless it runs. Call it early, while the host is small and has no descriptors open.
    /// - Throws: `spawner_unavailable`.
    package func start() throws(CorralError) { _ = try currentLine() }

    /// Starts a process and returns when it has become its program.
    ///
    /// The descriptors of `spec` stay the caller's. Not cancellable: it takes about a millisecond.
    /// - Parameter onExit: called once when the process has ended, on the spawner client's own thread; it must not block.
    ///   Not called when this method throws.
    /// - Throws: `spawner_unavailable`, `launch_failed` with the step and the system's reason, `spawner_lost`,
    ///   `launch_invalid` for a text that cannot be passed.
    package func launch(
        _ spec: LaunchSpec, onExit: @escaping @Sendable (ExitReport) -> Void
    ) async throws(CorralError) -> Launched {
        let line = try currentLine()
        let id = state.withLock { state in
            defer { state.nextID &+= 1 }
            return LaunchID(number: state.nextID)
        }
        let packet = try SpawnerPacket.launch(spec, id: id)
        let result = await withCheckedContinuation { continuation in
            line.launch(packet, spec, id: id, onExit: onExit) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Kills a process with SIGKILL. `onExit` follows. Nothing happens when it has already ended.
    package func kill(_ id: LaunchID) {
        state.withLock { $0.line }?.kill(id)
    }

    /// Ends the spawner and with it every process it started.
    package func stop() {
        let line = state.withLock { state in
            defer { state.line = nil }
            return state.line
        }
        line?.close()
    }

    /// The spawner's process id, nil when none runs. For `doctor` and tests.
    package var processID: Int32? { state.withLock { $0.line?.isOpen == true ? $0.line?.processID : nil } }

    private func currentLine() throws(CorralError) -> SpawnerLine {
        let path = executable
        let result = state.withLock { state -> Result<SpawnerLine, CorralError> in
            if let line = state.line, line.isOpen { return .success(line) }
            do throws(CorralError) {
                let line = try SpawnerLine(executable: path)
                state.line = line
                return .success(line)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
