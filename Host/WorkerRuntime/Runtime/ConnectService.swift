// SPDX-License-Identifier: Apache-2.0
// ConnectService: "corral.host.connect/1" for plugins. Its comments that count are in connect.h.

import CCorral
import CorralBase

func makeConnectService() -> UnsafePointer<corral_host_connect> {
    let service = UnsafeMutablePointer<corral_host_connect>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_connect(
            struct_size: UInt32(MemoryLayout<corral_host_connect>.size), reserved: 0, open: openConnection))
    return UnsafePointer(service)
}

private func openConnection(
    _ call: corral_call, _ endpoint: corral_slice, _ completion: @escaping corral_connect_completion,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(completion), let text = shortText(endpoint) else { return CORRAL_INVALID }
    return startRequest(
        call, CORRAL_EXT_HOST_CONNECT, "open", ["to": .string(text)],
        HostRequest { status, result, descriptors in
            let socket = takeOnly(1, of: descriptors, status)
            completion(argument, status, result, socket?[0] ?? -1)
        })
}
