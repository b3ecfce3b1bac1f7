// SPDX-License-Identifier: Apache-2.0
// WorkerYielding: looks at what the tenant's workers use, and has them stand back or step forward. Often while calls run;
// seldom otherwise, for threads that a plugin left behind.

import CorralBase

extension WorkerPool {
    private static let busyWindow: Duration = .milliseconds(50)
    private static let idleWindow: Duration = .seconds(5)

    /// Begins to look often; called with each call that is sent.
    func watchProcessors() {
        guard !isWatchingClosely else { return }
        isWatchingClosely = true
        if let timer = processorTimer { lane.cancel(timer) }
        lookAgain(after: Self.busyWindow)
    }

    private func lookAgain(after wait: Duration) {
        processorTimer = lane.after(nanoseconds: wait.nanoseconds) { [weak self] in
            self?.assumeIsolated { $0.lookAtProcessors() }
        }
    }

    private func lookAtProcessors() {
        let now = monotonicNanoseconds()
        let used = workers.values.reduce(processorsOfGone) { $0 &+ $1.processorTimeSinceLastLook() }
        processorsOfGone = 0
        let wasYielding = processors.isYielding
        processors.spend(used, over: now &- processorsSeenAt)
        processorsSeenAt = now
        if processors.isYielding != wasYielding {
            for worker in workers.values { worker.launched?.process?.yieldProcessor(processors.isYielding) }
        }
        guard !workers.isEmpty else {
            processorTimer = nil
            isWatchingClosely = false
            return
        }
        isWatchingClosely = processors.isYielding || used > 0 || workers.values.contains { !$0.running.isEmpty }
        lookAgain(after: isWatchingClosely ? Self.busyWindow : Self.idleWindow)
    }

    /// A worker that was started while its tenant stands back does so, also where it has no control group, or none when
    /// its tenant came to stand back while it was started.
    func joinTenant(_ worker: Worker) {
        if processors.isYielding { worker.launched?.process?.yieldProcessor(true) }
    }
}

extension Worker {
    fileprivate func processorTimeSinceLastLook() -> UInt64 {
        guard let total = account.meter?.processorNanoseconds() else { return 0 }
        defer { processorsSeen = total }
        return total &- min(processorsSeen, total)
    }
}
