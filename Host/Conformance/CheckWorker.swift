// SPDX-License-Identifier: Apache-2.0
// CheckWorker: a real worker process in the real sandbox, and a host that is played frame by frame. One is made for each
// experiment and killed after it, so that a crash is a result. Every wait has an end.

import CorralBase
import CorralSocket
import CorralSupervision
import CorralWire
import Dispatch
import Glibc
import Synchronization

/// Used by one thread, which it blocks.
final class CheckWorker {
    /// What a call came to.
    struct Answer: Equatable {
        var status: Int32 = -99
        var result: [UInt8] = []
        var failure: CompleteMessage.Failure?

        var words: String {
            guard status < 0 else { return "a result of \(result.count) bytes" }
            return failure.map { "error \"\($0.code)\": \($0.message)" } ?? "status \(status)"
        }

        static func == (a: Answer, b: Answer) -> Bool { a.status == b.status && a.result == b.result }
    }

    /// The worker ended, or never answered. `cause` says it in words.
    struct Lost: Error {
        let cause: String
        let isHang: Bool
    }

    private enum Limit {
        static let greeting: Duration = .seconds(10)
        static let load: Duration = .seconds(5)
        static let linesKept = 50
        /// Longer bodies go in a descriptor, so that no frame of ours fills the socket.
        static let inlineBytes = 16 << 10
        static let outputBytesKept = 64 << 10
    }

    /// What the host services that a plugin asks for answer.
    enum Script {
        /// A check grants nothing.
        case denied
        /// HTTP requests are answered with status 200; all others are denied.
        case fine
        /// Nobody answers now; later perhaps.
        case unavailable
    }

    let launched: LaunchedWorker
    let storage: StorageFolder?
    var script = Script.denied
    /// Requests to host services that came.
    private(set) var asked = 0
    private(set) var logs: [String] = []
    private(set) var printed: [UInt8] = []
    private let channels: WorkerChannels
    private let socket: FrameSocket
    private let exit = ExitBox()
    private var nextCall: UInt64 = 1
    /// The last results, while their calls run.
    private var open: [UInt64: Answer] = [:]
    /// Bytes of a call that were taken and not yet given back as credit.
    private var owed: [UInt64: Int] = [:]

    private final class ExitBox: Sendable {
        let done = DispatchSemaphore(value: 0)
        let exit = Mutex<WorkerExit?>(nil)
    }

    /// Starts a worker and waits for its greeting.
    /// - Throws: `check_unavailable`: whatever goes wrong here is not the plugin's doing.
    init(_ rig: CheckRig, storage: StorageFolder? = nil) throws {
        self.storage = storage
        channels = try WorkerChannels()
        socket = FrameSocket(channels.socket, payloadBytesMax: Limits.frameBytesMax)
        launched = try Self.launch(rig, storage, channels, exit)
        for descriptor in [channels.socket] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
            var patience = timeval(tv_sec: 10, tv_usec: 0)
            let size = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        }
        do {
            let hello = HelloMessage(
                key: rig.key.description, callsMax: UInt32(CheckRig.callsMax),
                creditBytes: UInt32(Limits.callCreditBytes))
            try socket.send(hello.frame)
            guard let frame = try next(within: Limit.greeting), frame.kind == .ready else {
                throw CorralError.checkUnavailable("it did not greet")
            }
        } catch let lost as Lost {
            throw CorralError.checkUnavailable(lost.cause)
        }
    }

    deinit {
        launched.kill()
        for descriptor in [channels.socket, channels.output, channels.crash] { close(descriptor) }
    }

    private static func launch(
        _ rig: CheckRig, _ storage: StorageFolder?, _ channels: WorkerChannels, _ exit: ExitBox
    ) throws -> LaunchedWorker {
        let result = Mutex<Result<LaunchedWorker, CorralError>?>(nil)
        let done = DispatchSemaphore(value: 0)
        // The launcher is asynchronous, and this thread is our own to block.
        Task.detached {
            do throws(CorralError) {
                let launched = try await rig.launch(channels.ends, storage: storage) { ended in
                    exit.exit.withLock { $0 = ended }
                    exit.done.signal()
                }
                result.withLock { $0 = .success(launched) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            done.signal()
        }
        done.wait()
        for end in [channels.ends.socket, channels.ends.output, channels.ends.crash] { close(end) }
        guard let outcome = result.withLock({ $0 }) else { throw CorralError.checkUnavailable("no answer") }
        return try outcome.get()
    }

    // MARK: Frames

    /// The next frame that is no log line; nil when none came in time.
    /// - Throws: `Lost` when the worker is gone.
    func next(within patience: Duration) throws -> Frame? {
        let deadline = ContinuousClock.now + patience
        while true {
            let left = max(.zero, ContinuousClock.now.duration(to: deadline))
            var entries = [
                pollfd(fd: channels.socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: channels.output, events: Int16(POLLIN), revents: 0),
            ]
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            let count = poll(&entries, 2, Int32(clamping: milliseconds))
            if count < 0, errno == EINTR { continue }
            if entries[1].revents != 0 { readOutput() }
            if entries[0].revents != 0 {
                guard let frame = try receive() else { continue }
                return frame
            }
            if left == .zero { return nil }
        }
    }

    private func receive() throws -> Frame? {
        let received: ReceivedFrame?
        do { received = try socket.receive() } catch {
            throw lost((error as? CorralError)?.message)
        }
        guard let frame = received?.frame else { throw lost(nil) }
        guard frame.kind == .log else { return frame }
        if let line = try? LogMessage(frame), logs.count < Limit.linesKept { logs.append(line.text) }
        return nil
    }

    private func readOutput() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<64 {
            let count = read(channels.output, &buffer, buffer.count)
            guard count > 0 else { return }
            if printed.count < Limit.outputBytesKept { printed += buffer[..<count] }
        }
    }

    /// - Throws: `Lost`.
    private func send(_ frame: Frame, descriptors: [Int32] = []) throws {
        do { try socket.send(frame, descriptors: descriptors) } catch { throw lost(nil) }
    }

    // MARK: Loading

    struct Loaded {
        var manifest: [UInt8]
        /// What a rehearsal found, or the list of C functions.
        var findings: [UInt8]
        var took: Duration
    }

    /// - Throws: `Fault` with the worker's words when the load is refused, `Lost`.
    func load(_ message: LoadMessage) throws -> Loaded {
        let start = ContinuousClock.now
        try send(message.frame)
        var manifest: [UInt8] = []
        while true {
            guard let frame = try next(within: Limit.load) else {
                throw Lost(cause: "loading it takes longer than \(Limit.load)", isHang: true)
            }
            switch frame.kind {
            case .manifest: manifest += try ManifestMessage(frame).bytes
            case .loaded:
                return Loaded(
                    manifest: manifest, findings: try LoadedMessage(frame).tools,
                    took: start.duration(to: .now))
            case .loadFailed:
                let failure = try LoadFailedMessage(frame)
                throw Fault(([failure.detail] + logs.suffix(3)).joined(separator: "; it said: "))
            default: continue
            }
        }
    }

    // MARK: Calls

    /// Starts a call.
    /// - Parameter deadline: on the monotonic clock, nanoseconds; 0 = none.
    func start(_ subject: Subject, _ sample: Sample, deadline: UInt64 = 0) throws -> UInt64 {
        let number = nextCall
        nextCall += 1
        open[number] = Answer()
        let entries = sample.files.map {
            CallMessage.ArtifactEntry(reference: $0.reference, bytes: UInt64($0.bytes.count))
        }
        let isLarge = sample.body.count > Limit.inlineBytes
        let message = CallMessage(
            plugin: 1, target: subject.target, method: subject.method, deadline: deadline, artifacts: entries,
            body: sample.body)
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        for bytes in (isLarge ? [sample.body] : []) + sample.files.map(\.bytes) {
            let descriptor = bytes.withUnsafeBytes { corral_sealed_memfd("check", $0.baseAddress, $0.count) }
            guard descriptor >= 0 else { throw CorralError.checkUnavailable(errorText(-descriptor)) }
            descriptors.append(descriptor)
        }
        try send(message.frame(call: number, bodyInDescriptor: isLarge), descriptors: descriptors)
        return number
    }

    func cancel(_ call: UInt64, _ reason: CancelReason = .requested) throws { try send(reason.frame(call: call)) }

    /// Waits for the end of a call.
    /// - Returns: nil when it was not over in time.
    func finish(_ call: UInt64, within patience: Duration) throws -> Answer? {
        let deadline = ContinuousClock.now + patience
        while true {
            if let answer = open[call], answer.status != -99 {
                open[call] = nil
                return answer
            }
            guard let frame = try next(within: max(.zero, ContinuousClock.now.duration(to: deadline))) else {
                return nil
            }
            try take(frame)
        }
    }

    private func take(_ frame: Frame) throws {
        switch frame.kind {
        case .data:
            if case .result(let bytes) = try DataMessage(frame) {
                open[frame.call]?.result += bytes
                guard (open[frame.call]?.result.count ?? 0) <= Limits.resultBytesMax else {
                    throw Fault("its result is longer than \(Limits.resultBytesMax) bytes")
                }
            }
            try giveCredit(frame.call, frame.payload.count)
        case .complete:
            owed[frame.call] = nil
            let message = try CompleteMessage(frame)
            open[frame.call]?.failure = message.failure
            open[frame.call]?.status = message.status
        case .serviceRequest: try answer(frame)
        default: break
        }
    }

    /// Credit for many small pieces in one frame: to answer each would fill the worker's socket while it fills ours, and
    /// two that both wait to write wait for ever.
    private func giveCredit(_ call: UInt64, _ bytes: Int) throws {
        let due = owed[call, default: 0] + bytes
        owed[call] = due < Limits.callCreditBytes / 4 ? due : 0
        if due >= Limits.callCreditBytes / 4 { try send(CreditMessage(bytes: UInt32(due)).frame(call: call)) }
    }

    private func answer(_ frame: Frame) throws {
        let request = try ServiceRequestMessage(frame)
        asked += 1
        let (status, result): (Int32, JSON) =
            switch script {
            case .fine where request.service == "corral.host.http/1":
                (0, ["status": 200, "headers": [], "url": "https://example.com/", "body": ""])
            case .unavailable:
                (-4, ["code": "unavailable", "message": "nobody answers there now", "retryable": true])
            case .denied, .fine:
                // What a plugin asks of others is refused, as a policy may refuse it.
                (
                    -5,
                    [
                        "code": "denied",
                        "message": .string("a check grants nothing: \(request.service) \(request.method)"),
                        "retryable": false,
                    ]
                )
            }
        try send(
            ServiceReplyMessage(request: request.request, status: status, result: result.bytes())
                .frame(call: frame.call))
    }

    /// Starts and finishes.
    /// - Throws: `Lost` also when it does not end.
    func call(_ subject: Subject, _ sample: Sample, within patience: Duration = CheckRig.callPatience) throws -> Answer
    {
        let call = try start(subject, sample)
        guard let answer = try finish(call, within: patience) else {
            throw Lost(cause: "a call did not end within \(patience)", isHang: true)
        }
        return answer
    }

    // MARK: The end

    /// Ends the process at once and waits until it is gone.
    func kill() {
        launched.kill()
        _ = exit.done.wait(timeout: .now() + 5)
    }

    /// Asks for an orderly end and waits for it.
    /// - Returns: nil when the process ended well, else how.
    func shutDown(within patience: Duration) throws -> String? {
        try send(Frame(.shutdown))
        var saidGoodbye = false
        do {
            while let frame = try next(within: patience) { if frame.kind == .goodbye { saidGoodbye = true } }
            return saidGoodbye ? "said goodbye and did not end" : "did not end within \(patience)"
        } catch let lost as Lost {
            if saidGoodbye, exit.exit.withLock({ $0?.status }) == .exited(0) { return nil }
            return lost.cause
        }
    }

    /// Facts of the kernel about the process.
    func resources() -> (residentBytes: Int, threads: Int)? {
        let fields = ProcessStatus.fields(of: launched.pid)
        guard let resident = fields["VmRSS"], let threads = fields["Threads"] else { return nil }
        return (resident * 1024, threads)
    }

    /// Reads what the process left: how it ended, its crash record, its last words.
    private func lost(_ violation: String?) -> Lost {
        _ = exit.done.wait(timeout: .now() + 2)
        readOutput()
        var buffer = [UInt8](repeating: 0, count: CrashRecord.byteCount)
        let count = read(channels.crash, &buffer, buffer.count)
        let record = CrashRecord(buffer.prefix(max(0, count)))
        var words = violation.map { "it broke the worker's connection (\($0))" } ?? "it ended the worker process"
        switch (record?.kind, exit.exit.withLock({ $0?.status })) {
        case (.signal(let number), _), (nil, .signaled(let number)):
            words = "it crashed with \(signalName(number))" + (record?.place.map { " at \($0)" } ?? "")
        case (.exited(let code), _), (nil, .exited(let code)): words += " with exit code \(code)"
        case (nil, .spawnerLost), (nil, nil): break
        }
        let last = String(decoding: printed, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? logs.last
        return Lost(cause: words + (last.map { "; the last thing it said: \($0.prefix(200))" } ?? ""), isHang: false)
    }
}

/// The numbers of /proc/PID/status (proc_pid_status(5)), which anyone may read.
enum ProcessStatus {
    static func fields(of pid: Int32) -> [String: Int] {
        guard let file = fopen("/proc/\(pid)/status", "re") else { return [:] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        return text.split(separator: "\n").reduce(into: [:]) { fields, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let word = parts[1].split(whereSeparator: { $0 == "\t" || $0 == " " }).first else {
                return
            }
            fields[String(parts[0])] = Int(word)
        }
    }
}
