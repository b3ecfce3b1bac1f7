// SPDX-License-Identifier: Apache-2.0
// InstalledMemory: the memory backend as the tenant has it: the plugin that the configuration names, or the only one.

import CorralBase
import CorralCatalog
import CorralPipeline
import CorralServices
import Synchronization

extension Limits {
    /// One request to a memory backend. A search over a million entries takes a second.
    package static let memoryTimeout: Duration = .seconds(30)
    /// Between two sweeps of what is past its time. Nobody sees it before either.
    package static let memorySweepNanoseconds: UInt64 = 3_600_000_000_000
    /// A command that opens a tenant for a moment starts no backend for it.
    package static let memoryFirstSweepNanoseconds: UInt64 = 60_000_000_000
}

/// The settings of a tenant's memory, in force now; read wherever a request is answered.
final class MemorySettingsNow: Sendable {
    private let state: Mutex<MemorySettings>

    init(_ settings: MemorySettings) { state = Mutex(settings) }

    var value: MemorySettings { state.withLock { $0 } }
    func set(_ settings: MemorySettings) { state.withLock { $0 = settings } }
}

/// What the runtime keeps of its memory.
struct TenantMemory: Sendable {
    let access: MemoryAccess
    let backend: InstalledMemory
    let settings: MemorySettingsNow

    init(
        _ infrastructure: InfrastructureCalls, _ catalogue: GrantedCatalogue, _ settings: MemorySettings,
        _ clock: any HostClock, redact: @escaping @Sendable ([String]) async -> [String]
    ) {
        let now = MemorySettingsNow(settings)
        backend = InstalledMemory(infrastructure: infrastructure, catalogue: catalogue, settings: now)
        self.settings = now
        access = MemoryAccess(backend: backend, settings: { now.value }, redact: redact, clock: clock)
    }
}

struct InstalledMemory: MemoryBackend {
    let infrastructure: InfrastructureCalls
    let catalogue: GrantedCatalogue
    let settings: MemorySettingsNow

    func plugin() throws(CorralError) -> PluginID {
        let installed = catalogue.snapshot().providers(of: .memory).map(\.id)
        let named = settings.value.backend
        if let named {
            if let found = installed.first(where: { $0.text == named }) { return found }
        } else if installed.count == 1 {
            return installed[0]
        }
        throw .memoryBackendMissing(named: named, installed: installed.map(\.text))
    }

    func ask(_ method: MemoryMethod, _ body: JSONObject, for call: Call?) async throws(CallFailure) -> JSON {
        let plugin: PluginID
        do throws(CorralError) { plugin = try self.plugin() } catch { throw CallFailure(error) }
        return try await infrastructure.call(
            .memory, plugin: plugin, method: method.rawValue, body: body,
            about: call.map { InfrastructureCalls.Subject($0) } ?? .tenant, timeout: Limits.memoryTimeout)
    }
}
