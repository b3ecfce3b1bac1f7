// SPDX-License-Identifier: Apache-2.0
// HTTPService: "corral.host.http/1" for plugins. Its comments that count are in http.h.

import CCorral
import CorralBase

func makeHTTPService() -> UnsafePointer<corral_host_http> {
    let service = UnsafeMutablePointer<corral_host_http>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_http(
            struct_size: UInt32(MemoryLayout<corral_host_http>.size), reserved: 0, start: startHTTP))
    return UnsafePointer(service)
}

private func startHTTP(
    _ call: corral_call, _ request: corral_slice, _ event: corral_http_event?,
    _ completion: @escaping corral_http_completion, _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(completion), let body = request.bytes else { return CORRAL_INVALID }
    let callback = event.map { event in { (slice: corral_slice) in event(argument, slice) } }
    return startRequest(
        call, CORRAL_EXT_HOST_HTTP, "request", body,
        HostRequest(event: callback) { status, result, descriptors in
            closeAll(descriptors)
            completion(argument, status, result)
        })
}
