// SPDX-License-Identifier: Apache-2.0
// RequestWork: one request on its way through the handler to its answer. It owns the request's descriptors.

import CorralBase
import CorralControl
import Glibc

struct RequestWork: Sendable {
    let request: ControlRequest
    /// The request's call id.
    let number: UInt64
    let descriptors: [Int32]
    let client: ClientIdentity
    let handler: any ControlHandler
    let outbox: Outbox

    func perform() async {
        let answer = await answer()
        for descriptor in descriptors { close(descriptor) }
        outbox.finish(answer, for: number)
    }

    private func answer() async -> Outbox.Item {
        let events = EventSink { [outbox, number] in outbox.offer($0, for: number) }
        do {
            return .reply(
                try await handler.handle(request, descriptors: descriptors, client: client, events: events))
        } catch let error as CorralError {
            return .failure(ControlFailure(error))
        } catch let error as DiagnosticsError {
            let message = "\(error.diagnostics.count) findings in what was sent"
            return .failure(ControlFailure(.requestNotUnderstood(message), diagnostics: error.diagnostics))
        } catch {
            return .failure(ControlFailure(.internalFault("\(request.verb) failed: \(error)")))
        }
    }
}
