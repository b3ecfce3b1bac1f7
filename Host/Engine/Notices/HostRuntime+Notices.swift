// SPDX-License-Identifier: Apache-2.0
// HostRuntime+Notices: the answers to `corral notify …`, and the tenants that an earlier host left with news to bring.

import CorralBase
import CorralControl
import CorralStore

extension HostRuntime {
    func notifyList(_ request: NotifyListRequest) async throws -> NotifyListing {
        let courier = try await tenant(request.tenant).courier
        let state = request.state.flatMap(StoredDelivery.State.init(rawValue:))
        let deliveries = try await courier.list(
            state: state, channel: request.channel, limit: max(1, min(1_000, request.limit)))
        let channels = try await courier.channels().map { channel, stoppedAt, waiting in
            ChannelDetail(
                name: channel.name, plugin: channel.plugin.text, stoppedAt: stoppedAt, waiting: waiting,
                problem: channel.problem)
        }
        return NotifyListing(
            channels: channels, deliveries: deliveries.map(DeliveryDetail.init), dropped: await courier.dropped)
    }

    func notifyShow(_ request: NotifyReference) async throws -> DeliveryDetail {
        DeliveryDetail(try await tenant(request.tenant).courier.find(request.delivery))
    }

    func notifyRetry(_ request: NotifyReference) async throws -> DeliveryDetail {
        try await refreshSettings(of: request.tenant)
        return DeliveryDetail(try await tenant(request.tenant).courier.retry(request.delivery))
    }

    /// Returns after the first attempt.
    func notifyTest(_ request: NotifyChannelRequest) async throws -> DeliveryDetail {
        let runtime = try await tenant(request.tenant)
        try await refreshSettings(of: request.tenant)
        await catalogue.refresh(request.tenant)
        return DeliveryDetail(try await runtime.courier.test(request.channel))
    }

    /// Tenants are opened when somebody asks for them; those with news to bring are opened by a host that stays.
    package func openWaitingTenants() async {
        guard let known = try? await store.tenants() else { return }
        for tenant in known where CourierMark(home: options.home, tenant: tenant.id).isSet {
            do { _ = try await self.tenant(tenant.id) } catch {
                log.warning("\(error)", metadata: ["tenant": "\(tenant.id)"])
            }
        }
    }

    /// Steps that are being judged and news that are being sent, in all tenants: an ephemeral host leaves after them.
    package func isFinishingUp() async -> Bool {
        for tenant in await openTenants() {
            if await tenant.judges.isBusy { return true }
            if await tenant.courier.isBusy { return true }
        }
        return false
    }
}

extension DeliveryDetail {
    init(_ delivery: StoredDelivery) {
        self.init(
            id: delivery.id, channel: delivery.channel, plugin: delivery.plugin, topic: delivery.topic,
            severity: delivery.severity, run: delivery.run, title: delivery.title, text: delivery.text,
            data: delivery.data, state: delivery.state.rawValue, createdAt: delivery.createdAt, nextAt: delivery.nextAt,
            finishedAt: delivery.finishedAt,
            attempts: delivery.attempts.map {
                Attempt(at: $0.at, tookNanoseconds: $0.tookNanoseconds, error: $0.error, detail: $0.detail)
            })
    }
}
