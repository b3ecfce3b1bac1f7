// SPDX-License-Identifier: Apache-2.0
// MemoryService: "corral.host.memory/1" for plugins. Its comments that count are in memory.h.

import CCorral
import CorralBase

func makeMemoryService() -> UnsafePointer<corral_host_memory> {
    let service = UnsafeMutablePointer<corral_host_memory>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_memory(
            struct_size: UInt32(MemoryLayout<corral_host_memory>.size), reserved: 0, start: startMemory))
    return UnsafePointer(service)
}

private func startMemory(
    _ call: corral_call, _ method: corral_slice, _ body: corral_slice,
    _ completion: @escaping corral_memory_completion, _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(completion), let name = shortText(method), PluginKind.memory.methods.contains(name),
        let bytes = body.bytes
    else { return CORRAL_INVALID }
    let request = HostRequest { status, result, descriptors in
        closeAll(descriptors)
        completion(argument, status, result)
    }
    return startRequest(call, CORRAL_EXT_HOST_MEMORY, name, bytes, request)
}
