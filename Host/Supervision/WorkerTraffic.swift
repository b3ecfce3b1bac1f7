// SPDX-License-Identifier: Apache-2.0
// WorkerTraffic: bytes between the pool and its workers' sockets and pipes. Nothing waits: what cannot be written is
// queued, within a bound; what arrives is read, unless it comes faster than an honest worker speaks: then it is left in
// the socket for a moment, where it costs the worker that sends it and nobody else.

import CorralBase
import CorralSocket
import CorralWire
import Glibc

extension WorkerPool {
    /// Reads of one descriptor in one turn, so that a chatty worker does not hold up its tenant's other work.
    private static let readsPerTurnMax = 16

    func watch(_ worker: Worker) throws(CorralError) {
        let number = worker.number
        do {
            try watch(worker.socket, of: number) { $0.socketIsReady($1, $2) }
            try watch(worker.output, of: number) { pool, worker, _ in _ = pool.readOutput(worker) }
            try watch(worker.crash, of: number) { pool, worker, _ in _ = pool.readCrash(worker) }
        } catch {
            forget(worker)
            throw error as? CorralError ?? .internalFault("\(error)")
        }
    }

    private func watch(
        _ descriptor: Int32, of number: UInt64,
        _ body: @escaping @Sendable (isolated WorkerPool, Worker, UInt32) -> Void
    ) throws {
        try lane.watch(descriptor, events: EPOLLIN.rawValue) { [weak self] events in
            self?.assumeIsolated { pool in
                if let worker = pool.workers[number] { body(pool, worker, events) }
            }
        }
    }

    // MARK: Out

    func send(_ worker: Worker, _ frame: Frame, descriptors: [OwnedDescriptor] = []) {
        guard worker.outQueue.bytes + frame.payload.count <= Limits.workerQueueBytesMax,
            worker.outQueue.descriptors + descriptors.count <= Limits.workerQueueDescriptorsMax
        else { return condemn(worker, .doesNotRead) }
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
        watchSocket(worker)
    }

    private func watchSocket(_ worker: Worker) {
        let reading = worker.isPaused ? 0 : EPOLLIN.rawValue
        lane.change(worker.socket, events: reading | (worker.isBlocked ? EPOLLOUT.rawValue : 0))
    }

    // MARK: In

    private func socketIsReady(_ worker: Worker, _ events: UInt32) {
        if worker.isBlocked { flush(worker) }
        // The end is always told; what is left then is no more than the socket holds.
        if worker.isPaused, events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) == 0 { return }
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
            if pausesForFlood(worker) || count < readBuffer.count { return true }
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

    private func pausesForFlood(_ worker: Worker) -> Bool {
        let small = worker.connection.takeSmallFrames()
        let pause = small == 0 ? 0 : worker.framePace.pause(after: small, at: monotonicNanoseconds())
        guard pause > 0, worker.state != .gone else { return false }
        guard !worker.isPaused else { return true }
        worker.isPaused = true
        watchSocket(worker)
        after(.nanoseconds(Int64(clamping: pause)), worker) { pool, worker in
            worker.isPaused = false
            pool.watchSocket(worker)
        }
        return true
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
        // One that said goodbye when it was asked has done nothing wrong, however late the news of its end comes.
        after(settings.grace, worker) { pool, worker in
            pool.condemn(worker, worker.connection.isOrderlyOver ? .stopping : .closedItsSocket)
        }
    }

    /// - Returns: false when the pipe has ended.
    func readOutput(_ worker: Worker) -> Bool {
        readPipe(worker.output) { bytes in
            worker.lines.append(bytes) { line in
                logLine(worker, call: nil, level: .info, plugin: nil, line)
            }
            return !pausesForPrinting(worker, bytes.count)
        }
    }

    /// A piece counts as at least a kilobyte: single bytes cost a system call each.
    private func pausesForPrinting(_ worker: Worker, _ bytes: Int) -> Bool {
        let pause = worker.printPace.pause(after: (bytes + 1023) / 1024, at: monotonicNanoseconds())
        guard pause > 0, worker.state != .gone else { return false }
        lane.unwatch(worker.output)
        after(.nanoseconds(Int64(clamping: pause)), worker) { pool, worker in
            // The system has no room for a watch it had room for before: what is printed stays unread.
            try? pool.watch(worker.output, of: worker.number) { pool, worker, _ in _ = pool.readOutput(worker) }
        }
        return true
    }

    func readCrash(_ worker: Worker) -> Bool {
        readPipe(worker.crash) { bytes in
            // One record is all there is to say; the rest is thrown away, within reason.
            worker.crashBytes += bytes.prefix(max(0, CrashRecord.byteCount - worker.crashBytes.count))
            worker.crashBytesSeen += bytes.count
            guard worker.crashBytesSeen > Limits.crashPipeBytesMax else { return true }
            lane.unwatch(worker.crash)
            condemn(worker, .violation(.protocolViolation("\(worker.crashBytesSeen) bytes as its crash record")))
            return false
        }
    }

    /// - Parameter body: false when no more is to be read in this turn.
    private func readPipe(_ descriptor: Int32, _ body: (ArraySlice<UInt8>) -> Bool) -> Bool {
        for _ in 0..<WorkerPool.readsPerTurnMax {
            let count = readBuffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return true }
            guard count > 0 else {
                lane.unwatch(descriptor)
                return false
            }
            guard body(readBuffer[..<count]) else { return true }
        }
        return true
    }

    // MARK: Lines

    /// A line for people: to the watchers of its call, or to the host's log.
    func logLine(_ worker: Worker, call: CallRecord?, level: LogLevel, plugin: PluginID?, _ text: String) {
        let now = monotonicNanoseconds()
        let missed = worker.logGate.takeDropped(at: now)
        if missed > 0 { note(worker.key, .warning, "\(missed) log lines dropped") }
        guard worker.logGate.passes(at: now), logBudget.passes(text.utf8.count + 1, at: now) else { return }
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
