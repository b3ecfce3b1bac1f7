// SPDX-License-Identifier: Apache-2.0
// CallOutput: what a call has sent, what it may still send, and the small results that wait here so that result and
// completion leave in one write.

import CCorral
import CorralBase
import CorralWire
import Glibc

struct CallOutput {
    /// Results up to this size wait for the completion. Larger ones are written from the plugin's own memory.
    static let waitingBytesMax = 16 << 10

    /// Bytes of data frames the host has room for.
    var credit = 0
    private(set) var creditWindow = 0
    /// A data frame with result bytes whose length is set when it leaves; empty when nothing waits.
    private var waiting: [UInt8] = []
    private var resultBytes = 0
    private var partialBytes = 0
    private var artifactBytes = 0
    private var artifactNames: Set<[UInt8]> = []
    private var progressFrames = 0
    private var progressSecond: UInt64 = 0
    /// The first refusal of result bytes: the result cannot be whole any more.
    private(set) var resultLoss: corral_status?

    mutating func begin(credit: Int) {
        var fresh = CallOutput()
        fresh.waiting = waiting
        fresh.waiting.removeAll(keepingCapacity: true)
        fresh.credit = credit
        fresh.creditWindow = credit
        self = fresh
    }

    // MARK: Limits

    mutating func lose(_ status: corral_status) -> corral_status {
        if resultLoss == nil { resultLoss = status }
        return status
    }

    mutating func admitResult(_ count: Int) -> Bool { admit(count, to: &resultBytes, max: Limits.resultBytesMax) }
    mutating func admitPartial(_ count: Int) -> Bool { admit(count, to: &partialBytes, max: Limits.partialBytesMax) }

    mutating func admitArtifact(_ name: UnsafeRawBufferPointer, _ count: Int) -> Bool {
        let name = Array(name)
        guard artifactNames.contains(name) || artifactNames.count < Limits.artifactsPerCallMax,
            admit(count, to: &artifactBytes, max: Limits.artifactBytesMax)
        else { return false }
        artifactNames.insert(name)
        return true
    }

    private func admit(_ count: Int, to total: inout Int, max: Int) -> Bool {
        guard count <= max - total else { return false }
        total += count
        return true
    }

    /// False when this second's progress frames are used up.
    mutating func admitProgress(at now: UInt64) -> Bool {
        let second = now / 1_000_000_000
        if second != progressSecond { (progressSecond, progressFrames) = (second, 0) }
        progressFrames += 1
        return progressFrames <= Limits.progressPerSecondMax
    }

    // MARK: Sending. Each of these uses credit that is there.

    /// Keeps result bytes for the completion when they are few and fit beside those that wait.
    mutating func keepResult(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let overhead = waiting.isEmpty ? 1 : 0
        guard waiting.count + bytes.count <= CallOutput.waitingBytesMax, bytes.count + overhead <= credit else {
            return false
        }
        if waiting.isEmpty {
            waiting.reserveCapacity(CallOutput.waitingBytesMax + 256)
            waiting.append(contentsOf: repeatElement(0, count: Frame.headerBytes))
            waiting.append(DataKind.result.rawValue)
        }
        waiting.append(contentsOf: bytes)
        credit -= bytes.count + overhead
        return true
    }

    /// Sends the result bytes that wait.
    mutating func flush(call: UInt64, to writer: FrameWriter) {
        guard !waiting.isEmpty else { return }
        sealWaitingFrame(call)
        waiting.withUnsafeBytes { writer.write($0, UnsafeRawBufferPointer(start: nil, count: 0)) }
        waiting.removeAll(keepingCapacity: true)
    }

    /// Sends one data frame: a prefix of our own and bytes of the plugin's.
    mutating func send(_ prefix: DataPrefix, _ bytes: UnsafeRawBufferPointer, call: UInt64, to writer: FrameWriter) {
        credit -= prefix.payloadBytes + bytes.count
        prefix.withHeader(dataBytes: bytes.count, call: call) { writer.write($0, bytes) }
    }

    /// Sends what waits and the completion in one write.
    mutating func finish(with frame: Frame, to writer: FrameWriter) {
        if !waiting.isEmpty { sealWaitingFrame(frame.call) }
        waiting.append(contentsOf: frame.bytes)
        waiting.withUnsafeBytes { writer.write($0, UnsafeRawBufferPointer(start: nil, count: 0)) }
        waiting.removeAll(keepingCapacity: true)
    }

    private mutating func sealWaitingFrame(_ call: UInt64) {
        let payload = waiting.count - Frame.headerBytes
        waiting.withUnsafeMutableBytes { writeDataHeader($0, payloadBytes: payload, call: call) }
    }
}

/// The first byte of a data frame's payload; `DataMessage` of Wire reads it.
enum DataKind: UInt8 {
    case result = 1
    case partial = 2
    case artifact = 3
}

/// Header and payload prefix of a data frame, to be followed by the plugin's bytes without a copy.
struct DataPrefix {
    private var bytes: [UInt8]

    init(_ kind: DataKind) {
        bytes = [UInt8](repeating: 0, count: Frame.headerBytes)
        bytes.append(kind.rawValue)
    }

    init(artifact name: UnsafeRawBufferPointer, mediaType: UnsafeRawBufferPointer) {
        self.init(.artifact)
        for text in [name, mediaType] {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: text.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: text)
        }
    }

    var payloadBytes: Int { bytes.count - Frame.headerBytes }

    func withHeader(dataBytes: Int, call: UInt64, _ body: (UnsafeRawBufferPointer) -> Void) {
        var header = bytes
        header.withUnsafeMutableBytes { buffer in
            writeDataHeader(buffer, payloadBytes: payloadBytes + dataBytes, call: call)
            body(UnsafeRawBufferPointer(buffer))
        }
    }
}

private func writeDataHeader(_ buffer: UnsafeMutableRawBufferPointer, payloadBytes: Int, call: UInt64) {
    buffer.storeBytes(of: UInt32(truncatingIfNeeded: payloadBytes).littleEndian, as: UInt32.self)
    buffer.storeBytes(of: FrameKind.data.rawValue.littleEndian, toByteOffset: 4, as: UInt16.self)
    buffer.storeBytes(of: UInt16(0), toByteOffset: 6, as: UInt16.self)
    buffer.storeBytes(of: call.littleEndian, toByteOffset: 8, as: UInt64.self)
}
