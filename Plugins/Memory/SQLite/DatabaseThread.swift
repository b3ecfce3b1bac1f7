// SPDX-License-Identifier: Apache-2.0
// DatabaseThread: the thread on which all database work is done. A statement that waits for the disk must not take one of
// the few threads that Swift's tasks share.

import Glibc
import Synchronization

/// Runs the jobs of one actor, in order. It lives as long as the process, as the plugin does.
final class DatabaseThread: SerialExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let work = WorkSignal()

    init() {
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 1 << 20)
        let status = pthread_create(
            &thread, &attributes, databaseThreadMain, Unmanaged.passRetained(self).toOpaque())
        pthread_attr_destroy(&attributes)
        // A process that gets no thread at its first call can do nothing at all; the host starts another one.
        precondition(status == 0, "no thread for the memory database")
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        work.signal()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    fileprivate func serve() -> Never {
        while true {
            work.wait()
            let due = jobs.withLock { jobs in
                defer { jobs = [] }
                return jobs
            }
            for job in due { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}

private func databaseThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<DatabaseThread>.fromOpaque(argument).takeUnretainedValue().serve()
}

/// A counting semaphore (sem_overview(7)) at a fixed address.
private final class WorkSignal: @unchecked Sendable {
    // Invariant: the semaphore is only used through its own functions, which are safe from any thread.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
}
