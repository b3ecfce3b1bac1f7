// SPDX-License-Identifier: Apache-2.0
// WorkerServices: requests of workers to host services on their way to whoever answers, and events and answers on their
// way back.

import CorralBase
import CorralCatalog
import CorralWire

/// An event that waits for its plugin.
struct HeldEvent {
    var event: [UInt8]
    /// Resumed with whether it was sent.
    var continuation: CheckedContinuation<Bool, Never>
}

extension WorkerPool {
    func serve(
        _ worker: Worker, _ call: UInt64, _ request: UInt32, _ service: String, _ method: String, _ body: [UInt8]
    ) {
        guard let record = worker.running[call] else { return }
        guard let services else {
            let answer = ServiceAnswer(
                status: serviceUnsupported, result: serviceErrorBody("unsupported", "this host has no such service"))
            return reply(worker.number, call, request, answer)
        }
        let asked = WorkerServiceRequest(
            call: record.call.id, plugin: record.call.plugin, service: service, method: method, body: body)
        let key = worker.key
        let number = worker.number
        // A task for each request, because a call may have many under way; it ends with the call.
        record.services[request] = Task {
            let answer = await services.receive(asked, from: key) { await self.emit($0, number, call, request) }
            self.reply(number, call, request, answer)
        }
    }

    func reply(_ number: UInt64, _ call: UInt64, _ request: UInt32, _ answer: ServiceAnswer) {
        guard let worker = workers[number], worker.connection.endRequest(request, of: call) else { return }
        if let record = worker.running[call] {
            record.services[request] = nil
            dropHeldEvents(of: request, record)
        }
        let message = ServiceReplyMessage(
            request: request, status: answer.status, descriptorCount: UInt8(clamping: answer.descriptors.count),
            result: answer.result)
        guard !fitsInline(answer.result.count, worker) else {
            return send(worker, message.frame(call: call), descriptors: answer.descriptors)
        }
        do throws(CorralError) {
            let body = try sealed(answer.result, "answer")
            send(
                worker, message.frame(call: call, bodyInDescriptor: true), descriptors: [body] + answer.descriptors)
        } catch {
            let refusal = ServiceReplyMessage(
                request: request, status: serviceFailed, result: serviceErrorBody("failed", error.message))
            send(worker, refusal.frame(call: call))
        }
    }

    // MARK: Events

    private func emit(_ event: [UInt8], _ number: UInt64, _ call: UInt64, _ request: UInt32) async -> Bool {
        guard let worker = workers[number], let record = worker.running[call] else { return false }
        // Events are sent in the order of their emission: behind one that waits, all wait.
        if record.heldEvents[request, default: []].isEmpty {
            switch worker.connection.event(event, of: request, call: call) {
            case .send(let frame):
                send(worker, frame)
                return true
            case .over: return false
            case .full: break
            }
        }
        return await withCheckedContinuation { continuation in
            record.heldEvents[request, default: []].append(HeldEvent(event: event, continuation: continuation))
        }
    }

    func sendHeldEvents(of request: UInt32, _ record: CallRecord, to worker: Worker) {
        while let held = record.heldEvents[request]?.first {
            switch worker.connection.event(held.event, of: request, call: record.call.id.number) {
            case .full: return
            case .send(let frame):
                send(worker, frame)
                held.continuation.resume(returning: true)
            case .over: held.continuation.resume(returning: false)
            }
            record.heldEvents[request]?.removeFirst()
        }
    }

    /// Nobody waits for them any more.
    func dropHeldEvents(of request: UInt32, _ record: CallRecord) {
        for held in record.heldEvents.removeValue(forKey: request) ?? [] { held.continuation.resume(returning: false) }
    }
}

// version.h
private let serviceFailed: Int32 = -3
private let serviceUnsupported: Int32 = -6

func serviceErrorBody(_ code: String, _ message: String) -> [UInt8] {
    JSON.object(["code": .string(code), "message": .string(message), "retryable": false]).bytes()
}
