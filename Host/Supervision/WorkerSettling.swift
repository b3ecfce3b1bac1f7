// SPDX-License-Identifier: Apache-2.0
// WorkerSettling: whoever starts something right after a plugin was replaced means the new content: `make && corral run`.
// Calls of others go on in the old generation and wait for nothing.

import CorralBase
import CorralCatalog

struct Settling {
    var plugins: Set<PluginID>
    var continuation: CheckedContinuation<Void, Never>
    var timer: Lane.TimerID
}

extension WorkerPool {
    /// Returns when the newest content of these plugins serves, or when it is known why it does not; at the latest after
    /// `patience`. At once when nothing is being replaced.
    package func settle(_ plugins: Set<PluginID>, within patience: Duration) async {
        for id in plugins where isUnsettled(id) {
            if let entry = self.plugins().entries[id] { changeGeneration(compartments.compartment(of: entry)) }
        }
        guard plugins.contains(where: isUnsettled) else { return }
        await withCheckedContinuation { continuation in
            let number = nextSettling
            nextSettling += 1
            let timer = lane.after(nanoseconds: patience.nanoseconds) { [weak self] in
                self?.assumeIsolated { $0.endSettling(number) }
            }
            settling[number] = Settling(plugins: plugins, continuation: continuation, timer: timer)
        }
    }

    /// Called whenever a generation took over, was given up, or is not wanted any more.
    func tellSettled() {
        for (number, waiting) in settling where !waiting.plugins.contains(where: isUnsettled) { endSettling(number) }
    }

    private func endSettling(_ number: UInt64) {
        guard let waiting = settling.removeValue(forKey: number) else { return }
        lane.cancel(waiting.timer)
        waiting.continuation.resume()
    }

    /// Older content serves while newer is being checked.
    private func isUnsettled(_ id: PluginID) -> Bool {
        guard !isStopping, let newest = plugins().entries[id], let serving = versions.serving[id],
            !serving.isSame(as: newest), !versions.isRejected(newest), blockedReload(of: id) == nil
        else { return false }
        return isLive(serving, isNested: false)
    }
}
