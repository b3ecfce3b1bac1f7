// SPDX-License-Identifier: Apache-2.0
// Monitor: a lock with a condition. The worker's threads are plain pthreads that block; nothing here is async.

import Glibc

/// A mutex and a condition variable with a fixed address. Lives until the process ends.
struct Monitor: @unchecked Sendable {
    // Unchecked: both point at memory that is never freed and is touched through pthread functions only.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
    /// Gives the lock back until woken; wakes without reason too.
    func wait() { pthread_cond_wait(condition, mutex) }
    func wakeOne() { pthread_cond_signal(condition) }
    func wakeAll() { pthread_cond_broadcast(condition) }

    func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// CLOCK_MONOTONIC in nanoseconds, the clock of deadlines.
func monotonicNanoseconds() -> UInt64 { nanoseconds(of: CLOCK_MONOTONIC) }

/// Processor time of this thread in nanoseconds.
func threadNanoseconds() -> UInt64 { nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) }

private func nanoseconds(of clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// The other side broke the protocol, or the system cannot give what the worker needs to live. It says so where the host
/// collects the output, and ends: a worker that lost its place in the stream can serve nobody.
func die(_ reason: String) -> Never {
    let line = Array("corral-worker: \(reason)\n".utf8)
    _ = write(2, line, line.count)
    _exit(70)
}
