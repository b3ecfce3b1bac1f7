// SPDX-License-Identifier: Apache-2.0
// CallSlot: one call from its frame to its completion, and then the next one under another handle. A handle is the slot's
// index and a generation, so a stale one is recognised for ever: slots are never freed.

import CCorral
import CorralBase
import CorralWire
import Glibc
import Synchronization

final class CallSlot: @unchecked Sendable {
    // Unchecked: atomics are read by anyone; everything below `monitor` only while it is held.

    /// Low bits of a handle: the slot. The other 48 count its calls; at a million calls a second they last nine years.
    static let indexBits: UInt64 = 16

    /// The handle of the call that lives here, 0 when none.
    let live = Atomic<UInt64>(0)
    let isCancelled = Atomic<Bool>(false)
    let deadline = Atomic<UInt64>(0)

    let monitor = Monitor()
    let index: Int
    private var generation: UInt64 = 0
    var hostCall: UInt64 = 0
    var plugin: LoadedPlugin?
    var memory: RequestMemory?
    /// The plugin's function has the call and has not returned.
    var isRunning = false
    var output = CallOutput()
    var facts = CallFacts()
    var cancellation = Cancellation()
    var requests = HostRequests()

    /// The one callback for cancellation.
    struct Cancellation {
        private(set) var isRegistered = false
        var callback: corral_cancel_callback?
        private(set) var argument: UnsafeMutableRawPointer?
        /// The thread that runs the callback now.
        var runner: pthread_t?

        mutating func register(_ callback: @escaping corral_cancel_callback, _ argument: UnsafeMutableRawPointer?) {
            isRegistered = true
            self.callback = callback
            self.argument = argument
        }
    }

    init(index: Int) { self.index = index }

    /// The slot of a live call, locked; the caller unlocks its monitor. Nil for a stale or invented handle, counted.
    static func borrow(_ handle: corral_call) -> CallSlot? {
        let slots = worker.calls.slots
        let index = Int(handle & ((1 << indexBits) - 1))
        if handle != 0, index < slots.count {
            let slot = slots[index]
            slot.monitor.lock()
            if slot.live.load(ordering: .relaxed) == handle { return slot }
            slot.monitor.unlock()
        }
        worker.countStaleHandle()
        return nil
    }

    /// Begins a call. The slot is free, so nobody else uses it. Returns the handle.
    func begin(_ call: UInt64, _ memory: RequestMemory, _ plugin: LoadedPlugin, creditBytes: Int) -> corral_call {
        monitor.withLock {
            generation &+= 1
            hostCall = call
            self.plugin = plugin
            self.memory = memory
            isRunning = true
            output.begin(credit: creditBytes)
            facts = CallFacts()
            cancellation = Cancellation()
            isCancelled.store(false, ordering: .relaxed)
            deadline.store(memory.request.pointee.deadline_ns, ordering: .relaxed)
            let handle = generation << CallSlot.indexBits | UInt64(index)
            live.store(handle, ordering: .releasing)
            return handle
        }
    }

    /// Whether the call should stop. Needs no lock.
    func shouldStop(_ handle: corral_call) -> Bool {
        if live.load(ordering: .acquiring) != handle || isCancelled.load(ordering: .relaxed) { return true }
        let deadline = deadline.load(ordering: .relaxed)
        return deadline != 0 && monotonicNanoseconds() >= deadline
    }

    // MARK: Cancellation

    /// Marks the call as cancelled and wakes whoever waits for credit. Returns the callback to run, with no lock held.
    func cancel(_ call: UInt64) -> Crew.Work? {
        monitor.withLock {
            let handle = live.load(ordering: .relaxed)
            guard handle != 0, hostCall == call else { return nil }
            isCancelled.store(true, ordering: .relaxed)
            monitor.wakeAll()
            guard cancellation.callback != nil else { return nil }
            return { self.runCallback(handle) }
        }
    }

    /// Runs the callback unless the call is over or it has run. Called with no lock held.
    func runCallback(_ handle: corral_call) {
        monitor.lock()
        guard live.load(ordering: .relaxed) == handle, let callback = cancellation.callback else {
            return monitor.unlock()
        }
        let argument = cancellation.argument
        cancellation.callback = nil
        cancellation.runner = pthread_self()
        monitor.unlock()
        callback(argument, handle)
        monitor.withLock {
            cancellation.runner = nil
            monitor.wakeAll()
            releaseIfUnused()
        }
    }

    // MARK: The end

    /// The plugin's function returned. Completes the call unless it is pending or already over.
    func returned(_ handle: corral_call, _ status: corral_status, cpuNanoseconds: UInt64) {
        monitor.withLock {
            isRunning = false
            if live.load(ordering: .relaxed) == handle, status != CORRAL_PENDING {
                finish(handle, status, cpuNanoseconds: cpuNanoseconds)
            } else {
                releaseIfUnused()
            }
        }
    }

    /// Sends what is left and the completion. The monitor is held.
    ///
    /// It waits for a running cancellation callback, whose argument the plugin may free afterwards, except when the
    /// callback itself completes the call.
    @discardableResult
    func finish(_ handle: corral_call, _ status: corral_status, cpuNanoseconds: UInt64) -> corral_status {
        while let runner = cancellation.runner, pthread_equal(runner, pthread_self()) == 0 {
            monitor.wait()
            if live.load(ordering: .relaxed) != handle { return CORRAL_GONE }
        }
        worker.calls.complete(hostCall)
        let complete = facts.completion(normalized(status), output: output, cpuNanoseconds: cpuNanoseconds)
        output.finish(with: complete.frame(call: hostCall), to: worker.writer)
        live.store(0, ordering: .releasing)
        monitor.wakeAll()
        for work in requests.abandon() { worker.crew.perform(work) }
        cancellation.callback = nil
        releaseIfUnused()
        return CORRAL_OK
    }

    /// Gives the request's memory and the slot back once the call is over and nothing of the plugin's runs for it.
    private func releaseIfUnused() {
        guard live.load(ordering: .relaxed) == 0, !isRunning, cancellation.runner == nil, let memory else { return }
        memory.free()
        self.memory = nil
        plugin = nil
        worker.calls.giveBack(self)
    }
}

/// Unknown negative values mean failed, unknown positive ones success (version.h).
private func normalized(_ status: corral_status) -> corral_status {
    if status > 0 { return CORRAL_OK }
    return status < CORRAL_GONE ? CORRAL_FAILED : status
}
