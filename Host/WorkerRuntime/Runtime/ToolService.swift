// SPDX-License-Identifier: Apache-2.0
// ToolService: "corral.host.tool/1", a plugin using another plugin's tool. Its comments that count are in tool.h.

import CCorral
import CorralBase

func makeToolService() -> UnsafePointer<corral_host_tool> {
    let service = UnsafeMutablePointer<corral_host_tool>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_tool(
            struct_size: UInt32(MemoryLayout<corral_host_tool>.size), reserved: 0, start: startTool))
    return UnsafePointer(service)
}

private func startTool(
    _ call: corral_call, _ tool: corral_slice, _ arguments: corral_slice,
    _ completion: @escaping corral_tool_completion, _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(completion), let name = tool.bytes, let body = arguments.bytes,
        (1...256).contains(name.count), let method = String(validating: name, as: UTF8.self)
    else { return CORRAL_INVALID }
    let request = HostRequest { status, result, descriptors in
        closeAll(descriptors)
        completion(argument, status, result)
    }
    return startRequest(call, CORRAL_EXT_HOST_TOOL, method, body, request)
}
