// SPDX-License-Identifier: Apache-2.0
// Recall: a call whose result is committed is answered from the journal. It stands before the scan of the request, which
// has seen that request before.

import CorralBase
import CorralStore

package struct Recall: Interceptor {
    private let journal: JournalWriter

    package init(journal: JournalWriter) { self.journal = journal }

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        guard let effect = call.effect, let run = call.run, call.operation.map({ $0.replay == .recorded }) ?? true,
            let outcome = try await recorded(effect, of: run)
        else { return try await next(call) }
        switch outcome {
        case .succeeded(let bytes): return try answer(bytes)
        case .failed(let error): throw CallFailure(error)
        }
    }

    private func recorded(_ effect: EffectKey, of run: RunID) async throws(CallFailure) -> EffectOutcome? {
        do { return try await journal.outcome(of: effect, in: run) } catch { throw CallFailure(hostFault: error) }
    }

    private func answer(_ bytes: [UInt8]) throws(CallFailure) -> CallResult {
        do {
            return CallResult(value: try JSON(parsing: bytes), bytes: bytes, isFromJournal: true)
        } catch { throw CallFailure(hostFault: error) }
    }
}
