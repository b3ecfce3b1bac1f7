// SPDX-License-Identifier: Apache-2.0
// BrokerProcess: one corral-broker as its client sees it: its socket, its output, its life. What it sends is decoded as a
// stranger's word, because it reads what the Internet sends.

import CorralBase
import CorralSocket
import CorralSupervision
import CorralWire
import Glibc

/// Touched on the client's lane only.
final class BrokerProcess {
    let number: UInt64
    let socket: OwnedDescriptor
    let output: OwnedDescriptor
    let startedAt = monotonicNanoseconds()
    var launched: LaunchedWorker?
    var isOver = false
    var decoder = FrameDecoder(payloadBytesMax: Limits.brokerFrameBytesMax)
    /// Descriptors that arrived ahead of the frames they belong to, in order.
    var descriptors: [OwnedDescriptor] = []
    var outQueue = OutQueue()
    var isBlocked = false

    init(number: UInt64, socket: OwnedDescriptor, output: OwnedDescriptor) {
        self.number = number
        self.socket = socket
        self.output = output
    }
}

/// What the client needs from whatever starts the broker: the spawner, or a script in a test.
package protocol BrokerLauncher: Sendable {
    /// Starts the process with `socket` as its descriptor 3 and `output` as 1 and 2; both stay the caller's. `onExit` is
    /// called once, from any thread, perhaps before this returns; not when it throws.
    func launch(
        socket: Int32, output: Int32, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker
}

extension BrokerClient {
    /// Deaths within the last seconds, after which nothing is started for a while: a broker that cannot live would
    /// otherwise be started for each request.
    private static let deathsMax = 5
    private static let deathWindow: UInt64 = 10_000_000_000
    private static let linesPerReadMax = 64

    /// The broker, started when none runs.
    func running() throws(CorralError) -> BrokerProcess {
        if let process { return process }
        let now = monotonicNanoseconds()
        recentDeaths.removeAll { now - $0 > Self.deathWindow }
        guard recentDeaths.count < Self.deathsMax else {
            throw .brokerUnavailable("it ended \(recentDeaths.count) times in the last 10 seconds")
        }
        return try start(now)
    }

    private func start(_ now: UInt64) throws(CorralError) -> BrokerProcess {
        var (mine, theirs): (Int32, Int32) = (-1, -1)
        let status = corral_socket_pair(&mine, &theirs)
        guard status == 0 else { throw .brokerUnavailable(errorText(-status)) }
        let (socket, childSocket) = (OwnedDescriptor(mine), OwnedDescriptor(theirs))
        var ends: [Int32] = [-1, -1]
        // pipe2 is not imported. No process is forked from the host but the spawner, which closes what it inherits.
        guard pipe(&ends) == 0 else { throw .brokerUnavailable(errorText(errno)) }
        for descriptor in ends { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let (output, childOutput) = (OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1]))
        for descriptor in [socket.number, output.number] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
        let process = BrokerProcess(number: now, socket: socket, output: output)
        do {
            try watch(process)
            try greet(process)
        } catch {
            abandon(process)
            throw error as? CorralError ?? .internalFault("\(error)")
        }
        self.process = process
        launch(process, childSocket, childOutput)
        return process
    }

    private func launch(_ process: BrokerProcess, _ socket: OwnedDescriptor, _ output: OwnedDescriptor) {
        let number = process.number
        let launcher = launcher
        // Not structured: the start belongs to every request that waits for it.
        Task {
            do throws(CorralError) {
                let launched = try await launcher.launch(socket: socket.number, output: output.number) { exit in
                    Task { await self.ended(number, exit) }
                }
                self.isLaunched(number, launched)
            } catch {
                self.didNotLaunch(number, error)
            }
            // The child has its copies; ours would keep the socket open when it dies.
            withExtendedLifetime((socket, output)) {}
        }
    }

    private func isLaunched(_ number: UInt64, _ launched: LaunchedWorker) {
        guard let process, process.number == number else { return launched.kill() }
        process.launched = launched
    }

    private func didNotLaunch(_ number: UInt64, _ error: CorralError) {
        guard let process, process.number == number else { return }
        abandon(process)
        recentDeaths.append(monotonicNanoseconds())
        for id in pending.keys { end(id, .failure(error)) }
    }

    private func ended(_ number: UInt64, _ exit: WorkerExit) {
        guard let process, process.number == number else { return }
        lost(process, exit.text)
    }

    /// The process is of no more use: it is killed if it still lives, and whatever it was asked for fails.
    func lost(_ process: BrokerProcess, _ reason: String) {
        guard !process.isOver else { return }
        readOutput(process)
        abandon(process)
        recentDeaths.append(monotonicNanoseconds())
        log("corral-broker ended: \(reason)")
        let ids = pending.keys.sorted()
        for id in ids {
            if let request = pending[id] { end(id, .failure(.brokerLost(request.target, reason))) }
        }
    }

    private func abandon(_ process: BrokerProcess) {
        process.isOver = true
        lane.unwatch(process.socket.number)
        lane.unwatch(process.output.number)
        process.launched?.kill()
        if self.process === process { self.process = nil }
    }

    // MARK: Out

    private func greet(_ process: BrokerProcess) throws(CorralError) {
        var descriptors: [OwnedDescriptor] = []
        if !settings.certificates.isEmpty {
            let memory = settings.certificates.withUnsafeBytes {
                corral_sealed_memfd("certificates", $0.baseAddress, $0.count)
            }
            guard memory >= 0 else { throw .brokerUnavailable(errorText(-memory)) }
            descriptors = [OwnedDescriptor(memory)]
        }
        let hello = BrokerHello(
            proxy: settings.proxy, withoutProxy: settings.withoutProxy, hasCertificates: !descriptors.isEmpty)
        process.outQueue.append(hello.frame, descriptors: descriptors)
        flush(process)
    }

    func send(_ process: BrokerProcess, _ frame: Frame) {
        guard process.outQueue.bytes + frame.payload.count <= Limits.brokerQueueBytesMax else {
            return lost(process, "it does not read")
        }
        process.outQueue.append(frame, descriptors: [])
        if !process.isBlocked { flush(process) }
    }

    private func flush(_ process: BrokerProcess) {
        // A broken socket is noticed by reading.
        let isBlocked = process.outQueue.flush(to: process.socket.number) == .blocked
        guard process.isBlocked != isBlocked else { return }
        process.isBlocked = isBlocked
        lane.change(process.socket.number, events: EPOLLIN.rawValue | (isBlocked ? EPOLLOUT.rawValue : 0))
    }

    // MARK: In

    private func watch(_ process: BrokerProcess) throws {
        let number = process.number
        func watch(
            _ descriptor: Int32, _ body: @escaping @Sendable (isolated BrokerClient, BrokerProcess) -> Void
        ) throws {
            try lane.watch(descriptor, events: EPOLLIN.rawValue) { [weak self] _ in
                self?.assumeIsolated { client in
                    if let process = client.process, process.number == number { body(client, process) }
                }
            }
        }
        try watch(process.socket.number) { $0.socketIsReady($1) }
        try watch(process.output.number) { $0.readOutput($1) }
    }

    private func socketIsReady(_ process: BrokerProcess) {
        if process.isBlocked { flush(process) }
        do {
            guard try receive(process) else { return lost(process, "it closed its socket") }
            while !process.isOver, let frame = try process.decoder.next() { try handle(frame, process) }
        } catch {
            lost(process, (error as? CorralError)?.message ?? "\(error)")
        }
    }

    /// - Returns: false at the end of the stream.
    private func receive(_ process: BrokerProcess) throws -> Bool {
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 8) { buffer in
            var batch = [Int32](repeating: -1, count: 8)
            var batchCount = Int32(batch.count)
            var truncated: Int32 = 0
            let count = corral_socket_receive(
                process.socket.number, buffer.baseAddress!, buffer.count, &batch, &batchCount, &truncated)
            process.descriptors += batch.prefix(Int(batchCount)).map { OwnedDescriptor($0) }
            guard truncated == 0, process.descriptors.count <= Limits.networkRequestsMax else {
                throw CorralError.protocolViolation("descriptors that nobody asked for")
            }
            if count == -Int(EAGAIN) { return true }
            guard count > 0 else { return false }
            process.decoder.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return true
        }
    }

    /// What the broker prints: libcurl and we print nothing, so this is an error or a crash.
    func readOutput(_ process: BrokerProcess) {
        var bytes = [UInt8](repeating: 0, count: Limits.logLineBytesMax)
        let count = read(process.output.number, &bytes, bytes.count)
        guard count > 0 else {
            if count == 0 { lane.unwatch(process.output.number) }
            return
        }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        for line in text.split(separator: "\n").prefix(Self.linesPerReadMax) {
            log("corral-broker: \(printable(line))")
        }
    }

    /// Control characters would let whoever the broker quotes write to a terminal.
    private func printable(_ line: Substring) -> String {
        String(
            String.UnicodeScalarView(line.unicodeScalars.map { $0.properties.generalCategory == .control ? "�" : $0 }))
    }

    private func handle(_ frame: Frame, _ process: BrokerProcess) throws {
        if frame.kind == .brokerReady { return }
        // The answer to a request that was cancelled may have been on its way.
        guard pending[frame.call] != nil else {
            if frame.kind == .brokerConnected, !process.descriptors.isEmpty { process.descriptors.removeFirst() }
            return
        }
        switch frame.kind {
        case .brokerHead: pending[frame.call]?.head = try BrokerHead(frame)
        case .brokerBody: try append(frame)
        case .brokerEvents: try appendEvents(frame)
        case .brokerDone: try finish(frame)
        case .brokerFailed: end(frame.call, .failure(try BrokerFailure(frame).error))
        case .brokerConnected:
            guard !process.descriptors.isEmpty else { throw CorralError.protocolViolation("a connection without one") }
            end(frame.call, .success(.connection(process.descriptors.removeFirst())))
        default: throw CorralError.protocolViolation("a frame of kind \(frame.kind.rawValue)")
        }
    }

    private func append(_ frame: Frame) throws {
        guard let request = pending[frame.call], request.head != nil,
            request.body.count + frame.payload.count <= request.bodyBytesMax
        else { throw CorralError.protocolViolation("a body that is too long or has no head") }
        pending[frame.call]?.body.append(contentsOf: frame.payload)
    }

    private func appendEvents(_ frame: Frame) throws {
        guard let request = pending[frame.call], request.head != nil, let stream = request.events,
            // Written as JSON, text may grow sixfold.
            request.eventBytes + frame.payload.count <= 6 * request.bodyBytesMax,
            let events = try JSON(parsing: frame.payload)["events"]?.arrayValue
        else { throw CorralError.protocolViolation("events that nobody asked for") }
        pending[frame.call]?.eventBytes += frame.payload.count
        pending[frame.call]?.collected = (request.collected ?? []) + events
        stream.yield(frame.payload)
    }

    private func finish(_ frame: Frame) throws {
        guard let request = pending[frame.call], let head = request.head else {
            throw CorralError.protocolViolation("the end of a response that has not begun")
        }
        let response = BrokerResponse(
            head: head, body: request.body, events: request.collected, done: try BrokerDone(frame))
        end(frame.call, .success(.response(response)))
    }
}

extension WorkerExit {
    /// For a log.
    fileprivate var text: String {
        switch status {
        case .exited(let code): "exit code \(code)"
        case .signaled(let number): "signal \(number)"
        case .spawnerLost: "its parent is gone"
        }
    }
}
