// SPDX-License-Identifier: Apache-2.0
// HostRequests: what plugins ask of the host's services, whichever service it is. Requests leave on behalf of a call;
// whatever has not been answered when that call ends is answered with CORRAL_GONE.

import CCorral
import CorralBase
import CorralWire
import Glibc

/// A request under way: where its events and its answer go. Guarded by the slot's monitor.
final class HostRequest {
    /// Runs the plugin's completion, exactly once. The descriptors are the plugin's from then on.
    typealias Completion = (corral_status, corral_slice, [Int32]) -> Void

    let complete: Completion
    /// Runs the plugin's callback for events; nil when it wants none.
    let event: ((corral_slice) -> Void)?
    fileprivate var events: [[UInt8]] = []
    /// A thread of the crew runs the callback for one event after the other.
    fileprivate var isDelivering = false
    /// The completion, when it came while events were delivered.
    fileprivate var end: Crew.Work?

    init(event: ((corral_slice) -> Void)? = nil, complete: @escaping Completion) {
        self.event = event
        self.complete = complete
    }

    /// The completion comes after the events before it. Returns the work of the caller; nil when a delivery will do it.
    fileprivate func finish(_ work: @escaping Crew.Work) -> Crew.Work? {
        guard isDelivering else { return work }
        end = work
        return nil
    }
}

/// A call's service requests under way. Guarded by the slot's monitor.
struct HostRequests {
    private var pending: [UInt32: HostRequest] = [:]
    private var nextNumber: UInt32 = 1

    mutating func add(_ request: HostRequest) -> UInt32? {
        guard pending.count < Limits.serviceRequestsPerCallMax else { return nil }
        while pending[nextNumber] != nil || nextNumber == 0 { nextNumber &+= 1 }
        defer { nextNumber &+= 1 }
        pending[nextNumber] = request
        return nextNumber
    }

    func find(_ number: UInt32) -> HostRequest? { pending[number] }
    mutating func take(_ number: UInt32) -> HostRequest? { pending.removeValue(forKey: number) }

    /// The answers owed to a plugin whose call is over.
    mutating func abandon() -> [Crew.Work] {
        guard !pending.isEmpty else { return [] }
        defer { pending = [:] }
        return pending.values.compactMap { request in
            request.events = []
            return request.finish { request.complete(CORRAL_GONE, corral_slice(data: nil, size: 0), []) }
        }
    }
}

/// Sends a request on behalf of a call.
/// - Returns: what the service's function answers at once: GONE, INVALID (no JSON object), LIMIT (too many or too large)
///   or OK.
func startRequest(
    _ call: corral_call, _ service: String, _ method: String, _ body: UnsafeRawBufferPointer, _ request: HostRequest
) -> corral_status {
    guard body.count <= Limits.documentBytesMax else { return CORRAL_LIMIT }
    guard let json = try? JSON(parsing: body), case .object = json else { return CORRAL_INVALID }
    guard let slot = CallSlot.borrow(call) else { return CORRAL_GONE }
    defer { slot.monitor.unlock() }
    guard let number = slot.requests.add(request) else { return CORRAL_LIMIT }
    slot.sendRequest(number, service, method, body)
    return CORRAL_OK
}

func startRequest(
    _ call: corral_call, _ service: String, _ method: String, _ body: JSON, _ request: HostRequest
) -> corral_status {
    body.bytes().withUnsafeBytes { startRequest(call, service, method, $0, request) }
}

/// Whether a callback that the header calls non-null really is: plugins are not believed.
func isSet<Function>(_ function: Function) -> Bool { unsafeBitCast(function, to: UInt.self) != 0 }

/// A name or an endpoint: 1 to 256 bytes of UTF-8.
func shortText(_ slice: corral_slice) -> String? {
    guard let bytes = slice.bytes, (1...256).contains(bytes.count) else { return nil }
    return String(validating: bytes, as: UTF8.self)
}

func closeAll(_ descriptors: [Int32]) {
    for descriptor in descriptors { close(descriptor) }
}

/// The descriptors of a successful answer; nil, with all closed, for any other number of them.
func takeOnly(_ count: Int, of descriptors: [Int32], _ status: corral_status) -> [Int32]? {
    if status >= 0, descriptors.count == count { return descriptors }
    closeAll(descriptors)
    return nil
}

extension CallSlot {
    /// The first frame holds what fits beside the longest name; the rest follows in frames of its own. Monitor held.
    fileprivate func sendRequest(
        _ number: UInt32, _ service: String, _ method: String, _ body: UnsafeRawBufferPointer
    ) {
        output.flush(call: hostCall, to: worker.writer)
        let first = body.prefix(DataMessage.bytesMax)
        let request = ServiceRequestMessage(
            request: number, service: service, method: method, totalBytes: UInt32(truncatingIfNeeded: body.count),
            bytes: Array(first))
        worker.writer.send(request.frame(call: hostCall))
        var rest = body.dropFirst(first.count)
        while !rest.isEmpty {
            let chunk = rest.prefix(DataMessage.bytesMax)
            worker.writer.send(ServiceDataMessage(request: number, bytes: Array(chunk)).frame(call: hostCall))
            rest = rest.dropFirst(chunk.count)
        }
    }

    /// An answer of the host. Returns the completion to run, with no lock held; nil when the call is over, or when a
    /// thread that delivers events will run it.
    func answer(_ answer: HostAnswer, to call: UInt64) -> Crew.Work? {
        let work: Crew.Work? = monitor.withLock {
            guard live.load(ordering: .relaxed) != 0, hostCall == call, let request = requests.take(answer.request)
            else { return { answer.drop() } }
            return request.finish { answer.hand(to: request) }
        }
        return work
    }

    /// An event of a request. Returns the delivery, when no thread is at it already.
    func event(_ message: ServiceEventMessage, for call: UInt64) -> Crew.Work? {
        monitor.withLock {
            let handle = live.load(ordering: .relaxed)
            guard handle != 0, hostCall == call, let request = requests.find(message.request) else { return nil }
            request.events.append(message.event)
            guard !request.isDelivering else { return nil }
            request.isDelivering = true
            return { self.deliver(message.request, request, handle) }
        }
    }

    /// Runs the callback for each event that is there, gives the credit back, and leaves with the completion if it has
    /// come.
    private func deliver(_ number: UInt32, _ request: HostRequest, _ handle: corral_call) {
        monitor.lock()
        while !request.events.isEmpty {
            let event = request.events.removeFirst()
            monitor.unlock()
            if let callback = request.event { withSlice(event, callback) }
            monitor.lock()
            // After the call's completion the host wants no frame of it.
            if live.load(ordering: .relaxed) == handle {
                let credit = ServiceCreditMessage(request: number, bytes: UInt32(truncatingIfNeeded: event.count))
                worker.writer.send(credit.frame(call: hostCall))
            }
        }
        request.isDelivering = false
        let end = request.end
        request.end = nil
        monitor.unlock()
        end?()
    }
}

/// An answer of the host as it arrived: its bytes in the frame or mapped, and its descriptors.
struct HostAnswer {
    let request: UInt32
    private let message: ServiceReplyMessage
    private let mapped: SealedMemory?
    private let descriptors: [Int32]

    /// On the crew's reader: takes the frame's descriptors.
    init(_ frame: InboundFrame, descriptors reader: FrameReader) {
        guard let message = try? ServiceReplyMessage(frame.copy) else {
            die("the host sent a reply that ends too early")
        }
        self.message = message
        request = message.request
        mapped = frame.flags.contains(.bodyInDescriptor) ? SealedMemory(reader.takeDescriptor(), count: nil) : nil
        descriptors = (0..<Int(message.descriptorCount)).map { _ in reader.takeDescriptor() }
    }

    fileprivate func hand(to request: HostRequest) {
        if let mapped {
            request.complete(message.status, mapped.slice, descriptors)
            mapped.unmap()
        } else {
            withSlice(message.result) { request.complete(message.status, $0, descriptors) }
        }
    }

    /// Nobody waits for it.
    func drop() {
        mapped?.unmap()
        for descriptor in descriptors { close(descriptor) }
    }
}

func withSlice(_ bytes: [UInt8], _ body: (corral_slice) -> Void) {
    bytes.withUnsafeBytes { buffer in
        body(corral_slice(data: buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), size: buffer.count))
    }
}
