// SPDX-License-Identifier: Apache-2.0
// NotifierChecks: a delivery that failed is no delivery, and the host must know whether to come again.

import CorralBase

struct NotifierChecks {
    let rig: CheckRig
    let facts: PluginFacts

    func failure() throws -> Verdict {
        guard let denied = try attempt(.denied) else {
            return .skipped("it asks no host service for anything in its default configuration")
        }
        try require(
            denied.status < 0, "every service it asked for was denied, and it claims to have delivered")
        try require(
            denied.failure?.isRetryable != true,
            "its grant was denied, and it says that another attempt may help: \(denied.words)")
        guard let later = try attempt(.unavailable) else { return .passed("denied") }
        try require(later.status < 0, "nobody answered, and it claims to have delivered")
        // CORRAL_UNAVAILABLE says it, too.
        try require(
            later.failure?.isRetryable == true || later.status == -4,
            "nobody answered, and it does not say that another attempt may help: \(later.words)")
        return .passed("denied, and unavailable")
    }

    /// Nil when it asked for nothing.
    private func attempt(_ script: CheckWorker.Script) throws -> CheckWorker.Answer? {
        let worker = try facts.ready(rig)
        worker.script = script
        let answer = try KindCaller(worker, .notifier).answer("notify", KindExample(.notifier, "notify").body)
        return worker.asked > 0 ? answer : nil
    }
}
