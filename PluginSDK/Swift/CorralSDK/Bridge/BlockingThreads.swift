// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Threads for calls into the host that may wait for credit.
///
/// They must not wait on Swift's cooperative threads: there are only as many as cores, and a few slow readers would
/// stop every task of the worker. Each push that may wait gets a thread, so one call's slow reader does not hold up
/// another call; idle threads are used again and end after a while. Nothing starts before the first such push.
final class BlockingThreads: Sendable {
    /// One per plugin, as everything static is.
    static let shared = BlockingThreads()

    /// More waiting pushes than this stand in line. The host allows a plugin fewer calls at a time.
    static let threadsMax = 64
    private static let idleSecondsMax = 5
    private static let stackBytes = 256 * 1024

    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var idle = 0
        var threads = 0
    }

    private let state = Mutex(State())
    private let wakeUp = Semaphore()

    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            submit { continuation.resume(returning: body()) }
        }
    }

    private func submit(_ job: @escaping @Sendable () -> Void) {
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            guard state.jobs.count > state.idle, state.threads < Self.threadsMax else { return false }
            state.threads += 1
            return true
        }
        if needsThread, !startThread() { serveInline() }
        wakeUp.signal()
    }

    /// Without a thread at all waiting here is the only way on.
    private func serveInline() {
        let isAlone = state.withLock { state in
            state.threads -= 1
            return state.threads == 0
        }
        if isAlone { while let job = takeJob() { job() } }
    }

    private func startThread() -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        var thread = pthread_t()
        let argument = Unmanaged.passUnretained(self).toOpaque()
        return pthread_create(&thread, &attributes, blockingThreadMain, argument) == 0
    }

    fileprivate func serve() {
        while true {
            while let job = takeJob() { job() }
            state.withLock { $0.idle += 1 }
            let wasWoken = wakeUp.wait(seconds: Self.idleSecondsMax)
            let mayEnd = state.withLock { state in
                state.idle -= 1
                guard !wasWoken, state.jobs.isEmpty else { return false }
                state.threads -= 1
                return true
            }
            if mayEnd { return }
        }
    }

    private func takeJob() -> (@Sendable () -> Void)? {
        state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
    }
}

private func blockingThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<BlockingThreads>.fromOpaque(argument).takeUnretainedValue().serve()
    return nil
}

/// A counting semaphore (sem_overview(7)) at a fixed address.
private final class Semaphore: @unchecked Sendable {
    // Invariant: the semaphore is only used through its own functions, which are safe from any thread.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() {
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }

    /// False when nobody signalled in time.
    func wait(seconds: Int) -> Bool {
        var limit = timespec()
        clock_gettime(CLOCK_REALTIME, &limit)
        limit.tv_sec += seconds
        while sem_timedwait(semaphore, &limit) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }
}
