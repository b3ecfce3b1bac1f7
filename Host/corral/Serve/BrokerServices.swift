// SPDX-License-Identifier: Apache-2.0
// BrokerServices: the broker and the vault as the host services see them.

import CorralBase
import CorralBroker
import CorralServices
import CorralWire

extension BrokerClient: Connector {
    package func connect(
        _ endpoint: Endpoint, timeout: Duration, tenant: TenantID
    ) async throws(CorralError) -> OwnedDescriptor {
        try await connect(
            host: endpoint.host, port: endpoint.port, isInternal: endpoint.isInternal, timeout: timeout, tenant: tenant)
    }
}

extension SecretVault: SecretSource {}
