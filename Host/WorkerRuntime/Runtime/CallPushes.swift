// SPDX-License-Identifier: Apache-2.0
// CallPushes: results, partial output and artifacts on their way to the host: cut into frames, paid for with credit,
// stopped by cancellation. A push that waits gives the slot's lock back.

import CCorral
import CorralBase
import CorralWire
import Glibc

extension CallSlot {
    /// The monitor is held, here and in every method below.
    func pushResult(_ handle: corral_call, _ bytes: UnsafeRawBufferPointer) -> corral_status {
        if let loss = output.resultLoss { return loss }
        if shouldStop(handle) { return output.lose(CORRAL_CANCELLED) }
        guard output.admitResult(bytes.count) else { return output.lose(CORRAL_LIMIT) }
        if output.keepResult(bytes) { return CORRAL_OK }
        let status = push(handle, DataPrefix(.result), bytes)
        return status == CORRAL_CANCELLED ? output.lose(status) : status
    }

    func pushPartial(_ handle: corral_call, _ text: UnsafeRawBufferPointer) -> corral_status {
        if shouldStop(handle) { return CORRAL_CANCELLED }
        guard output.admitPartial(text.count) else { return CORRAL_LIMIT }
        return push(handle, DataPrefix(.partial), text, isText: true)
    }

    func pushArtifact(
        _ handle: corral_call, _ name: UnsafeRawBufferPointer, _ mediaType: UnsafeRawBufferPointer,
        _ bytes: UnsafeRawBufferPointer
    ) -> corral_status {
        if shouldStop(handle) { return CORRAL_CANCELLED }
        guard output.admitArtifact(name, bytes.count) else { return CORRAL_LIMIT }
        let prefix = DataPrefix(artifact: name, mediaType: mediaType)
        return push(handle, prefix, bytes, sendsEmpty: true)
    }

    func pushProgress(_ fraction: Double, _ text: corral_slice) -> corral_status {
        guard let text = text.text(bytesMax: Limits.logLineBytesMax), fraction.isNaN || (fraction >= 0 && fraction <= 1)
        else { return CORRAL_INVALID }
        guard output.admitProgress(at: monotonicNanoseconds()) else { return CORRAL_OK }
        let message = ProgressMessage(fraction: fraction.isNaN ? nil : fraction, text: text)
        worker.writer.send(message.frame(call: hostCall))
        return CORRAL_OK
    }

    func addCredit(_ call: UInt64, _ bytes: Int) {
        monitor.withLock {
            guard live.load(ordering: .relaxed) != 0, hostCall == call else { return }
            output.credit += bytes
            monitor.wakeAll()
        }
    }

    private func push(
        _ handle: corral_call, _ prefix: DataPrefix, _ bytes: UnsafeRawBufferPointer, isText: Bool = false,
        sendsEmpty: Bool = false
    ) -> corral_status {
        output.flush(call: hostCall, to: worker.writer)
        var rest = bytes
        var isFirst = sendsEmpty
        while isFirst || !rest.isEmpty {
            isFirst = false
            let wanted = min(rest.count, DataMessage.bytesMax)
            let status = waitForCredit(handle, prefix.payloadBytes, wanted)
            guard status == CORRAL_OK else { return status }
            let room = min(wanted, output.credit - prefix.payloadBytes)
            let count = isText ? wholeCharacters(rest, within: room) : room
            let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
            output.send(prefix, chunk, call: hostCall, to: worker.writer)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        return CORRAL_OK
    }

    /// Waits until a frame of `wanted` bytes may be sent, or of a quarter of the window when that is less: a slow reader
    /// should not turn one push into hundreds of tiny frames.
    private func waitForCredit(_ handle: corral_call, _ overhead: Int, _ wanted: Int) -> corral_status {
        let enough = overhead + min(wanted, max(output.creditWindow / 4 - overhead, 1))
        while output.credit < enough {
            if output.creditWindow < enough { return CORRAL_LIMIT }
            monitor.wait()
            if live.load(ordering: .relaxed) != handle { return CORRAL_GONE }
            if shouldStop(handle) { return CORRAL_CANCELLED }
        }
        return CORRAL_OK
    }
}
