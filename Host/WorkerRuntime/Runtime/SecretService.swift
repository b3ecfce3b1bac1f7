// SPDX-License-Identifier: Apache-2.0
// SecretService: "corral.host.secret/1" for plugins. Its comments that count are in secret.h.

import CCorral
import CorralBase

func makeSecretService() -> UnsafePointer<corral_host_secret> {
    let service = UnsafeMutablePointer<corral_host_secret>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_secret(
            struct_size: UInt32(MemoryLayout<corral_host_secret>.size), reserved: 0, reveal: revealSecret))
    return UnsafePointer(service)
}

private func revealSecret(
    _ call: corral_call, _ name: corral_slice, _ completion: @escaping corral_secret_completion,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(completion), let text = shortText(name) else { return CORRAL_INVALID }
    return startRequest(
        call, CORRAL_EXT_HOST_SECRET, "reveal", ["name": .string(text)],
        HostRequest { status, result, descriptors in
            closeAll(descriptors)
            completion(argument, status, result)
        })
}
