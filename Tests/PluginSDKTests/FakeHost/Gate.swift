// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A door that threads wait at until a test opens it.
final class Gate: @unchecked Sendable {
    // Invariant: the semaphore is only used through its own functions, which are safe from any thread.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func wait() {
        while sem_wait(semaphore) != 0 && errno == EINTR {}
        sem_post(semaphore)
    }

    func open() { sem_post(semaphore) }
}
