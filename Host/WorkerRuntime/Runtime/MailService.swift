// SPDX-License-Identifier: Apache-2.0
// MailService: "corral.host.smtp/1" for plugins. Its comments that count are in smtp.h.

import CCorral
import CorralBase

func makeMailService() -> UnsafePointer<corral_host_smtp> {
    let service = UnsafeMutablePointer<corral_host_smtp>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_smtp(
            struct_size: UInt32(MemoryLayout<corral_host_smtp>.size), reserved: 0, send: sendMail))
    return UnsafePointer(service)
}

private func sendMail(
    _ call: corral_call, _ request: corral_slice, _ completion: @escaping corral_smtp_completion,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(completion), let body = request.bytes else { return CORRAL_INVALID }
    return startRequest(
        call, CORRAL_EXT_HOST_SMTP, "send", body,
        HostRequest { status, result, descriptors in
            closeAll(descriptors)
            completion(argument, status, result)
        })
}
