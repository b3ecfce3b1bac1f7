// SPDX-License-Identifier: Apache-2.0
// Lane: one thread that owns everything of one tenant: its workers' sockets, its engine and its store. Actors run on it
// as their serial executor, so a reply from a worker becomes a journal commit and the next call without a thread
// hand-off; and SQLite may block here, because the thread is ours and holds up no other tenant.

import CorralBase
import CorralSocket
import Glibc
import Synchronization

/// A thread with an epoll loop that is also an actor executor.
///
/// One turn of the loop: run the jobs that are ready, until none is left; then the end-of-turn work (the group commit),
/// which may make new jobs ready; then wait for descriptors and timers.
package final class Lane: SerialExecutor, TaskExecutor, @unchecked Sendable {
    // Unchecked: `mailbox` is a Mutex; all other mutable state is touched by the lane's own thread alone, which
    // `checkIsolated` and `precondition(isCurrent)` hold up.

    package typealias Handler = @Sendable () -> Void

    private struct Mailbox {
        var jobs: [UnownedJob] = []
        var isAwake = false
        var isStopping = false
    }

    private struct Timer {
        var id: UInt64
        var due: UInt64
    }

    package struct TimerID: Hashable, Sendable { fileprivate let number: UInt64 }

    package let name: String
    private let mailbox = Mutex(Mailbox())
    private let poll: Int32
    private let wake: Int32
    private let thread = Mutex<pthread_t?>(nil)
    private var watches: [Int32: @Sendable (UInt32) -> Void] = [:]
    private var timers = Heap()
    /// What timers do. A cancelled one loses its entry at once; its place in the heap is passed over when due.
    private var timerHandlers: [UInt64: Handler] = [:]
    private var nextTimer: UInt64 = 1
    private var endOfTurn: [Handler] = []

    /// Starts the thread. It lives until `stop`.
    /// - Throws: `lane_failed` when the system gives no thread, epoll or eventfd.
    package init(name: String) throws {
        self.name = name
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard poll >= 0, wake >= 0 else { throw CorralError.laneFailed("epoll", errno) }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.fd = wake
        guard epoll_ctl(poll, EPOLL_CTL_ADD, wake, &event) == 0 else { throw CorralError.laneFailed("epoll", errno) }
        try startThread()
    }

    /// Not when the loop ends: whoever rings then would write into whatever has been given the number meanwhile.
    deinit {
        close(poll)
        close(wake)
    }

    private func startThread() throws {
        var handle = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &handle, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Lane>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        guard status == 0 else {
            Unmanaged<Lane>.fromOpaque(context).release()
            throw CorralError.laneFailed("thread", status)
        }
        pthread_detach(handle)
    }

    /// Ends the loop after the jobs that are ready; never waits.
    package func stop() {
        mailbox.withLock { $0.isStopping = true }
        ring()
    }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustRing = mailbox.withLock { box in
            box.jobs.append(job)
            defer { box.isAwake = true }
            return !box.isAwake
        }
        if mustRing { ring() }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// A continuation resumes on the task's executor before it goes back to its actor's. Without this one that would be
    /// the global pool: two thread hand-offs for each answer that the lane waited for (`withTaskExecutorPreference`).
    package func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    package func checkIsolated() {
        precondition(isCurrent, "code of lane \(name) runs on another thread")
    }

    package var isCurrent: Bool { thread.withLock { $0 } == pthread_self() }

    // MARK: Called on the lane only

    /// For `watch`: there is something to read, or the other end is closed.
    package static let readable = EPOLLIN.rawValue

    /// Calls `handler` with the epoll events whenever the descriptor has one of `events`. One watch for a descriptor.
    package func watch(_ descriptor: Int32, events: UInt32, _ handler: @escaping @Sendable (UInt32) -> Void) throws {
        precondition(isCurrent)
        let operation = watches.updateValue(handler, forKey: descriptor) == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        var event = epoll_event()
        event.events = events
        event.data.fd = descriptor
        guard epoll_ctl(poll, operation, descriptor, &event) == 0 else {
            watches[descriptor] = nil
            throw CorralError.laneFailed("epoll", errno)
        }
    }

    /// Waits for other events of a watched descriptor. Without effect on one that is not watched.
    package func change(_ descriptor: Int32, events: UInt32) {
        precondition(isCurrent)
        guard watches[descriptor] != nil else { return }
        var event = epoll_event()
        event.events = events
        event.data.fd = descriptor
        _ = epoll_ctl(poll, EPOLL_CTL_MOD, descriptor, &event)
    }

    /// Ends a watch. Call it before closing the descriptor.
    package func unwatch(_ descriptor: Int32) {
        precondition(isCurrent)
        if watches.removeValue(forKey: descriptor) != nil { _ = epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil) }
    }

    /// Calls `handler` once, when the monotonic clock has advanced by `nanoseconds`.
    @discardableResult
    package func after(nanoseconds: UInt64, _ handler: @escaping Handler) -> TimerID {
        precondition(isCurrent)
        let id = nextTimer
        nextTimer += 1
        let (due, overflow) = monotonicNanoseconds().addingReportingOverflow(nanoseconds)
        timers.push(Timer(id: id, due: overflow ? .max : due))
        timerHandlers[id] = handler
        return TimerID(number: id)
    }

    package func cancel(_ timer: TimerID) {
        precondition(isCurrent)
        guard timerHandlers.removeValue(forKey: timer.number) != nil else { return }
        // Each call sets a deadline and cancels it: without this, the heap would hold every call of the last minutes.
        if timers.count > 1024, timers.count > 4 * timerHandlers.count {
            timers.keep { timerHandlers[$0] != nil }
        }
    }

    /// Calls `handler` once, when no job is ready any more in this turn.
    package func atEndOfTurn(_ handler: @escaping Handler) {
        precondition(isCurrent)
        endOfTurn.append(handler)
    }

    // MARK: The loop

    private func run() {
        thread.withLock { $0 = pthread_self() }
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            runJobs()
            let isStopping = mailbox.withLock { box in
                box.isAwake = false
                return box.isStopping && box.jobs.isEmpty
            }
            if isStopping { break }
            if mailbox.withLock({ !$0.jobs.isEmpty }) { continue }
            let count = epoll_wait(poll, &events, Int32(events.count), timeoutMilliseconds())
            mailbox.withLock { $0.isAwake = true }
            // A host that was stopped and goes on wakes here with nothing: what arrived meanwhile comes before the timers.
            if count < 0 { continue }
            for event in events.prefix(Int(max(0, count))) { handle(event) }
            fireTimers()
        }
        thread.withLock { $0 = nil }
    }

    private func runJobs() {
        while true {
            let jobs = mailbox.withLock { box in
                defer { box.jobs.removeAll(keepingCapacity: true) }
                return box.jobs
            }
            if jobs.isEmpty {
                if endOfTurn.isEmpty { return }
                let work = endOfTurn
                endOfTurn = []
                for handler in work { handler() }
                continue
            }
            for job in jobs {
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
        }
    }

    private func handle(_ event: epoll_event) {
        if event.data.fd == wake {
            var count: UInt64 = 0
            _ = read(wake, &count, MemoryLayout<UInt64>.size)
        } else {
            watches[event.data.fd]?(event.events)
        }
    }

    private func fireTimers() {
        guard !timers.isEmpty else { return }
        let now = monotonicNanoseconds()
        while let timer = timers.popDue(at: now) { timerHandlers.removeValue(forKey: timer.id)?() }
    }

    /// Rounded up, so that a timer never fires early and the loop never spins towards it.
    private func timeoutMilliseconds() -> Int32 {
        guard let due = timers.firstDue else { return -1 }
        let now = monotonicNanoseconds()
        guard due > now else { return 0 }
        return Int32(clamping: (due - now - 1) / 1_000_000 + 1)
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(wake, &one, MemoryLayout<UInt64>.size)
    }

    /// A binary heap by due time; equal times in the order they were set.
    private struct Heap {
        private var items: [Timer] = []

        var isEmpty: Bool { items.isEmpty }
        var count: Int { items.count }
        var firstDue: UInt64? { items.first?.due }

        mutating func push(_ timer: Timer) {
            items.append(timer)
            var child = items.count - 1
            while child > 0, isBefore(child, (child - 1) / 2) {
                items.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        }

        mutating func popDue(at now: UInt64) -> Timer? {
            guard let first = items.first, first.due <= now else { return nil }
            items.swapAt(0, items.count - 1)
            items.removeLast()
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && isBefore(child, least) {
                    least = child
                }
                if least == parent { return first }
                items.swapAt(parent, least)
                parent = least
            }
        }

        /// A sorted list is a heap.
        mutating func keep(_ isKept: (UInt64) -> Bool) {
            items = items.filter { isKept($0.id) }.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
        }

        private func isBefore(_ a: Int, _ b: Int) -> Bool {
            (items[a].due, items[a].id) < (items[b].due, items[b].id)
        }
    }
}

/// CLOCK_MONOTONIC in nanoseconds: the one clock of deadlines, shared with the workers.
package func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// The machine's clocks.
package struct SystemClock: HostClock {
    package init() {}

    package func wallNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    package func monotonicNanoseconds() -> UInt64 { CorralSupervision.monotonicNanoseconds() }
}
