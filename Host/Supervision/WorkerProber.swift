// SPDX-License-Identifier: Apache-2.0
// WorkerProber: asks libraries for their manifests, each in a worker of its own that is killed right after the answer.
// Whatever the library does there, it does to nobody.

import CorralBase
import CorralCatalog
import CorralSocket
import CorralWire
import Glibc

package actor WorkerProber: PluginProber {
    private nonisolated let lane: Lane
    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
    private let launcher: any WorkerLauncher
    private let patience: Duration
    private var sessions: [UInt32: ProbeSession] = [:]
    private var nextGeneration: UInt32 = 1
    private var toolchain: String?

    /// - Parameters:
    ///   - lane: any lane of the host; probes take little of its time.
    ///   - patience: how long a library may take to load before it counts as hung.
    package init(lane: Lane, launcher: any WorkerLauncher, patience: Duration = .seconds(5)) {
        self.lane = lane
        self.launcher = launcher
        self.patience = patience
    }

    package func probe(_ request: ProbeRequest) async -> ProbeOutcome {
        let message = LoadMessage(
            plugin: 1, form: request.native == nil ? .plugin : .native, path: request.loadPath, isProbe: true,
            native: request.native ?? [])
        return await run(message)
    }

    /// Starts a worker that loads nothing, unless a probe has told already.
    package var workerToolchain: String? {
        get async {
            if toolchain == nil { _ = await run(nil) }
            return toolchain
        }
    }

    /// - Parameter load: nil = only hear the greeting.
    private func run(_ load: LoadMessage?) async -> ProbeOutcome {
        let generation = nextGeneration
        nextGeneration += 1
        let key = WorkerKey(tenant: .system, compartment: CompartmentID("probe"), generation: generation)
        let session: ProbeSession
        let ends: WorkerEnds
        do throws(CorralError) {
            let channels = try WorkerChannels()
            session = ProbeSession(channels, load)
            ends = channels.ends
        } catch {
            return .unavailable(error)
        }
        let readable = readableFolders(load)
        return await withCheckedContinuation { continuation in
            session.continuation = continuation
            sessions[generation] = session
            // The launch goes on while the answer may already arrive, so it has a task of its own. It begins when there is
            // somebody to tell: a launch may fail at once.
            Task { await self.launch(generation, key, readable, ends) }
            begin(generation, session, key)
        }
    }

    private func begin(_ generation: UInt32, _ session: ProbeSession, _ key: WorkerKey) {
        do throws(CorralError) {
            try watch(session.channels.socket, generation) { $0.socketIsReady($1) }
            try watch(session.channels.output, generation) { $1.readOutput($0.lane) }
        } catch {
            return end(generation, .unavailable(error))
        }
        session.send(session.connection.hello(key: key, callsMax: 1))
        if let load = session.load { session.send(session.connection.load(load)) }
        lane.after(nanoseconds: patience.nanoseconds) { [weak self] in
            self?.assumeIsolated { $0.patienceIsOver(generation) }
        }
    }

    private func watch(
        _ descriptor: Int32, _ generation: UInt32,
        _ body: @escaping @Sendable (isolated WorkerProber, ProbeSession) -> Void
    ) throws(CorralError) {
        do {
            try lane.watch(descriptor, events: EPOLLIN.rawValue) { [weak self] _ in
                self?.assumeIsolated { prober in
                    if let session = prober.sessions[generation] { body(prober, session) }
                }
            }
        } catch {
            throw error as? CorralError ?? .internalFault("\(error)")
        }
    }

    /// The library's own folder, and nothing else; a name without one is for the loader.
    private func readableFolders(_ load: LoadMessage?) -> [String] {
        guard let path = load?.path, path.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return [] }
        return [String(path[..<slash])]
    }

    private func launch(_ generation: UInt32, _ key: WorkerKey, _ readable: [String], _ ends: WorkerEnds) async {
        let result: Result<LaunchedWorker, CorralError>
        do throws(CorralError) {
            result = .success(
                try await launcher.launch(WorkerLaunch(key: key, readable: readable, ends: ends)) { [weak self] exit in
                    // The spawner's thread tells; the lane hears.
                    Task { await self?.exited(generation, exit) }
                })
        } catch {
            result = .failure(error)
        }
        for end in [ends.socket, ends.output, ends.crash] { close(end) }
        switch result {
        case .success(let launched):
            if let session = sessions[generation] { session.launched = launched } else { launched.kill() }
        case .failure(let error): end(generation, .unavailable(error))
        }
    }

    // MARK: What happens

    private func socketIsReady(_ session: ProbeSession) {
        guard let generation = sessions.first(where: { $0.value === session })?.key else { return }
        do {
            for event in try session.receive(lane) {
                switch event {
                case .ready(let text):
                    toolchain = text
                    session.isGreeted = true
                    if session.load == nil { end(generation, .answered(manifest: [], tools: [])) }
                case .loaded(_, let manifest, let tools):
                    end(generation, .answered(manifest: manifest, tools: tools))
                case .loadFailed(_, let reason, let detail):
                    end(generation, .failed(LoadProblem(reason.problem, detail: session.explained(printable(detail)))))
                case .log(_, let message): session.lastLine = printable(message.text)
                default: break
                }
            }
        } catch {
            let words = (error as? CorralError)?.message ?? "\(error)"
            end(generation, .failed(LoadProblem(.crashed, detail: "it wrote to the host's socket: \(words)")))
        }
    }

    private func patienceIsOver(_ generation: UInt32) {
        guard let session = sessions[generation] else { return }
        guard session.isGreeted else {
            let key = WorkerKey(tenant: .system, compartment: CompartmentID("probe"), generation: generation)
            return end(generation, .unavailable(.workerStartFailed(key, "it did not answer within \(patience)")))
        }
        end(generation, .failed(LoadProblem(.hung, detail: session.explained("killed after \(patience)"))))
    }

    private func exited(_ generation: UInt32, _ exit: WorkerExit) {
        guard let session = sessions[generation] else { return }
        // What it said before it ended comes first.
        socketIsReady(session)
        guard sessions[generation] != nil else { return }
        session.readOutput(lane)
        let key = WorkerKey(tenant: .system, compartment: CompartmentID("probe"), generation: generation)
        guard session.isGreeted, exit.status != .spawnerLost else {
            return end(generation, .unavailable(.workerStartFailed(key, "it ended at once")))
        }
        end(generation, .failed(LoadProblem(.crashed, detail: session.explained(session.lastWords(exit)))))
    }

    private func end(_ generation: UInt32, _ outcome: ProbeOutcome) {
        guard let session = sessions.removeValue(forKey: generation) else { return }
        session.launched?.kill()
        session.close(lane)
        session.continuation?.resume(returning: outcome)
        session.continuation = nil
    }
}

/// One probe under way. Touched on the prober's lane only.
private final class ProbeSession {
    let channels: WorkerChannels
    let load: LoadMessage?
    var connection = WorkerConnection()
    var continuation: CheckedContinuation<ProbeOutcome, Never>?
    var launched: LaunchedWorker?
    var isGreeted = false
    /// The last thing the library printed or logged: often the reason.
    var lastLine = ""
    private var decoder = FrameDecoder()
    private var lines = LineSplitter()
    private var outQueue = OutQueue()

    init(_ channels: WorkerChannels, _ load: LoadMessage?) {
        self.channels = channels
        self.load = load
    }

    /// What is sent to a probe fits into any socket's buffer.
    func send(_ frame: Frame) {
        outQueue.append(frame, descriptors: [])
        _ = outQueue.flush(to: channels.socket)
    }

    func receive(_ lane: Lane) throws -> [WorkerConnection.Event] {
        var events: [WorkerConnection.Event] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var descriptors: Int32 = 0
            var truncated: Int32 = 0
            let count = buffer.withUnsafeMutableBytes { bytes -> Int in
                guard let base = bytes.baseAddress else { return 0 }
                return corral_socket_receive(channels.socket, base, bytes.count, nil, &descriptors, &truncated)
            }
            if count == -Int(EAGAIN) { return events }
            guard count > 0 else {
                lane.unwatch(channels.socket)
                return events
            }
            guard truncated == 0 else { throw CorralError.protocolViolation("descriptors") }
            buffer.withUnsafeBytes { decoder.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            while let frame = try decoder.next() {
                if let event = try connection.receive(frame) { events.append(event) }
            }
            // A flood is no reason to stay here: the rest comes with the next turn.
            if events.count > 256 { return events }
        }
    }

    func readOutput(_ lane: Lane) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<64 {
            let count = read(channels.output, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return }
            guard count > 0 else {
                lane.unwatch(channels.output)
                lines.finish { lastLine = $0 }
                return
            }
            lines.append(buffer[..<count]) { lastLine = $0 }
        }
    }

    /// How the process ended.
    func lastWords(_ exit: WorkerExit) -> String {
        var buffer = [UInt8](repeating: 0, count: CrashRecord.byteCount)
        let count = read(channels.crash, &buffer, buffer.count)
        switch (CrashRecord(buffer.prefix(max(0, count)))?.kind, exit.status) {
        case (.signal(let number), _), (nil, .signaled(let number)): return signalName(number)
        case (.exited(let code), _), (nil, .exited(let code)): return "it ended the process with exit code \(code)"
        case (nil, .spawnerLost): return "lost with the spawner"
        }
    }

    func explained(_ text: String) -> String {
        lines.finish { lastLine = $0 }
        return lastLine.isEmpty ? text : "\(text); the last thing it said: \(lastLine)"
    }

    func close(_ lane: Lane) {
        for descriptor in [channels.socket, channels.output, channels.crash] {
            lane.unwatch(descriptor)
            Glibc.close(descriptor)
        }
    }
}
