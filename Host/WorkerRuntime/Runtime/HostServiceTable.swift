// SPDX-License-Identifier: Apache-2.0
// HostServiceTable: the vtables of the host services, and which of them the grants of this worker's plugins open. It is a
// courtesy to authors: the host checks every request again.

import CCorral
import CorralBase

final class HostServiceTable: @unchecked Sendable {
    // Unchecked: `opened` and `folder` are touched only while `monitor` is held; the vtables never change.
    private let vtables: [String: UnsafeRawPointer]
    private let monitor = Monitor()
    /// Tools and prompts need no grant to be asked for: the host knows the names.
    private var opened: Set<String> = [CORRAL_EXT_HOST_TOOL, CORRAL_EXT_HOST_PROMPT]

    init() {
        vtables = [
            CORRAL_EXT_HOST_TOOL: UnsafeRawPointer(makeToolService()),
            CORRAL_EXT_HOST_HTTP: UnsafeRawPointer(makeHTTPService()),
            CORRAL_EXT_HOST_SMTP: UnsafeRawPointer(makeMailService()),
            CORRAL_EXT_HOST_CONNECT: UnsafeRawPointer(makeConnectService()),
            CORRAL_EXT_HOST_PROCESS: UnsafeRawPointer(makeProcessService()),
            CORRAL_EXT_HOST_SECRET: UnsafeRawPointer(makeSecretService()),
            CORRAL_EXT_HOST_MEMORY: UnsafeRawPointer(makeMemoryService()),
            CORRAL_EXT_HOST_PROMPT: UnsafeRawPointer(makePromptService()),
            CORRAL_EXT_HOST_STORAGE: UnsafeRawPointer(makeStorageService()),
        ]
    }

    /// The path of the folder that the worker's one plugin with storage has; never freed.
    private var folder = corral_slice(data: nil, size: 0)

    /// A plugin with these grants is about to be loaded. All plugins of a worker have the same, and one with a folder is
    /// alone.
    func open(_ services: [String], storage: String) {
        let path = Array(storage.utf8)
        monitor.withLock {
            opened.formUnion(services)
            guard !path.isEmpty, folder.size == 0 else { return }
            let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: path.count)
            _ = memory.initialize(from: path)
            folder = corral_slice(data: UnsafePointer(memory.baseAddress), size: path.count)
        }
    }

    var storage: corral_slice { monitor.withLock { folder } }

    func find(_ id: String) -> UnsafeRawPointer? { monitor.withLock { opened.contains(id) ? vtables[id] : nil } }
}
