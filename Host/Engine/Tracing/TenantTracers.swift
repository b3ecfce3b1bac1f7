// SPDX-License-Identifier: Apache-2.0
// TenantTracers: the exporter of a tenant, which sends to the tracer plugins as the tenant's catalogue has them.

import CorralBase
import CorralControl
import CorralPipeline
import CorralSupervision

extension SpanExporter {
    /// One that sends to the tenant's tracer plugins.
    init(tenant: TenantID, _ lane: Lane, _ infrastructure: InfrastructureCalls, _ catalogue: GrantedCatalogue) {
        self.init(
            source: SpanSource(tenant: tenant.text, version: corralVersion), executor: lane,
            seams: Seams(
                export: { tracer, body async throws(CorralPipeline.CallFailure) in
                    try await infrastructure.call(
                        .tracer, plugin: tracer, method: "export", bytes: body, timeout: Limits.spanExportTimeout
                    ).value
                },
                installed: { catalogue.snapshot().providers(of: .tracer).map(\.id) },
                after: { nanoseconds, body in _ = lane.after(nanoseconds: nanoseconds, body) }))
    }
}
