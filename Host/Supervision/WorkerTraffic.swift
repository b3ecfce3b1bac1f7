// SPDX-License-Identifier: Apache-2.0
// WorkerTraffic: bytes between the pool and its workers' sockets and pipes. Nothing waits: what cannot be written is
// queued, within a bound; what arrives is always read.

import CorralBase
import CorralSocket
import CorralWire
import Glibc

extension WorkerPool {
    /// Reads of one descriptor in one turn, so that a chatty worker does not hold up its tenant's other work.
    private static let readsPerTurnMax = 16

    func watch(_ worker: Worker) throws(CorralError) {
        let number = worker.number
        func watch(_ descriptor: Int32, _ body: @escaping @Sendable (isolated WorkerPool, Worker) -> Void) throws {
            try lane.watch(descriptor, events: EPOLLIN.rawValue) { [weak self] _ in
                self?.assumeIsolated { pool in
                    if let worker = pool.workers[number] { body(pool, worker) }
                }
            }
        }
        do {
            try watch(worker.socket) { $0.socketIsReady($1) }
            try watch(worker.output) { _ = $0.readOutput($1) }
            try watch(worker.crash) { _ = $0.readCrash($1) }
        } catch {
            forget(worker)
            throw error as? CorralError ?? .internalFault("\(error)")
        }
    }

    // MARK: Out

    func send(_ worker: Worker, _ frame: Frame, descriptors: [OwnedDescriptor] = []) {
        guard worker.outQueue.bytes + frame.payload.count <= Limits.workerQueueBytesMax else {
            return condemn(worker, .doesNotRead)
        }
        worker.outQueue.append(frame, descriptors: descriptors)
        if !worker.isBlocked { flush(worker) }
    }

    private func flush(_ worker: Worker) {
        switch worker.outQueue.flush(to: worker.socket) {
        case .blocked: setBlocked(worker, true)
        // A broken socket is noticed by reading, where what the worker still said is read first.
        case .empty, .broken: setBlocked(worker, false)
        }
    }

    private func setBlocked(_ worker: Worker, _ isBlocked: Bool) {
        guard worker.isBlocked != isBlocked else { return }
        worker.isBlocked = isBlocked
        lane.change(worker.socket, events: EPOLLIN.rawValue | (isBlocked ? EPOLLOUT.rawValue : 0))
    }

    // MARK: In

    private func socketIsReady(_ worker: Worker) {
        if worker.isBlocked { flush(worker) }
        if !readSocket(worker, readsMax: WorkerPool.readsPerTurnMax) { socketEnded(worker) }
    }

    /// - Returns: false when nothing more will come.
    func readSocket(_ worker: Worker, readsMax: Int) -> Bool {
        for _ in 0..<readsMax {
            if case .violation = worker.condemnation { return true }
            var descriptorCount: Int32 = 0
            var truncated: Int32 = 0
            let count = readBuffer.withUnsafeMutableBytes { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                return corral_socket_receive(worker.socket, base, buffer.count, nil, &descriptorCount, &truncated)
            }
            if count == -Int(EAGAIN) { return true }
            guard count > 0 else { return false }
            guard truncated == 0 else {
                condemn(worker, .violation(.protocolViolation("descriptors, which only the host may send")))
                return true
            }
            readBuffer.withUnsafeBytes { worker.decoder.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            decode(worker)
            if count < readBuffer.count { return true }
        }
        return true
    }

    private func decode(_ worker: Worker) {
        do {
            while let frame = try worker.decoder.next() {
                if let event = try worker.connection.receive(frame) { handle(event, of: worker) }
                if case .violation = worker.condemnation { return }
            }
        } catch {
            condemn(worker, .violation(error as? CorralError ?? .protocolViolation("\(error)")))
        }
    }

    /// The other end is closed: the process is about to end, or it closed the socket and lives on.
    private func socketEnded(_ worker: Worker) {
        lane.unwatch(worker.socket)
        worker.isBlocked = false
        withdraw(worker)
        if worker.state != .stopping {
            worker.state = .stopping
            worker.isBroken = true
        }
        after(settings.grace, worker) { $0.condemn($1, .closedItsSocket) }
    }

    /// - Returns: false when the pipe has ended.
    func readOutput(_ worker: Worker) -> Bool {
        readPipe(worker.output) { bytes in
            worker.lines.append(bytes) { line in
                logLine(worker, call: nil, level: .info, plugin: nil, line)
            }
        }
    }

    func readCrash(_ worker: Worker) -> Bool {
        readPipe(worker.crash) { bytes in
            // One record is all there is to say; the rest is thrown away.
            worker.crashBytes += bytes.prefix(max(0, CrashRecord.byteCount - worker.crashBytes.count))
        }
    }

    private func readPipe(_ descriptor: Int32, _ body: (ArraySlice<UInt8>) -> Void) -> Bool {
        for _ in 0..<WorkerPool.readsPerTurnMax {
            let count = readBuffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return true }
            guard count > 0 else {
                lane.unwatch(descriptor)
                return false
            }
            body(readBuffer[..<count])
        }
        return true
    }

    // MARK: Lines

    /// A line for people: to the watchers of its call, or to the host's log.
    func logLine(_ worker: Worker, call: CallRecord?, level: LogLevel, plugin: PluginID?, _ text: String) {
        let now = monotonicNanoseconds()
        let missed = worker.logGate.takeDropped(at: now)
        if missed > 0 { note(worker.key, .warning, "\(missed) log lines dropped") }
        guard worker.logGate.passes(at: now) else { return }
        // What a process prints can only be attributed when one plugin is all it can have come from.
        let plugin = plugin ?? call?.call.plugin.id ?? (worker.plugins.count == 1 ? worker.plugins[0].id : nil)
        let onlyCall = call ?? (worker.running.count == 1 ? worker.running.first?.value : nil)
        if let onlyCall, let plugin, onlyCall.call.plugin.id == plugin {
            onlyCall.events(.log(level: level, plugin: plugin, text: text))
        } else {
            log(WorkerLogLine(worker: worker.key, level: level, plugin: plugin, text: text))
        }
    }

    /// The pool's own word about a worker.
    func note(_ key: WorkerKey, _ level: LogLevel, _ text: String) {
        log(WorkerLogLine(worker: key, level: level, plugin: nil, text: text))
    }
}
