// SPDX-License-Identifier: Apache-2.0
// GrantedCatalogue: the catalogue as one tenant has it: the same plugins, with what the tenant's policy grants them.

import CorralBase
import CorralCatalog
import Synchronization

final class GrantedCatalogue: CatalogueSource {
    private struct State {
        var policy: GrantPolicy
        /// The latest answer: a catalogue changes rarely, and every call asks.
        var latest: (of: CatalogSnapshot.Identity, snapshot: CatalogSnapshot)?
    }

    private let source: any CatalogueSource
    private let state: Mutex<State>

    init(_ source: any CatalogueSource, policy: GrantPolicy) {
        self.source = source
        state = Mutex(State(policy: policy))
    }

    /// For everything that begins from now on.
    func setPolicy(_ policy: GrantPolicy) { state.withLock { $0 = State(policy: policy) } }

    func snapshot() -> CatalogSnapshot {
        let whole = source.snapshot()
        return state.withLock { state in
            if let latest = state.latest, latest.of === whole.identity { return latest.snapshot }
            let granted = whole.granted(by: state.policy)
            state.latest = (whole.identity, granted)
            return granted
        }
    }
}
