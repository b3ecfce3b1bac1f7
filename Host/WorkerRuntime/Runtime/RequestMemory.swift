// SPDX-License-Identifier: Apache-2.0
// RequestMemory: all memory of one call's request: the struct the plugin gets, the texts it points at, the body, and the
// artifacts. It is freed at once and only when the call has completed and the plugin's function has returned.

import CCorral
import CorralWire
import CorralWorkerShim
import Glibc

/// A sealed memfd as read-only memory.
struct SealedMemory {
    private(set) var bytes: UnsafeRawBufferPointer

    /// Takes the descriptor. Dies when the file may still change: a plugin must be able to trust its request.
    /// - Parameter count: bytes to map; nil = the whole file.
    init(_ descriptor: Int32, count: UInt64?) {
        defer { close(descriptor) }
        var status = stat()
        guard corral_is_sealed(descriptor) == 1, fstat(descriptor, &status) == 0 else {
            die("the host passed a file that is not sealed")
        }
        guard let wanted = Int(exactly: count ?? UInt64(status.st_size)), wanted <= status.st_size else {
            die("the host passed a file that is shorter than it says")
        }
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        guard wanted > 0 else { return }
        let memory = mmap(nil, wanted, PROT_READ, MAP_PRIVATE | Int32(MAP_POPULATE), descriptor, 0)
        guard let memory, memory != MAP_FAILED else {
            die("cannot map \(wanted) bytes of a request (errno \(errno)): the limit of address space is too low")
        }
        bytes = UnsafeRawBufferPointer(start: memory, count: wanted)
    }

    func unmap() {
        if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }

    var slice: corral_slice {
        corral_slice(data: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), size: bytes.count)
    }
}

/// One file the request refers to. Mapped when it is first read, because many are passed on and never read.
private struct RequestArtifact {
    var reference: corral_slice
    var byteCount: UInt64
    var descriptor: Int32
    var memory: SealedMemory?
}

struct RequestMemory {
    let plugin: UInt32
    let target: CallTarget
    let method: corral_slice
    let request: UnsafeMutablePointer<corral_request>
    private let block: UnsafeMutableRawPointer
    private var body: SealedMemory?
    private var artifacts: [RequestArtifact] = []

    /// Copies the frame's payload, once.
    init(_ frame: InboundFrame, descriptors: FrameReader) {
        let offset = MemoryLayout<corral_request>.stride
        block = .allocate(byteCount: offset + frame.payload.count, alignment: 16)
        request = block.bindMemory(to: corral_request.self, capacity: 1)
        if let source = frame.payload.baseAddress { memcpy(block + offset, source, frame.payload.count) }
        var reader = SliceReader(UnsafeRawBufferPointer(start: block + offset, count: frame.payload.count))
        plugin = reader.integer(UInt32.self)
        guard let target = CallTarget(rawValue: reader.integer(UInt8.self)) else {
            die("the host sent an unknown target")
        }
        self.target = target
        method = reader.run()
        var request = corral_request()
        request.struct_size = UInt32(MemoryLayout<corral_request>.size)
        request.depth = reader.integer(UInt32.self)
        request.deadline_ns = reader.integer(UInt64.self)
        request.user = reader.run()
        request.feature = reader.run()
        request.session = reader.run()
        request.task_type = reader.run()
        request.complexity = reader.run()
        request.idempotency_key = reader.run()
        for _ in 0..<reader.integer(UInt32.self) {
            artifacts.append(
                RequestArtifact(reference: reader.run(), byteCount: reader.integer(UInt64.self), descriptor: -1))
        }
        request.body = reader.rest()
        if frame.flags.contains(.bodyInDescriptor) {
            let memory = SealedMemory(descriptors.takeDescriptor(), count: nil)
            request.body = memory.slice
            body = memory
        }
        for index in artifacts.indices { artifacts[index].descriptor = descriptors.takeDescriptor() }
        self.request.initialize(to: request)
    }

    /// The content of a file by its reference, nil when the request has none of that name.
    mutating func artifact(_ reference: UnsafeRawBufferPointer) -> corral_slice? {
        let found = artifacts.firstIndex { artifact in
            guard let bytes = artifact.reference.bytes, bytes.count == reference.count else { return false }
            return bytes.elementsEqual(reference)
        }
        guard let index = found else { return nil }
        if let memory = artifacts[index].memory { return memory.slice }
        let memory = SealedMemory(artifacts[index].descriptor, count: artifacts[index].byteCount)
        artifacts[index].memory = memory
        return memory.slice
    }

    func free() {
        body?.unmap()
        for artifact in artifacts {
            if let memory = artifact.memory { memory.unmap() } else { close(artifact.descriptor) }
        }
        block.deallocate()
    }
}
