// SPDX-License-Identifier: Apache-2.0
// TenantRuntime+Memory: what people do with a tenant's memory, and the sweep of what is past its time.

import CorralBase
import CorralControl
import CorralPipeline
import CorralServices
import CorralStore
import CorralSupervision

extension TenantRuntime {
    /// - Parameter user: who asks; the author of what is put.
    /// - Throws: `memory_off`, `memory_backend_missing`, `service_request_invalid`, the backend's errors.
    func remember(_ request: MemoryRequest, user: String?) async throws -> JSON {
        guard let method = MemoryMethod(rawValue: request.method) else {
            throw CorralError.requestNotUnderstood("memory has no method \"\(request.method.prefix(40))\"")
        }
        var asker = MemoryAsker(agent: request.agent, session: request.session, user: user)
        asker.isOperator = true
        var arguments = request.arguments.value.objectValue ?? JSONObject()
        arguments["scope"] = request.scope.map { .string($0) }
        do throws(CorralPipeline.CallFailure) {
            return try await memory.access.ask(method, .object(arguments), asker, for: nil).0
        } catch { throw error.error }
    }

    /// Sweeps after a while and then every hour, as long as the runtime lives. Nothing starts a worker where nothing was
    /// remembered.
    func sweepMemory(after nanoseconds: UInt64) {
        _ = lane.after(nanoseconds: nanoseconds) { [weak self] in
            // Not structured: a sweep belongs to no request.
            Task { await self?.sweepMemory() }
        }
    }

    private func sweepMemory() async {
        defer { sweepMemory(after: Limits.memorySweepNanoseconds) }
        guard settings.memory.isEnabled, hasMemory else { return }
        do throws(CorralPipeline.CallFailure) {
            let count = try await memory.access.sweep()
            if count > 0 { log.info("forgot \(count) expired entries of memory", metadata: ["tenant": "\(tenant)"]) }
        } catch {
            log.warning("cannot sweep memory: \(error.error.message)", metadata: ["tenant": "\(tenant)"])
        }
    }

    /// Whether the backend's folder is there: it is made with its first worker.
    private var hasMemory: Bool {
        guard let plugin = try? memory.backend.plugin() else { return false }
        return StorageScan.measure("\(folder)/storage/\(plugin.text)", filesMax: 1).files > 0
    }
}
