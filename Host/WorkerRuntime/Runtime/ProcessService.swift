// SPDX-License-Identifier: Apache-2.0
// ProcessService: "corral.host.process/1" for plugins. Its comments that count are in process.h.

import CCorral
import CorralBase

func makeProcessService() -> UnsafePointer<corral_host_process> {
    let service = UnsafeMutablePointer<corral_host_process>.allocate(capacity: 1)
    service.initialize(
        to: corral_host_process(
            struct_size: UInt32(MemoryLayout<corral_host_process>.size), reserved: 0, start: startProcess,
            wait: waitForProcess, stop: stopProcess, run: runProcess))
    return UnsafePointer(service)
}

private func startProcess(
    _ call: corral_call, _ request: corral_slice, _ started: @escaping corral_process_started,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(started), let body = request.bytes else { return CORRAL_INVALID }
    return startRequest(
        call, CORRAL_EXT_HOST_PROCESS, "start", body,
        HostRequest { status, result, descriptors in
            let pipes = takeOnly(3, of: descriptors, status)
            started(argument, status, result, pipes?[0] ?? -1, pipes?[1] ?? -1, pipes?[2] ?? -1)
        })
}

private func waitForProcess(
    _ call: corral_call, _ process: UInt64, _ completion: @escaping corral_process_completion,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(completion), let number = Int64(exactly: process) else { return CORRAL_INVALID }
    return startRequest(
        call, CORRAL_EXT_HOST_PROCESS, "wait", ["process": .int(number)], answering(completion, argument))
}

private func stopProcess(_ call: corral_call, _ process: UInt64) -> corral_status {
    guard let number = Int64(exactly: process) else { return CORRAL_INVALID }
    return startRequest(
        call, CORRAL_EXT_HOST_PROCESS, "stop", ["process": .int(number)],
        HostRequest { _, _, descriptors in closeAll(descriptors) })
}

private func runProcess(
    _ call: corral_call, _ request: corral_slice, _ completion: @escaping corral_process_completion,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    guard isSet(completion), let body = request.bytes else { return CORRAL_INVALID }
    return startRequest(call, CORRAL_EXT_HOST_PROCESS, "run", body, answering(completion, argument))
}

private func answering(
    _ completion: @escaping corral_process_completion, _ argument: UnsafeMutableRawPointer?
) -> HostRequest {
    HostRequest { status, result, descriptors in
        closeAll(descriptors)
        completion(argument, status, result)
    }
}
