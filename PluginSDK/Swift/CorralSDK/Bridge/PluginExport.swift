// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A plugin as the host sees it: the C structs, and behind their `instance` this object. It lives as long as the
/// process, because the host may call at any time and libraries are never unloaded.
final class PluginExport: @unchecked Sendable {
    // Invariant: `host`, `activation` and `live` are set once, on the loading thread, before the host can make a call.
    private let card: PluginCard
    private let agent: AgentExport?
    private let tools: [Tool]
    private let kind: KindExport?
    private var host: HostFunctions?
    private var activation: Activation?
    private var live: KindExport.Live?
    private let calls = Mutex<[corral_call: LiveCall]>([:])

    init(card: PluginCard, agent: AgentExport? = nil, tools: [Tool] = [], kind: KindExport? = nil) {
        self.card = card
        self.agent = agent
        self.tools = tools
        self.kind = kind
    }

    /// The descriptor for a host that speaks this ABI and declarations without faults; nil otherwise.
    func descriptor(for table: UnsafePointer<corral_host>) -> UnsafePointer<corral_plugin>? {
        let host = HostFunctions(table: table)
        guard speaksThisABI(host), declaresWell(host) else { return nil }
        self.host = host
        warnOfGaps(host)
        guard let manifest = manifest(host) else { return nil }
        let plugin = UnsafeMutablePointer<corral_plugin>.allocate(capacity: 1)
        var value = corral_plugin(manifest: manifest, instance: Unmanaged.passRetained(self).toOpaque())
        value.struct_size = UInt32(MemoryLayout<corral_plugin>.size)
        value.abi_major = UInt16(CORRAL_ABI_MAJOR)
        value.abi_minor = UInt16(CORRAL_ABI_MINOR)
        plugin.initialize(to: value)
        return UnsafePointer(plugin)
    }

    /// While the ABI is a draft a shorter struct is another ABI. Only the first members are read to find out.
    private func speaksThisABI(_ host: HostFunctions) -> Bool {
        guard Int(host.table.pointee.struct_size) >= MemoryLayout<corral_host>.size else { return false }
        guard host.table.pointee.abi_major == UInt16(CORRAL_ABI_MAJOR) else {
            let theirs = host.table.pointee.abi_major
            host.log(CORRAL_NO_CALL, .error, "\(card.id) speaks ABI \(CORRAL_ABI_MAJOR), the host speaks \(theirs)")
            return false
        }
        return true
    }

    private func declaresWell(_ host: HostFunctions) -> Bool {
        let faults = Manifest.faults(card: card, agent: agent, tools: tools, kind: kind)
        for fault in faults { host.log(CORRAL_NO_CALL, .error, fault) }
        return faults.isEmpty
    }

    private func warnOfGaps(_ host: HostFunctions) {
        let schemas = [agent?.input, agent?.output].compactMap(\.self) + tools.flatMap { [$0.input, $0.output] }
        for gap in schemas.flatMap(\.gaps) { host.log(CORRAL_NO_CALL, .warning, "\(card.id): \(gap)") }
    }

    private func manifest(_ host: HostFunctions) -> corral_slice? {
        do {
            let bytes = try JSONWriter.bytes(
                of: Manifest(card: card, agent: agent, tools: tools, kind: kind), named: "manifest")
            let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
            _ = memory.initialize(from: bytes)
            return corral_slice(data: UnsafePointer(memory.baseAddress), size: bytes.count)
        } catch {
            host.log(CORRAL_NO_CALL, .error, "\(card.id): \(error)")
            return nil
        }
    }

    func provides(_ id: String) -> Bool {
        (id == CORRAL_EXT_AGENT && agent != nil) || (id == CORRAL_EXT_TOOL && !tools.isEmpty) || id == kind?.id
    }

    /// On the loading thread, before the first call.
    func activate(_ configuration: corral_slice) -> corral_status {
        guard let host else { return CORRAL_FAILED }
        do {
            let activation = try Activation(
                configuration.size == 0 ? Array("{}".utf8) : configuration.bytes, host: host)
            self.activation = activation
            live = try kind?.activate(activation)
            return CORRAL_OK
        } catch let error as AgentError {
            host.log(CORRAL_NO_CALL, .error, "\(card.id): \(error.message)")
        } catch {
            host.log(CORRAL_NO_CALL, .error, "\(card.id): \(error)")
        }
        return CORRAL_FAILED
    }

    /// On the loading thread, after the last call.
    func deactivate() {
        live?.deactivate()
    }

    func runKind(_ method: String, _ handle: corral_call, _ request: UnsafePointer<corral_request>) -> corral_status {
        guard let work = live?.functions[method] else { return CORRAL_UNSUPPORTED }
        return start(work, handle, request)
    }

    func runAgent(_ handle: corral_call, _ request: UnsafePointer<corral_request>) -> corral_status {
        guard let agent else { return CORRAL_UNSUPPORTED }
        return start(agent.work, handle, request)
    }

    func callTool(_ name: String, _ handle: corral_call, _ request: UnsafePointer<corral_request>) -> corral_status {
        guard let tool = tools.first(where: { $0.name == name }) else { return CORRAL_UNSUPPORTED }
        return start(tool.work, handle, request)
    }

    private func start(
        _ work: @escaping CallWork, _ handle: corral_call, _ pointer: UnsafePointer<corral_request>
    ) -> corral_status {
        guard let host else { return CORRAL_FAILED }
        let request = corral_request(copying: pointer)
        let call = LiveCall(host: host, handle: handle, deadlineNanoseconds: request.deadline_ns)
        calls.withLock { $0[handle] = call }
        call.start(work, input: CallInput(request.body), context: AgentContext(call, request, activation)) {
            self.calls.withLock { $0[handle] = nil }
        }
        // The callback finds the call by its handle, so it does not matter whether the call is over by then.
        _ = host.table.pointee.on_cancel(handle, callCancelled, Unmanaged.passUnretained(self).toOpaque())
        return CORRAL_PENDING
    }

    func cancel(_ handle: corral_call) {
        calls.withLock { $0[handle] }?.cancel()
    }
}

extension corral_request {
    /// Members that a shorter, older host does not have stay zero.
    fileprivate init(copying pointer: UnsafePointer<corral_request>) {
        self.init()
        let size = min(Int(pointer.pointee.struct_size), MemoryLayout<corral_request>.size)
        withUnsafeMutableBytes(of: &self) { $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: size)) }
    }
}

extension AgentContext {
    fileprivate init(_ call: LiveCall, _ request: corral_request, _ activation: Activation?) {
        self.call = call
        stated = activation
        user = request.user.statedText
        feature = request.feature.statedText
        session = request.session.statedText
        taskType = request.task_type.statedText
        complexity = request.complexity.statedText
        idempotencyKey = request.idempotency_key.statedText
        depth = Int(request.depth)
    }
}
