// SPDX-License-Identifier: Apache-2.0
// HostServiceTable: the vtables of the host services, and which of them the grants of this worker's plugins open. It is a
// courtesy to authors: the host checks every request again.

import CCorral
import CorralBase

final class HostServiceTable: @unchecked Sendable {
    // Unchecked: `opened` is touched only while `monitor` is held; the vtables never change.
    private let vtables: [String: UnsafeRawPointer]
    private let monitor = Monitor()
    /// Tools need no grant to be asked for: the host knows the names.
    private var opened: Set<String> = [CORRAL_EXT_HOST_TOOL]

    init() {
        vtables = [
            CORRAL_EXT_HOST_TOOL: UnsafeRawPointer(makeToolService()),
            CORRAL_EXT_HOST_HTTP: UnsafeRawPointer(makeHTTPService()),
            CORRAL_EXT_HOST_CONNECT: UnsafeRawPointer(makeConnectService()),
            CORRAL_EXT_HOST_PROCESS: UnsafeRawPointer(makeProcessService()),
            CORRAL_EXT_HOST_SECRET: UnsafeRawPointer(makeSecretService()),
        ]
    }

    /// A plugin with these grants is about to be loaded. All plugins of a worker have the same.
    func open(_ services: [String]) { monitor.withLock { opened.formUnion(services) } }

    func find(_ id: String) -> UnsafeRawPointer? { monitor.withLock { opened.contains(id) ? vtables[id] : nil } }
}
