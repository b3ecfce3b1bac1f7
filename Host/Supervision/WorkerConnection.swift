// SPDX-License-Identifier: Apache-2.0
// WorkerConnection: the rules of the conversation with one worker: frames in, events out, no I/O. A worker is a stranger:
// whatever does not follow the rules throws `protocol_violation`, and whoever owns the process ends it.
//
// Which frames of a call are legal: from the call frame until the worker's `complete`, whether or not the host has
// cancelled it meanwhile; none after. A log line is the exception: it is only text, so one for a call that is over
// counts as a line of no call. Plugins in one process share the socket, so a frame may name a neighbour's live call;
// that gains nothing, because whoever can write it can also change the neighbour's memory (DESIGN.md, section 1, fact 2).

import CorralBase
import CorralWire

extension Limits {
    /// One request to a host service: tool arguments, not documents.
    package static let serviceRequestBytesMax = 1 << 20
}

struct WorkerConnection {
    enum Event: Equatable {
        case ready(toolchain: String)
        case loaded(plugin: UInt32, manifest: [UInt8], tools: [UInt8])
        case loadFailed(plugin: UInt32, LoadFailedMessage.Reason, detail: String)
        case started(call: UInt64)
        /// `bytes` is what counts against the credit.
        case data(call: UInt64, DataMessage, bytes: Int)
        case progress(call: UInt64, ProgressMessage)
        case complete(call: UInt64, CompleteMessage)
        /// `call` is 0 when the line belongs to none that is live.
        case log(call: UInt64, LogMessage)
        case serviceRequest(call: UInt64, request: UInt32, service: String, method: String, body: [UInt8])
        /// Over a limit: answer it, without asking anyone.
        case serviceRefused(call: UInt64, request: UInt32, reason: String)
        /// The plugin has taken events of a request.
        case serviceCredit(call: UInt64, request: UInt32)
        case goodbye
    }

    private enum Phase { case greeting, open, closing, over }

    private struct Live {
        var credit = Limits.callCreditBytes
        var smallFramesFree = Limits.smallFramesPerCallFree
        var hasStarted = false
        var requests: [UInt32: Assembly] = [:]
    }

    /// A service request whose body is arriving, or that waits for its answer.
    private struct Assembly {
        var service: String
        var method: String
        var missing: Int
        var body: [UInt8]
        var isRefused = false
        /// Bytes of events sent that the plugin has not taken.
        var eventBytes = 0
    }

    private var phase = Phase.greeting
    private var live: [UInt64: Live] = [:]
    private var loads: [UInt32: [UInt8]] = [:]
    private var smallFrames = 0

    // MARK: What the host sends

    mutating func hello(key: WorkerKey, callsMax: Int) -> Frame {
        HelloMessage(
            key: key.description, callsMax: UInt32(clamping: callsMax), creditBytes: UInt32(Limits.callCreditBytes)
        ).frame
    }

    mutating func load(_ message: LoadMessage) -> Frame {
        loads[message.plugin] = []
        return message.frame
    }

    mutating func call(_ id: UInt64, _ message: CallMessage, bodyInDescriptor: Bool) -> Frame {
        live[id] = Live()
        return message.frame(call: id, bodyInDescriptor: bodyInDescriptor)
    }

    /// A call that was prepared and not sent after all.
    mutating func forget(_ call: UInt64) { live[call] = nil }

    /// The frame that gives back the credit of consumed bytes; nil while enough is left, so that a stream of small
    /// pieces does not cost a frame each.
    mutating func creditDue(_ call: UInt64) -> Frame? {
        guard let credit = live[call]?.credit, credit <= Limits.callCreditBytes / 2 else { return nil }
        live[call]?.credit = Limits.callCreditBytes
        return CreditMessage(bytes: UInt32(clamping: Limits.callCreditBytes - credit)).frame(call: call)
    }

    /// Ends a request; nil when its call is over meanwhile. The answer's bytes are for the caller to place.
    mutating func endRequest(_ request: UInt32, of call: UInt64) -> Bool {
        live[call]?.requests.removeValue(forKey: request) != nil
    }

    /// What may become of an event of a request now.
    enum EventPlace {
        case send(Frame)
        /// The plugin has to take others first.
        case full
        /// Nobody waits for it.
        case over
    }

    mutating func event(_ event: [UInt8], of request: UInt32, call: UInt64) -> EventPlace {
        guard let held = live[call]?.requests[request]?.eventBytes, event.count <= Limits.serviceEventBytesMax else {
            return .over
        }
        guard held == 0 || held + event.count <= Limits.serviceEventWindowBytes else { return .full }
        live[call]?.requests[request]?.eventBytes = held + event.count
        return .send(ServiceEventMessage(request: request, event: event).frame(call: call))
    }

    mutating func shutdown() -> Frame {
        phase = .closing
        return Frame(.shutdown)
    }

    var isOrderlyOver: Bool { phase == .over }

    // MARK: What the worker sends

    mutating func receive(_ frame: Frame) throws -> Event? {
        guard frame.flags.isEmpty else { throw CorralError.protocolViolation("a frame with flags it must not have") }
        if frame.payload.count < Limits.smallFrameBytes { countSmall(frame.call) }
        switch phase {
        case .greeting: return try greeting(frame)
        case .over: throw CorralError.protocolViolation("a frame after its goodbye")
        case .open, .closing: break
        }
        switch frame.kind {
        case .manifest, .loaded, .loadFailed: return try loading(frame)
        case .log: return try log(frame)
        case .goodbye: return try goodbye(frame)
        case .started, .data, .progress, .complete, .serviceRequest, .serviceData, .serviceCredit:
            return try callFrame(frame)
        default:
            throw CorralError.protocolViolation("a frame of kind \(frame.kind.rawValue), which workers do not send")
        }
    }

    /// Small frames since this was asked last, without the first few of each call.
    mutating func takeSmallFrames() -> Int {
        defer { smallFrames = 0 }
        return smallFrames
    }

    private mutating func countSmall(_ call: UInt64) {
        guard let free = live[call]?.smallFramesFree, free > 0 else { return smallFrames += 1 }
        live[call]?.smallFramesFree = free - 1
    }

    private mutating func greeting(_ frame: Frame) throws -> Event? {
        // A library's constructor may log before the greeting is out; nothing else may come first.
        if frame.kind == .log { return try log(frame) }
        guard frame.kind == .ready, frame.call == 0 else {
            throw CorralError.protocolViolation("a frame of kind \(frame.kind.rawValue) before its greeting")
        }
        let message = try ReadyMessage(frame)
        guard message.version == wireVersion else {
            throw CorralError.protocolViolation(
                "version \(message.version) of the protocol; the host speaks \(wireVersion)")
        }
        guard message.isSealed else {
            throw CorralError.protocolViolation("a greeting without a filter of system calls over itself")
        }
        phase = .open
        return .ready(toolchain: message.toolchain)
    }

    private mutating func loading(_ frame: Frame) throws -> Event? {
        switch frame.kind {
        case .manifest:
            let message = try ManifestMessage(frame)
            guard let known = loads[message.plugin] else { throw unknownLoad(message.plugin) }
            guard known.count + message.bytes.count <= Limits.manifestBytesMax else {
                throw CorralError.protocolViolation("a manifest of more than \(Limits.manifestBytesMax) bytes")
            }
            loads[message.plugin]?.append(contentsOf: message.bytes)
            return nil
        case .loaded:
            let message = try LoadedMessage(frame)
            guard let manifest = loads.removeValue(forKey: message.plugin) else { throw unknownLoad(message.plugin) }
            return .loaded(plugin: message.plugin, manifest: manifest, tools: message.tools)
        default:
            let message = try LoadFailedMessage(frame)
            guard loads.removeValue(forKey: message.plugin) != nil else { throw unknownLoad(message.plugin) }
            return .loadFailed(plugin: message.plugin, message.reason, detail: message.detail)
        }
    }

    private mutating func callFrame(_ frame: Frame) throws -> Event? {
        guard live[frame.call] != nil else {
            throw CorralError.protocolViolation(
                "a frame of kind \(frame.kind.rawValue) for call \(frame.call), which is not running there")
        }
        switch frame.kind {
        case .started:
            guard live[frame.call]?.hasStarted == false else {
                throw CorralError.protocolViolation("the start of call \(frame.call) a second time")
            }
            live[frame.call]?.hasStarted = true
            return .started(call: frame.call)
        case .progress: return .progress(call: frame.call, try ProgressMessage(frame))
        case .data: return try data(frame)
        case .serviceRequest: return try serviceRequest(frame)
        case .serviceData: return try serviceData(frame)
        case .serviceCredit: return try serviceCredit(frame)
        default:
            let message = try CompleteMessage(frame)
            live[frame.call] = nil
            return .complete(call: frame.call, message)
        }
    }

    private mutating func data(_ frame: Frame) throws -> Event? {
        let left = (live[frame.call]?.credit ?? 0) - frame.payload.count
        guard left >= 0 else { throw CorralError.protocolViolation("\(-left) bytes more than it had credit for") }
        live[frame.call]?.credit = left
        return .data(call: frame.call, try DataMessage(frame), bytes: frame.payload.count)
    }

    private mutating func serviceRequest(_ frame: Frame) throws -> Event? {
        let message = try ServiceRequestMessage(frame)
        let underWay = live[frame.call]?.requests.count ?? 0
        guard live[frame.call]?.requests[message.request] == nil else {
            throw CorralError.protocolViolation("service request \(message.request) a second time")
        }
        let total = Int(message.totalBytes)
        guard message.bytes.count <= total else {
            throw CorralError.protocolViolation("a service request longer than it announced")
        }
        // Refused requests count as well, or a worker could have any number of them in the air.
        guard underWay < 2 * Limits.serviceRequestsPerCallMax else {
            throw CorralError.protocolViolation("\(underWay + 1) service requests at once")
        }
        var assembly = Assembly(
            service: message.service, method: message.method, missing: total - message.bytes.count, body: message.bytes)
        var refusal: String?
        if underWay >= Limits.serviceRequestsPerCallMax {
            refusal = "more than \(Limits.serviceRequestsPerCallMax) requests at once"
        } else if total > Limits.serviceRequestBytesMax {
            refusal = "a request of \(total) bytes, at most \(Limits.serviceRequestBytesMax) are allowed"
        }
        if let refusal {
            assembly.isRefused = true
            assembly.body = []
            live[frame.call]?.requests[message.request] = assembly
            return assembly.missing == 0
                ? .serviceRefused(call: frame.call, request: message.request, reason: refusal) : nil
        }
        live[frame.call]?.requests[message.request] = assembly
        return assembly.missing == 0 ? whole(message.request, frame.call, assembly) : nil
    }

    private mutating func serviceData(_ frame: Frame) throws -> Event? {
        let message = try ServiceDataMessage(frame)
        guard var assembly = live[frame.call]?.requests[message.request], assembly.missing > 0,
            message.bytes.count <= assembly.missing
        else { throw CorralError.protocolViolation("bytes of a service request that does not wait for them") }
        assembly.missing -= message.bytes.count
        if !assembly.isRefused { assembly.body.append(contentsOf: message.bytes) }
        live[frame.call]?.requests[message.request] = assembly
        guard assembly.missing == 0 else { return nil }
        if assembly.isRefused {
            return .serviceRefused(
                call: frame.call, request: message.request,
                reason: "a request over \(Limits.serviceRequestBytesMax) bytes or too many at once")
        }
        return whole(message.request, frame.call, assembly)
    }

    private mutating func serviceCredit(_ frame: Frame) throws -> Event? {
        let message = try ServiceCreditMessage(frame)
        // The request's answer may have crossed it.
        guard let held = live[frame.call]?.requests[message.request]?.eventBytes else { return nil }
        guard message.bytes <= held else {
            throw CorralError.protocolViolation("credit for \(message.bytes) bytes of events, of which it got \(held)")
        }
        live[frame.call]?.requests[message.request]?.eventBytes = held - Int(message.bytes)
        return .serviceCredit(call: frame.call, request: message.request)
    }

    /// Hands the body over; the entry stays, without it, until the answer.
    private mutating func whole(_ request: UInt32, _ call: UInt64, _ assembly: Assembly) -> Event {
        live[call]?.requests[request]?.body = []
        return .serviceRequest(
            call: call, request: request, service: assembly.service, method: assembly.method, body: assembly.body)
    }

    private func log(_ frame: Frame) throws -> Event? {
        .log(call: live[frame.call] == nil ? 0 : frame.call, try LogMessage(frame))
    }

    private mutating func goodbye(_ frame: Frame) throws -> Event? {
        guard phase == .closing, live.isEmpty, frame.payload.isEmpty else {
            throw CorralError.protocolViolation("a goodbye that nobody asked for")
        }
        phase = .over
        return .goodbye
    }

    private func unknownLoad(_ plugin: UInt32) -> CorralError {
        .protocolViolation("an answer about plugin number \(plugin), which it was not asked to load")
    }
}
