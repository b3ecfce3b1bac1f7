// SPDX-License-Identifier: Apache-2.0
// Worker: the one object of this process. It reads frames from the host, starts calls and loads, and says goodbye.

import CCorral
import CorralBase
import CorralWire
import CorralWorkerShim
import Glibc

/// The vtable of host.h has no context pointer, so the worker is global.
let worker = Worker()

package enum WorkerMain {
    /// Serves the host on descriptor 3 until it goes away. The process must be fresh and single-threaded.
    package static func run() -> Never {
        corral_forbid_inspection()
        corral_crash_install(4, wireVersion)
        let failure = corral_seal_process()
        guard failure == 0 else { die("seccomp refuses the worker's own filter (errno \(-failure))") }
        worker.crew.start()
        while true { pause() }
    }
}

final class Worker: @unchecked Sendable {
    // Unchecked: constants guard themselves; `creditBytes` and `callsMax` are set by hello, before the first call;
    // the rest is touched only while `monitor` is held.

    let writer: FrameWriter
    let log: HostLog
    let calls = CallTable()
    let hostFunctions = makeHostFunctions()
    let services = HostServiceTable()
    private(set) lazy var crew = Crew(threadsMax: 4) { [unowned self] in nextWork() }
    private let reader: FrameReader
    private var creditBytes = 0
    private var callsMax = 0

    private let monitor = Monitor()
    private var plugins: [UInt32: LoadedPlugin] = [:]
    private var loads: [LoadMessage] = []
    private var isLoading = false
    private var isShuttingDown = false
    private var staleHandles = 0

    fileprivate init() {
        let descriptor: Int32 = 3
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        writer = FrameWriter(descriptor)
        log = HostLog(writer)
        reader = FrameReader(descriptor)
        _ = crew
    }

    // MARK: Reading; on the crew's reader only

    /// Reads frames until one has work to do outside the reading: a call, a load, a plugin's callback.
    private func nextWork() -> Crew.Work {
        while true {
            guard let frame = reader.next() else { _exit(0) }
            if let work = handle(frame) { return work }
        }
    }

    private func handle(_ frame: InboundFrame) -> Crew.Work? {
        guard callsMax > 0 || frame.kind == .hello else { die("the host's first frame is no hello") }
        switch frame.kind {
        case .call: return call(frame)
        case .credit: credit(frame)
        case .cancel: return calls.find(frame.call)?.cancel(frame.call)
        case .serviceReply: return reply(frame)
        case .serviceEvent: return event(frame)
        case .load: return load(frame)
        case .shutdown: return shutdown()
        case .hello: hello(frame)
        default: die("the host sent a frame of unknown kind \(frame.kind.rawValue)")
        }
        return nil
    }

    private func hello(_ frame: InboundFrame) {
        guard let message = try? HelloMessage(frame.copy), message.version == wireVersion, callsMax == 0 else {
            die("the host speaks another version of the protocol")
        }
        callsMax = min(max(1, Int(message.callsMax)), 1024) + Limits.workerReservedThreads
        calls.prepare(callsMax: callsMax)
        creditBytes = Int(message.creditBytes)
        // One thread for each call, one that reads, and as many again for callbacks that do not return soon.
        crew.setThreadsMax(2 * callsMax + 2)
        writer.send(ReadyMessage(toolchain: toolchain, isSealed: corral_filter_mode() == 2).frame)
    }

    private func call(_ frame: InboundFrame) -> Crew.Work? {
        let memory = RequestMemory(frame, descriptors: reader)
        let plugin = monitor.withLock { isShuttingDown ? nil : plugins[memory.plugin] }
        guard let plugin, let slot = calls.take(frame.call, callsMax: callsMax) else {
            memory.free()
            refuse(frame.call, plugin == nil ? "the plugin is not loaded here" : "too many calls are running here")
            return nil
        }
        let handle = slot.begin(frame.call, memory, plugin, creditBytes: creditBytes)
        let hostCall = frame.call
        return {
            corral_thread_set(plugin.number, hostCall)
            let start = threadNanoseconds()
            let status = plugin.run(slot, handle, memory)
            let used = threadNanoseconds() &- start
            corral_thread_set(CORRAL_NO_PLUGIN, 0)
            slot.returned(handle, status, cpuNanoseconds: used)
        }
    }

    private func refuse(_ call: UInt64, _ reason: String) {
        let failure = CompleteMessage.Failure(code: "unavailable", message: reason, isRetryable: true)
        writer.send(CompleteMessage(status: CORRAL_UNAVAILABLE, failure: failure).frame(call: call))
    }

    private func credit(_ frame: InboundFrame) {
        guard let message = try? CreditMessage(frame.copy) else { die("the host sent credit that cannot be read") }
        calls.find(frame.call)?.addCredit(frame.call, Int(message.bytes))
    }

    private func reply(_ frame: InboundFrame) -> Crew.Work? {
        let answer = HostAnswer(frame, descriptors: reader)
        if let slot = calls.find(frame.call) { return slot.answer(answer, to: frame.call) }
        answer.drop()
        return nil
    }

    private func event(_ frame: InboundFrame) -> Crew.Work? {
        guard let message = try? ServiceEventMessage(frame.copy) else { die("the host sent an event too short") }
        return calls.find(frame.call)?.event(message, for: frame.call)
    }

    // MARK: Loading; one thread at a time is the loading thread

    private func load(_ frame: InboundFrame) -> Crew.Work? {
        guard let message = try? LoadMessage(frame.copy) else { die("the host sent a load that cannot be read") }
        return monitor.withLock {
            loads.append(message)
            guard !isLoading else { return nil }
            isLoading = true
            return { self.loadAll() }
        }
    }

    private func loadAll() {
        while let message = nextLoad() { load(message) }
    }

    /// Nil when none is left: then somebody else may become the loading thread.
    private func nextLoad() -> LoadMessage? {
        let (next, mustLeave) = monitor.withLock { () -> (LoadMessage?, Bool) in
            if !loads.isEmpty { return (loads.removeFirst(), false) }
            isLoading = false
            return (nil, isShuttingDown)
        }
        if mustLeave { leave() }
        return next
    }

    private func load(_ message: LoadMessage) {
        do throws(LoadFailure) {
            let isTaken = monitor.withLock {
                plugins[message.plugin] != nil || plugins.count >= Limits.pluginsPerWorkerMax
            }
            if isTaken { throw LoadFailure(.cannotOpen, "plugin number \(message.plugin) is taken in this worker") }
            services.open(message.services, storage: message.storage)
            let (plugin, tools) = try Loader(message: message, host: hostFunctions).load()
            monitor.withLock { plugins[message.plugin] = plugin }
            writer.send(LoadedMessage(plugin: message.plugin, tools: tools).frame)
        } catch {
            let detail = String(decoding: error.detail.utf8.prefix(4096), as: UTF8.self)
            writer.send(LoadFailedMessage(plugin: message.plugin, reason: error.reason, detail: detail).frame)
        }
    }

    // MARK: The end

    /// No new calls. When the last one has ended the plugins are deactivated and the process leaves.
    private func shutdown() -> Crew.Work? {
        monitor.withLock { isShuttingDown = true }
        return calls.isEmpty ? { self.leave() } : nil
    }

    func lastCallEnded() {
        if monitor.withLock({ isShuttingDown }) { crew.perform { self.leave() } }
    }

    /// Deactivates and ends the process, unless calls or loads are under way: their end comes here again.
    private func leave() {
        guard calls.isEmpty else { return }
        let plugins = monitor.withLock { () -> [LoadedPlugin]? in
            guard !isLoading else { return nil }
            isLoading = true
            return self.plugins.values.sorted { $0.number < $1.number }
        }
        guard let plugins else { return }
        for plugin in plugins { plugin.deactivate() }
        writer.send(Frame(.goodbye))
        _exit(0)
    }

    // MARK: Counting

    /// A function was given a handle of no live call. Said at the 1st, 10th, 100th… time, so that a loop is no flood.
    func countStaleHandle() {
        let count = monitor.withLock {
            staleHandles &+= 1
            return staleHandles
        }
        var power = 1
        while power < count { power &*= 10 }
        guard power == count else { return }
        log.write(
            plugin: corral_thread_plugin(), call: 0, level: 3,
            "a plugin used the handle of a call that is over (\(count) times in this worker)")
    }
}
