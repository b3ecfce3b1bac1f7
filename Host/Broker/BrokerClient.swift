// SPDX-License-Identifier: Apache-2.0
// BrokerClient: the host's side of corral-broker: it starts it when first needed and again when it was lost, sends
// requests and matches answers. One for the whole host, on a lane of its own, so that no tenant's network holds up
// another tenant's work.

import CorralBase
import CorralSocket
import CorralSupervision
import CorralWire
import Glibc

/// A response as the host keeps it.
package struct BrokerResponse: Sendable {
    package var head: BrokerHead
    package var body: [UInt8]
    /// The events of an event stream, all of them; nil for any other response.
    package var events: [JSON]?
    package var done: BrokerDone
}

/// Takes a batch of events of a stream, `{"events": […]}`, and returns when the next may come; false = no more.
package typealias BrokerEvents = @Sendable ([UInt8]) async -> Bool

package actor BrokerClient {
    /// What an answer is: of a request, or of a connection.
    enum Answer: Sendable {
        case response(BrokerResponse)
        case connection(OwnedDescriptor)
    }

    struct Pending {
        let tenant: TenantID
        let target: String
        let answer: CheckedContinuation<Result<Answer, CorralError>, Never>
        let events: AsyncStream<[UInt8]>.Continuation?
        let bodyBytesMax: Int
        var timer: Lane.TimerID?
        var head: BrokerHead?
        var body: [UInt8] = []
        var collected: [JSON]?
        var eventBytes = 0
    }

    let lane: Lane
    package nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
    let launcher: any BrokerLauncher
    let settings: NetworkSettings
    let log: @Sendable (String) -> Void

    var process: BrokerProcess?
    var pending: [UInt64: Pending] = [:]
    var recentDeaths: [UInt64] = []
    private var nextID: UInt64 = 1
    private var isShutDown = false

    /// Starts nothing yet: the first request does.
    /// - Parameters:
    ///   - lane: for this alone.
    ///   - log: what the broker prints, line by line, and what happens to it.
    package init(
        lane: Lane, launcher: any BrokerLauncher, settings: NetworkSettings, log: @escaping @Sendable (String) -> Void
    ) {
        self.lane = lane
        self.launcher = launcher
        self.settings = settings
        self.log = log
    }

    // MARK: Asking

    /// Sends a request and returns its whole response. Cancelling the task closes the connection.
    /// - Parameter events: takes the batches of an event stream while they arrive, if the request is one.
    /// - Throws: `CRL-0750` to `0764` and `0768`: the broker's and the network's failures.
    package func perform(
        _ request: BrokerRequest, tenant: TenantID, events: BrokerEvents? = nil
    ) async throws(CorralError) -> BrokerResponse {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let id = try admit(tenant)
        // Both ends finish together: `end` finishes the stream with the answer.
        async let pumped: Void = pump(stream, of: id, to: events)
        let patience = request.times.total + Self.answerGrace
        let answer = await ask(
            id, tenant, request.origin.description, patience, bodyBytesMax: request.bodyBytesMax,
            events: request.isStream ? continuation : nil, frame: request.frame(call: id))
        continuation.finish()
        await pumped
        guard case .response(let response) = try answer.get() else {
            throw .internalFault("the broker answered a request with a connection")
        }
        return response
    }

    /// Hands a message to a mail server and returns its answer: the status, and its last line as the body.
    /// - Throws: as `perform`; `mail_refused`, `mail_login_refused`.
    package func deliver(_ mail: BrokerMail, tenant: TenantID) async throws(CorralError) -> BrokerResponse {
        let id = try admit(tenant)
        let answer = await ask(
            id, tenant, mail.origin.description, mail.times.total + Self.answerGrace, bodyBytesMax: 64 << 10,
            events: nil, frame: mail.frame(call: id))
        guard case .response(let response) = try answer.get() else {
            throw .internalFault("the broker answered a message with a connection")
        }
        return response
    }

    /// A connected TCP socket, in blocking mode.
    /// - Parameter isInternal: whether a private, loopback or link-local address will do. A host that is itself an
    ///   address may then be any, even a metadata service.
    /// - Throws: `url_invalid` for a host that is none; `CRL-0750` to `0764` and `0768`.
    package func connect(
        host: String, port: UInt16, isInternal: Bool, timeout: Duration, tenant: TenantID
    ) async throws(CorralError) -> OwnedDescriptor {
        guard let name = NetworkHost(host) else { throw .hostInvalid(host) }
        let reach: NetworkReach = !isInternal ? .open : name.isAddress ? .named : .inside
        let id = try admit(tenant)
        let request = BrokerConnect(
            host: name, port: port, reach: reach, timeout: min(timeout, .seconds(Limits.httpSecondsMax)))
        let answer = await ask(
            id, tenant, "\(name.inURL):\(port)", timeout + Self.answerGrace, bodyBytesMax: 0, events: nil,
            frame: request.frame(call: id))
        guard case .connection(let descriptor) = try answer.get() else {
            throw .internalFault("the broker answered a connection with a response")
        }
        return descriptor
    }

    /// What the broker gets beyond the time it was given, to say that it is over. One that says nothing hangs.
    private static let answerGrace: Duration = .seconds(10)

    /// The broker's process id, nil when none runs.
    package var processID: Int32? { process?.launched?.pid }

    /// Requests and connections under way.
    package var requestCount: Int { pending.count }

    /// Ends the broker; what is under way fails. Nothing can be asked afterwards.
    package func shutDown() {
        isShutDown = true
        if let process { lost(process, "the host is ending") }
    }

    // MARK: Requests

    private func admit(_ tenant: TenantID) throws(CorralError) -> UInt64 {
        guard !isShutDown else { throw .brokerUnavailable("the host is ending") }
        guard pending.count < Limits.networkRequestsMax else {
            throw .networkBusy("the host", Limits.networkRequestsMax)
        }
        guard pending.values.count(where: { $0.tenant == tenant }) < Limits.networkRequestsPerTenantMax else {
            throw .networkBusy("tenant \"\(tenant)\"", Limits.networkRequestsPerTenantMax)
        }
        defer { nextID += 1 }
        return nextID
    }

    private func ask(
        _ id: UInt64, _ tenant: TenantID, _ target: String, _ patience: Duration, bodyBytesMax: Int,
        events: AsyncStream<[UInt8]>.Continuation?, frame: Frame
    ) async -> Result<Answer, CorralError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else {
                    return continuation.resume(returning: .failure(.requestCancelled(target)))
                }
                pending[id] = Pending(
                    tenant: tenant, target: target, answer: continuation, events: events, bodyBytesMax: bodyBytesMax)
                begin(id, frame, patience)
            }
        } onCancel: {
            // Not structured: a handler cannot wait. It ends at once, whatever the request does.
            Task { await self.cancel(id) }
        }
    }

    private func begin(_ id: UInt64, _ frame: Frame, _ patience: Duration) {
        do throws(CorralError) {
            let process = try running()
            pending[id]?.timer = lane.after(nanoseconds: UInt64(patience.components.seconds) * 1_000_000_000) {
                [weak self] in
                self?.assumeIsolated { $0.hangs(id) }
            }
            send(process, frame)
        } catch {
            end(id, .failure(error))
        }
    }

    private func cancel(_ id: UInt64) {
        guard let request = pending[id] else { return }
        if let process { send(process, Frame(.brokerCancel, call: id)) }
        end(id, .failure(.requestCancelled(request.target)))
    }

    private func hangs(_ id: UInt64) {
        guard pending[id] != nil, let process else { return }
        lost(process, "it did not answer in time")
    }

    func end(_ id: UInt64, _ result: Result<Answer, CorralError>) {
        guard let request = pending.removeValue(forKey: id) else { return }
        if let timer = request.timer { lane.cancel(timer) }
        request.events?.finish()
        request.answer.resume(returning: result)
    }

    /// Hands batches on one after the other, and gives the broker credit for each that was taken.
    private func pump(_ stream: AsyncStream<[UInt8]>, of id: UInt64, to events: BrokerEvents?) async {
        for await batch in stream {
            guard await events?(batch) ?? true else {
                cancel(id)
                return
            }
            guard let process, pending[id] != nil else { continue }
            let credit = CreditMessage(bytes: UInt32(clamping: batch.count)).frame(call: id)
            send(process, Frame(.brokerCredit, call: id, payload: credit.payload))
        }
    }
}
