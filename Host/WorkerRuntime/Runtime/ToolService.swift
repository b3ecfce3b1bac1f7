// SPDX-License-Identifier: Apache-2.0
// ToolService: "corral.host.tool/1", a plugin using another plugin's tool. Requests leave on behalf of a call; whatever
// has not been answered when that call ends is answered with CORRAL_GONE.

import CCorral
import CorralBase
import CorralWire
import Glibc

/// A call's service requests under way. Guarded by the slot's monitor.
struct ServiceRequests {
    struct Pending {
        var completion: corral_tool_completion
        var argument: UnsafeMutableRawPointer?
    }

    private var pending: [UInt32: Pending] = [:]
    private var nextNumber: UInt32 = 1

    mutating func add(_ request: Pending) -> UInt32? {
        guard pending.count < Limits.serviceRequestsPerCallMax else { return nil }
        while pending[nextNumber] != nil || nextNumber == 0 { nextNumber &+= 1 }
        defer { nextNumber &+= 1 }
        pending[nextNumber] = request
        return nextNumber
    }

    mutating func take(_ number: UInt32) -> Pending? { pending.removeValue(forKey: number) }

    /// The answers owed to a plugin whose call is over.
    mutating func abandon() -> [Crew.Work] {
        guard !pending.isEmpty else { return [] }
        defer { pending = [:] }
        return pending.values.map { request in
            { request.completion(request.argument, CORRAL_GONE, corral_slice(data: nil, size: 0)) }
        }
    }
}

func makeToolService() -> UnsafePointer<corral_host_tool> {
    let service = UnsafeMutablePointer<corral_host_tool>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_tool(
            struct_size: UInt32(MemoryLayout<corral_host_tool>.size), reserved: 0, start: startTool))
    return UnsafePointer(service)
}

private func startTool(
    _ call: corral_call, _ tool: corral_slice, _ arguments: corral_slice,
    _ completion: @escaping corral_tool_completion, _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard unsafeBitCast(completion, to: UInt.self) != 0, let name = tool.bytes, let body = arguments.bytes,
        (1...256).contains(name.count), let method = String(validating: name, as: UTF8.self)
    else { return CORRAL_INVALID }
    guard body.count <= Limits.documentBytesMax else { return CORRAL_LIMIT }
    guard let json = try? JSON(parsing: body), case .object = json else { return CORRAL_INVALID }
    guard let slot = CallSlot.borrow(call) else { return CORRAL_GONE }
    defer { slot.monitor.unlock() }
    guard let number = slot.services.add(ServiceRequests.Pending(completion: completion, argument: argument)) else {
        return CORRAL_LIMIT
    }
    slot.sendRequest(number, method, body)
    return CORRAL_OK
}

extension CallSlot {
    /// The first frame holds what fits beside the longest name; the rest follows in frames of its own. Monitor held.
    fileprivate func sendRequest(_ number: UInt32, _ method: String, _ body: UnsafeRawBufferPointer) {
        output.flush(call: hostCall, to: worker.writer)
        let first = body.prefix(DataMessage.bytesMax)
        let request = ServiceRequestMessage(
            request: number, service: CORRAL_EXT_HOST_TOOL, method: method,
            totalBytes: UInt32(truncatingIfNeeded: body.count), bytes: Array(first))
        worker.writer.send(request.frame(call: hostCall))
        var rest = body.dropFirst(first.count)
        while !rest.isEmpty {
            let chunk = rest.prefix(DataMessage.bytesMax)
            worker.writer.send(ServiceDataMessage(request: number, bytes: Array(chunk)).frame(call: hostCall))
            rest = rest.dropFirst(chunk.count)
        }
    }

    /// An answer of the host. Returns the completion to run, with no lock held; nil when the call is over.
    func answer(_ frame: InboundFrame, descriptors: FrameReader) -> Crew.Work? {
        guard let reply = try? ServiceReplyMessage(frame.copy) else { die("the host sent a reply that ends too early") }
        let isMapped = frame.flags.contains(.bodyInDescriptor)
        let mapped = isMapped ? SealedMemory(descriptors.takeDescriptor(), count: nil) : nil
        let request = monitor.withLock {
            live.load(ordering: .relaxed) != 0 && hostCall == frame.call ? services.take(reply.request) : nil
        }
        guard let request else {
            mapped?.unmap()
            return nil
        }
        return {
            if let mapped {
                request.completion(request.argument, reply.status, mapped.slice)
                mapped.unmap()
            } else {
                reply.result.withUnsafeBytes { bytes in
                    let data = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    request.completion(request.argument, reply.status, corral_slice(data: data, size: bytes.count))
                }
            }
        }
    }
}
