// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Synchronization

/// A host inside the test's process: the C functions of host.h over ``FakeCall``. It does what the headers promise and
/// no more, so a test that passes here relies on nothing else.
enum FakeHost {
    /// What the plugin says outside of any call.
    static let log = Mutex<[String]>([])

    private static let calls = Mutex<[corral_call: FakeCall]>([:])
    private static let lastHandle = Atomic<corral_call>(0x7000_0000_0000_0000)

    static func register(_ call: FakeCall) -> corral_call {
        let handle = lastHandle.add(1, ordering: .relaxed).newValue
        calls.withLock { $0[handle] = call }
        return handle
    }

    static func call(_ handle: corral_call) -> FakeCall? { calls.withLock { $0[handle] } }

    static func makeTable() -> corral_host {
        corral_host(
            struct_size: UInt32(MemoryLayout<corral_host>.size), abi_major: UInt16(CORRAL_ABI_MAJOR),
            abi_minor: UInt16(CORRAL_ABI_MINOR), get_extension: getExtension, log: writeLog, push_result: pushResult,
            push_partial: pushPartial, push_progress: pushProgress, push_artifact: pushArtifact,
            read_artifact: readArtifact, set_confidence: setConfidence, add_change: addChange, set_error: setError,
            complete: completeCall, is_cancelled: isCancelled, on_cancel: onCancel)
    }

    /// A table that lives as long as the process, as a host's does.
    static func table(_ value: corral_host = makeTable()) -> UnsafePointer<corral_host> {
        let table = UnsafeMutablePointer<corral_host>.allocate(capacity: 1)
        table.initialize(to: value)
        return UnsafePointer(table)
    }
}

extension corral_slice {
    var array: [UInt8] { Array(UnsafeBufferPointer(start: data, count: data == nil ? 0 : size)) }
    var string: String { String(decoding: array, as: UTF8.self) }
}

private func getExtension(_ id: UnsafePointer<CChar>) -> UnsafeRawPointer? {
    FakeServices.find(String(cString: id))
}

private func writeLog(_ handle: corral_call, _ level: UInt32, _ message: corral_slice) {
    guard handle != 0 else { return FakeHost.log.withLock { $0.append(message.string) } }
    _ = FakeHost.call(handle)?.change { $0.log.append((level, message.string)) }
}

private func pushResult(_ handle: corral_call, _ bytes: corral_slice) -> corral_status {
    FakeHost.call(handle)?.push(bytes.size) { $0.result += bytes.array } ?? CORRAL_GONE
}

private func pushPartial(_ handle: corral_call, _ text: corral_slice) -> corral_status {
    FakeHost.call(handle)?.push(text.size) { $0.partials.append(text.string) } ?? CORRAL_GONE
}

private func pushProgress(_ handle: corral_call, _ fraction: Double, _ text: corral_slice) -> corral_status {
    FakeHost.call(handle)?.change { $0.progress.append((fraction, text.string)) } ?? CORRAL_GONE
}

private func pushArtifact(
    _ handle: corral_call, _ name: corral_slice, _ mediaType: corral_slice, _ bytes: corral_slice
) -> corral_status {
    guard !name.string.contains("/") else { return CORRAL_INVALID }
    return FakeHost.call(handle)?.push(bytes.size) {
        $0.artifacts[name.string, default: []] += bytes.array
    } ?? CORRAL_GONE
}

private func readArtifact(
    _ handle: corral_call, _ reference: corral_slice, _ content: UnsafeMutablePointer<corral_slice>
) -> corral_status {
    guard let call = FakeHost.call(handle) else { return CORRAL_GONE }
    guard let bytes = call.files[reference.string] else { return CORRAL_INVALID }
    content.pointee = corral_slice(data: UnsafePointer(bytes.baseAddress), size: bytes.count)
    return CORRAL_OK
}

private func setConfidence(_ handle: corral_call, _ confidence: Double) -> corral_status {
    guard confidence >= 0, confidence <= 1 else { return CORRAL_INVALID }
    return FakeHost.call(handle)?.change { $0.confidence = confidence } ?? CORRAL_GONE
}

private func addChange(_ handle: corral_call, _ name: corral_slice, _ target: corral_slice) -> corral_status {
    FakeHost.call(handle)?.change { $0.changes.append("\(name.string) \(target.string)") } ?? CORRAL_GONE
}

private func setError(_ handle: corral_call, _ error: UnsafePointer<corral_error>) -> corral_status {
    let error = error.pointee
    return FakeHost.call(handle)?.change {
        $0.error = FakeCall.Failure(
            code: error.code.string, message: error.message.string, isRetryable: error.is_retryable == 1,
            details: error.details.string)
    } ?? CORRAL_GONE
}

private func completeCall(_ handle: corral_call, _ status: corral_status) -> corral_status {
    FakeHost.call(handle)?.complete(status) ?? CORRAL_GONE
}

private func isCancelled(_ handle: corral_call) -> Int32 {
    FakeHost.call(handle)?.isCancelled == false ? 0 : 1
}

private func onCancel(
    _ handle: corral_call, _ callback: corral_cancel_callback, _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    nonisolated(unsafe) let argument = argument
    return FakeHost.call(handle)?.onCancel { callback(argument, handle) } ?? CORRAL_GONE
}
