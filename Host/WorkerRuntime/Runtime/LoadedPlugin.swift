// SPDX-License-Identifier: Apache-2.0
// LoadedPlugin: a library that takes calls: its vtables, or its native functions.

import CCorral
import CorralBase
import CorralWire
import CorralWorkerShim
import Glibc

/// Vtables are static for the life of the process and libraries are never unloaded, so no pointer here can dangle.
final class LoadedPlugin: @unchecked Sendable {
    // Unchecked: immutable once made.
    let number: UInt32
    let descriptor: UnsafePointer<corral_plugin>?
    let agent: UnsafePointer<corral_agent>?
    let tool: UnsafePointer<corral_tool>?
    let kinds: KindTables
    let natives: NativeTools?

    init(
        number: UInt32, descriptor: UnsafePointer<corral_plugin>? = nil, agent: UnsafePointer<corral_agent>? = nil,
        tool: UnsafePointer<corral_tool>? = nil, kinds: KindTables = .none, natives: NativeTools? = nil
    ) {
        self.number = number
        self.descriptor = descriptor
        self.agent = agent
        self.tool = tool
        self.kinds = kinds
        self.natives = natives
    }

    /// Runs the plugin's function for a call. On a crew thread, with no lock held.
    func run(_ slot: CallSlot, _ handle: corral_call, _ memory: RequestMemory) -> corral_status {
        let instance = descriptor?.pointee.instance
        switch memory.target {
        case .agent:
            guard let agent else { return refuse(slot, handle, "has no agent") }
            return agent.pointee.run(instance, handle, memory.request)
        case .tool:
            guard let tool else { return refuse(slot, handle, "has no tools") }
            return tool.pointee.call(instance, handle, memory.method, memory.request)
        case .native:
            guard let natives else { return refuse(slot, handle, "has no native functions") }
            return natives.run(slot, handle, memory)
        case .memory, .scanner, .judge, .notifier, .tracer:
            guard let function = kinds.function(memory.target, memory.method) else {
                return refuse(slot, handle, "has no such function of the kind \(memory.target)")
            }
            return function(instance, handle, memory.request)
        }
    }

    /// Calls the plugin's `deactivate`; on the loading thread, after its last call.
    func deactivate() {
        guard let descriptor, let deactivate = descriptor.pointee.deactivate else { return }
        corral_thread_set(number, 0)
        deactivate(descriptor.pointee.instance)
        corral_thread_set(CORRAL_NO_PLUGIN, 0)
    }

    private func refuse(_ slot: CallSlot, _ handle: corral_call, _ reason: String) -> corral_status {
        slot.fail(handle, CompleteMessage.Failure(code: "unsupported", message: "the plugin \(reason)"))
        return CORRAL_UNSUPPORTED
    }
}

extension CallSlot {
    /// States why the call is about to fail, in the worker's own words.
    func fail(_ handle: corral_call, _ failure: CompleteMessage.Failure) {
        monitor.withLock { if live.load(ordering: .relaxed) == handle { facts.setFailure(failure) } }
    }
}
