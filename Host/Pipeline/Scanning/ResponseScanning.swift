// SPDX-License-Identifier: Apache-2.0
// ResponseScanning: nothing a plugin gave back goes on before policy has let it through: to the journal, to the next step,
// to anyone who follows the run. What a plugin says about its failure is a text for people, and so always a copy.

import CorralBase

package struct ResponseScanning: Interceptor {
    private let scanner: TextScanner
    private let redactor: Redactor

    package init(scanner: TextScanner, redactor: Redactor) {
        self.scanner = scanner
        self.redactor = redactor
    }

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        guard call.infrastructure == nil else { return try await next(call) }
        var result: CallResult
        do throws(CallFailure) { result = try await next(call) } catch {
            var failure = error
            // Of the policy's own words there is nothing to hide.
            if error.error.code != .contentBlocked { failure.error = await redactor.redact(error.error) }
            throw failure
        }
        do throws(CallFailure) {
            guard
                let outcome = try await ValueScan(scanner: scanner, call: call, direction: .response)
                    .scan(result.value)
            else { return result }
            if outcome.isChanged {
                result.value = outcome.value
                result.bytes = outcome.value.bytes()
            }
            outcome.report.write(to: &result.metrics.attributes)
        } catch {
            var failure = error
            failure.metrics = result.metrics
            for (name, value) in error.metrics.attributes.members { failure.metrics.attributes[name] = value }
            throw failure
        }
        result.changes = await redacted(result.changes)
        return result
    }

    /// What a result says it changed is copied to spans and lists.
    private func redacted(_ changes: [Change]) async -> [Change] {
        guard !changes.isEmpty else { return changes }
        let targets = await redactor.redact(changes.map(\.target))
        return zip(changes, targets).map { change, target in
            var change = change
            change.target = target
            return change
        }
    }
}
