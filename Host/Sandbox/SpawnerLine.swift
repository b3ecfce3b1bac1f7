// SPDX-License-Identifier: Apache-2.0
// SpawnerLine: the life of one spawner process, from its start to its end, on one thread of our own. The thread starts
// the process and lives as long as it, because the kernel's parent-death signal fires when the *thread* that forked ends.

import CSpawnerProtocol
import CorralBase
import CorralSocket
import Glibc
import Synchronization

final class SpawnerLine: Sendable {
    typealias LaunchResult = Result<Launched, CorralError>

    private struct Child {
        var path: String
        var level: IsolationLevel
        var onExit: @Sendable (ExitReport) -> Void
        /// Present until the spawner has answered the launch.
        var onLaunch: (@Sendable (LaunchResult) -> Void)?
    }

    private struct State {
        var isOpen = true
        var children: [LaunchID: Child] = [:]
    }

    let executable: String
    private let socket: Int32
    private let state = Mutex(State())
    private let started = Mutex<pid_t>(0)

    var processID: Int32 { started.withLock { $0 } }
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// - Throws: `spawner_unavailable`.
    init(executable: String) throws(CorralError) {
        self.executable = executable
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            throw .spawnerUnavailable(executable, "socketpair", errno)
        }
        socket = pair[0]
        // A spawner that does not read within this time is as good as lost; nobody waits longer for it.
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        try startThread(childEnd: pair[1])
    }

    deinit { Glibc.close(socket) }

    func launch(
        _ packet: [UInt8], _ spec: LaunchSpec, id: LaunchID, level: IsolationLevel,
        onExit: @escaping @Sendable (ExitReport) -> Void,
        onLaunch: @escaping @Sendable (LaunchResult) -> Void
    ) {
        let isOpen = state.withLock { state in
            if state.isOpen {
                state.children[id] = Child(path: spec.executable, level: level, onExit: onExit, onLaunch: onLaunch)
            }
            return state.isOpen
        }
        guard isOpen else { return onLaunch(.failure(.spawnerLost(spec.executable))) }
        send(packet, spec.descriptors.map(\.descriptor))
    }

    func kill(_ id: LaunchID) { send(SpawnerPacket.kill(id), []) }

    /// Ends the spawner, and the spawner its children. The reading thread sees the end and reports it.
    func close() { shutdown(socket, Int32(SHUT_RDWR)) }

    private func send(_ packet: [UInt8], _ descriptors: [Int32]) {
        let sent = packet.withUnsafeBytes { bytes in
            corral_socket_send(socket, bytes.baseAddress, bytes.count, nil, 0, descriptors, Int32(descriptors.count))
        }
        if sent != packet.count { close() }
    }

    // MARK: The thread

    /// What the thread is given, and where it says how the start went.
    private final class Birth: Sendable {
        let line: SpawnerLine
        let childEnd: Int32
        let status = Mutex<Int32?>(nil)
        nonisolated(unsafe) let done: UnsafeMutablePointer<sem_t>

        init(_ line: SpawnerLine, _ childEnd: Int32) {
            self.line = line
            self.childEnd = childEnd
            // A semaphore is made for use by several threads; it lives until the last holder of this object is gone.
            done = .allocate(capacity: 1)
            sem_init(done, 0, 0)
        }

        deinit {
            sem_destroy(done)
            done.deallocate()
        }
    }

    private func startThread(childEnd: Int32) throws(CorralError) {
        defer { Glibc.close(childEnd) }
        let birth = Birth(self, childEnd)
        let context = Unmanaged.passRetained(birth).toOpaque()
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, spawnerThread, context)
        guard failure == 0 else {
            Unmanaged<Birth>.fromOpaque(context).release()
            throw .spawnerUnavailable(executable, "pthread_create", failure)
        }
        pthread_detach(thread)
        while sem_wait(birth.done) != 0 {}
        let status = birth.status.withLock { $0 } ?? 0
        guard status == 0 else { throw .spawnerUnavailable(executable, "posix_spawn", status) }
    }

    fileprivate static func runThread(_ context: UnsafeMutableRawPointer) {
        let birth = Unmanaged<Birth>.fromOpaque(context).takeRetainedValue()
        let line = birth.line
        let status = line.spawn(birth.childEnd)
        birth.status.withLock { $0 = status }
        sem_post(birth.done)
        guard status == 0 else { return line.state.withLock { $0.isOpen = false } }
        while let reply = line.receive() { line.handle(reply) }
        line.end()
    }

    /// Its first act is to close everything above 3, whatever this process has open without close-on-exec.
    private func spawn(_ childEnd: Int32) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, childEnd, 3)
        var pid = pid_t()
        let failure = executable.withCString { path in
            var arguments: [UnsafeMutablePointer<CChar>?] = [UnsafeMutablePointer(mutating: path), nil]
            var environment: [UnsafeMutablePointer<CChar>?] = [nil]
            return posix_spawn(&pid, path, &actions, nil, &arguments, &environment)
        }
        if failure == 0 { started.withLock { [pid] in $0 = pid } }
        return failure
    }

    /// Nil when the spawner is gone or says something we cannot read.
    private func receive() -> corral_spawner_reply? {
        withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { buffer in
            var none: Int32 = 0
            var truncated: Int32 = 0
            let count = corral_socket_receive(socket, buffer.baseAddress!, buffer.count, nil, &none, &truncated)
            guard count > 0 else { return nil }
            return SpawnerPacket.reply(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        }
    }

    private func handle(_ reply: corral_spawner_reply) {
        let id = LaunchID(number: reply.id)
        switch reply.kind {
        case CORRAL_SPAWNER_LAUNCHED:
            let child = state.withLock { state in
                defer { state.children[id]?.onLaunch = nil }
                return state.children[id]
            }
            guard let child else { return }
            child.onLaunch?(.success(Launched(id: id, pid: reply.pid, level: child.level)))
        case CORRAL_SPAWNER_FAILED:
            let child = state.withLock { $0.children.removeValue(forKey: id) }
            guard let child else { return }
            child.onLaunch?(.failure(.launchFailed(child.path, level: child.level, LaunchFailure(reply))))
        case CORRAL_SPAWNER_EXITED:
            state.withLock { $0.children.removeValue(forKey: id) }?.onExit(ExitReport(reply))
        default: close()
        }
    }

    /// The spawner is gone: it is reaped, and whoever waits for it or its children is told.
    private func end() {
        close()
        // It ends its children first, which takes milliseconds; it is killed only when it does not.
        var waited = 0
        while waitpid(processID, nil, WNOHANG) == 0 {
            waited += 1
            if waited == 1500 { _ = Glibc.kill(processID, SIGKILL) }
            usleep(1000)
        }
        let children = state.withLock { state in
            state.isOpen = false
            defer { state.children = [:] }
            return state.children
        }
        for child in children.values {
            if let onLaunch = child.onLaunch {
                onLaunch(.failure(.spawnerLost(child.path)))
            } else {
                child.onExit(ExitReport(status: .spawnerLost))
            }
        }
    }
}

private func spawnerThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { SpawnerLine.runThread(context) }
    return nil
}
