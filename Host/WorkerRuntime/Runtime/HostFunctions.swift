// SPDX-License-Identifier: Apache-2.0
// HostFunctions: the vtable of host.h. Each function finds the call by its handle and does the work under its lock; the
// comments that count are in host.h.

import CCorral
import CorralBase
import CorralWire
import CorralWorkerShim
import Glibc

/// Built in functions of a file, not at top level: closures there would belong to the main actor and trap elsewhere.
func makeHostFunctions() -> UnsafePointer<corral_host> {
    let host = UnsafeMutablePointer<corral_host>.allocate(capacity: 1)
    host.initialize(
        to: corral_host(
            struct_size: UInt32(MemoryLayout<corral_host>.size), abi_major: UInt16(CORRAL_ABI_MAJOR),
            abi_minor: UInt16(CORRAL_ABI_MINOR), get_extension: hostExtension, log: hostLog,
            push_result: hostPushResult, push_partial: hostPushPartial, push_progress: hostPushProgress,
            push_artifact: hostPushArtifact, read_artifact: hostReadArtifact, set_confidence: hostSetConfidence,
            add_change: hostAddChange, set_error: hostSetError, complete: hostComplete,
            is_cancelled: hostIsCancelled, on_cancel: hostOnCancel))
    return UnsafePointer(host)
}

/// GONE for a stale handle, else what `body` answers with the slot locked.
private func withCall(_ call: corral_call, _ body: (CallSlot) -> corral_status) -> corral_status {
    guard let slot = CallSlot.borrow(call) else { return CORRAL_GONE }
    defer { slot.monitor.unlock() }
    return body(slot)
}

private func hostExtension(_ id: UnsafePointer<CChar>) -> UnsafeRawPointer? {
    worker.services.find(String(cString: id))
}

private func hostLog(_ call: corral_call, _ level: UInt32, _ message: corral_slice) {
    guard let text = message.text(bytesMax: Limits.logLineBytesMax) else { return }
    var plugin = corral_thread_plugin()
    var hostCall: UInt64 = 0
    if call != CORRAL_NO_CALL, let slot = CallSlot.borrow(call) {
        plugin = slot.plugin?.number ?? plugin
        hostCall = slot.hostCall
        slot.monitor.unlock()
    }
    worker.log.write(plugin: plugin, call: hostCall, level: level, text)
}

private func hostPushResult(_ call: corral_call, _ bytes: corral_slice) -> corral_status {
    guard let bytes = bytes.bytes else { return CORRAL_INVALID }
    return withCall(call) { $0.pushResult(call, bytes) }
}

private func hostPushPartial(_ call: corral_call, _ text: corral_slice) -> corral_status {
    guard let text = text.bytes else { return CORRAL_INVALID }
    return withCall(call) { $0.pushPartial(call, text) }
}

private func hostPushProgress(_ call: corral_call, _ fraction: Double, _ text: corral_slice) -> corral_status {
    withCall(call) { $0.pushProgress(fraction, text) }
}

private func hostPushArtifact(
    _ call: corral_call, _ name: corral_slice, _ mediaType: corral_slice, _ bytes: corral_slice
) -> corral_status {
    guard let name = name.bytes, let mediaType = mediaType.bytes, let bytes = bytes.bytes, isFileName(name),
        isMediaType(mediaType)
    else { return CORRAL_INVALID }
    return withCall(call) { $0.pushArtifact(call, name, mediaType, bytes) }
}

private func hostReadArtifact(
    _ call: corral_call, _ reference: corral_slice, _ content: UnsafeMutablePointer<corral_slice>
) -> corral_status {
    guard let reference = reference.bytes else { return CORRAL_INVALID }
    return withCall(call) { slot in
        guard let found = slot.memory?.artifact(reference) else { return CORRAL_INVALID }
        content.pointee = found
        return CORRAL_OK
    }
}

private func hostSetConfidence(_ call: corral_call, _ confidence: Double) -> corral_status {
    withCall(call) { $0.facts.setConfidence(confidence) }
}

private func hostAddChange(_ call: corral_call, _ changeClass: corral_slice, _ target: corral_slice) -> corral_status {
    withCall(call) { $0.facts.addChange(changeClass, target) }
}

private func hostSetError(_ call: corral_call, _ error: UnsafePointer<corral_error>) -> corral_status {
    let header = Int(error.pointee.struct_size)
    guard header >= MemoryLayout<corral_error>.size else { return CORRAL_INVALID }
    return withCall(call) { $0.facts.setError(error.pointee) }
}

private func hostComplete(_ call: corral_call, _ status: corral_status) -> corral_status {
    withCall(call) { slot in
        guard status != CORRAL_PENDING else { return CORRAL_INVALID }
        return slot.finish(call, status, cpuNanoseconds: 0)
    }
}

private func hostIsCancelled(_ call: corral_call) -> Int32 {
    let slots = worker.calls.slots
    let index = Int(call & ((1 << CallSlot.indexBits) - 1))
    guard call != CORRAL_NO_CALL, index < slots.count else { return 1 }
    return slots[index].shouldStop(call) ? 1 : 0
}

private func hostOnCancel(
    _ call: corral_call, _ callback: @escaping corral_cancel_callback, _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard let slot = CallSlot.borrow(call) else { return CORRAL_GONE }
    guard !slot.cancellation.isRegistered else {
        slot.monitor.unlock()
        return CORRAL_INVALID
    }
    slot.cancellation.register(callback, argument)
    let isLate = slot.shouldStop(call)
    slot.monitor.unlock()
    if isLate { slot.runCallback(call) }
    return CORRAL_OK
}

/// A plain file name: 1–128 bytes of UTF-8 without '/' or control characters, and neither "." nor "..".
private func isFileName(_ name: UnsafeRawBufferPointer) -> Bool {
    guard (1...128).contains(name.count), String(validating: name, as: UTF8.self) != nil else { return false }
    let isDots = name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }
    return !isDots && name.allSatisfy { $0 != UInt8(ascii: "/") && $0 >= 0x20 && $0 != 0x7F }
}

/// RFC 6838 §4.2: two restricted names of at most 127 characters. Parameters (`; charset=utf-8`) may follow.
private func isMediaType(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count <= 512 else { return false }
    let essence = text.prefix { $0 != UInt8(ascii: ";") }
    let names = essence.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return names.count == 2
        && names.allSatisfy { name in
            (1...127).contains(name.count)
                && name.allSatisfy { isLetterOrDigit($0) || "!#$&-^_.+".utf8.contains($0) }
        } && text.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
        || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
}
