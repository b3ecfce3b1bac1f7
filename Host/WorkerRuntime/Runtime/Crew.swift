// SPDX-License-Identifier: Apache-2.0
// Crew: the worker's threads as leaders and followers. One thread at a time reads the socket; when it has read a call it
// hands the reading to another thread and runs the plugin itself, so a call never waits for a thread to be woken, and
// there is a reader while calls run, so that cancellation and credit overtake them.

import CorralWorkerShim
import Glibc

final class Crew: @unchecked Sendable {
    // Unchecked: everything below `monitor` is touched only while it is held.

    typealias Work = () -> Void

    private let monitor = Monitor()
    private let read: () -> Work
    private var threadsMax: Int
    private var threads = 0
    private var hasReader = false
    /// Threads that wait, and have not been promised a wake-up yet.
    private var idle = 0
    private var wakeUps = 0
    private var queue: [Work] = []

    /// - Parameter read: called by one thread at a time; reads frames until one has work to do outside the reading.
    init(threadsMax: Int, read: @escaping () -> Work) {
        self.threadsMax = threadsMax
        self.read = read
    }

    /// Starts the first reader.
    func start() { monitor.withLock { startThread() } }

    func setThreadsMax(_ count: Int) { monitor.withLock { threadsMax = count } }

    /// Runs `work` on a thread of the crew, soon, with no lock held.
    func perform(_ work: @escaping Work) {
        let mustWake = monitor.withLock {
            queue.append(work)
            return promiseWakeUp()
        }
        if mustWake { monitor.wakeOne() }
    }

    private func serve() {
        while true {
            monitor.lock()
            while hasReader && queue.isEmpty { waitForWakeUp() }
            if !queue.isEmpty {
                let work = queue.removeFirst()
                monitor.unlock()
                work()
                continue
            }
            hasReader = true
            monitor.unlock()
            let work = read()
            let mustWake = monitor.withLock {
                hasReader = false
                return promiseWakeUp()
            }
            if mustWake { monitor.wakeOne() }
            work()
        }
    }

    private func waitForWakeUp() {
        idle += 1
        while wakeUps == 0 { monitor.wait() }
        wakeUps -= 1
    }

    /// - Returns: whether to wake a thread, after the lock is given back: one that wakes before would wait for it again.
    private func promiseWakeUp() -> Bool {
        if idle > 0 {
            idle -= 1
            wakeUps += 1
            return true
        }
        if threads < threadsMax { startThread() }
        return false
    }

    private func startThread() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        // Fixed, so that plugins do not depend on somebody's `ulimit -s`.
        pthread_attr_setstacksize(&attributes, 8 << 20)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let context = Unmanaged.passUnretained(self).toOpaque()
        let failure = pthread_create(&thread, &attributes, crewThread, context)
        pthread_attr_destroy(&attributes)
        if failure == 0 {
            threads += 1
        } else if threads == 0 {
            die("cannot start a thread (errno \(failure))")
        }
    }

    fileprivate static func runThread(_ context: UnsafeMutableRawPointer) {
        corral_crash_prepare_thread()
        Unmanaged<Crew>.fromOpaque(context).takeUnretainedValue().serve()
    }
}

private func crewThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Crew.runThread(context) }
    return nil
}
