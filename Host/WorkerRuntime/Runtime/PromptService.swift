// SPDX-License-Identifier: Apache-2.0
// PromptService: "corral.host.prompt/1" for plugins. Its comments that count are in prompt.h.

import CCorral
import CorralBase

func makePromptService() -> UnsafePointer<corral_host_prompt> {
    let service = UnsafeMutablePointer<corral_host_prompt>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_prompt(
            struct_size: UInt32(MemoryLayout<corral_host_prompt>.size), reserved: 0, render: renderPrompt))
    return UnsafePointer(service)
}

private func renderPrompt(
    _ call: corral_call, _ name: corral_slice, _ variables: corral_slice,
    _ completion: @escaping corral_prompt_completion, _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(completion), let name = shortText(name), let bytes = variables.bytes,
        bytes.count <= Limits.documentBytesMax, let json = try? JSON(parsing: bytes), case .object = json
    else { return CORRAL_INVALID }
    return startRequest(
        call, CORRAL_EXT_HOST_PROMPT, "render", ["name": .string(name), "variables": json],
        HostRequest { status, result, descriptors in
            closeAll(descriptors)
            completion(argument, status, result)
        })
}
