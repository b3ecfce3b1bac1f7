// SPDX-License-Identifier: Apache-2.0
// RequestScanning: nothing goes to a plugin before policy has let it through. It stands before the journal's intent, so that
// what is replaced or refused is not journaled either.

import CorralBase

package struct RequestScanning: Interceptor {
    private let scanner: TextScanner

    package init(scanner: TextScanner) { self.scanner = scanner }

    package func intercept(_ call: Call, _ next: Pipeline.Next) async throws(CallFailure) -> CallResult {
        // What the host asks for itself is not scanned, nor what such a call asks.
        guard call.infrastructure == nil, await scanner.isUseful else { return try await next(call) }
        let value: JSON
        do { value = call.body.isEmpty ? .null : try JSON(parsing: call.body) } catch {
            throw CallFailure(error as? CorralError ?? .internalFault("\(error)"))
        }
        guard
            let outcome = try await ValueScan(scanner: scanner, call: call, direction: .request).scan(value)
        else { return try await next(call) }
        var passed = call
        if outcome.isChanged { passed.body = outcome.value.bytes() }
        do throws(CallFailure) {
            var result = try await next(passed)
            outcome.report.write(to: &result.metrics.attributes)
            return result
        } catch {
            var failure = error
            outcome.report.write(to: &failure.metrics.attributes)
            throw failure
        }
    }
}
