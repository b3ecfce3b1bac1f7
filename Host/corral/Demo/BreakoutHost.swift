// SPDX-License-Identifier: Apache-2.0
// BreakoutHost: a host of the demonstration's own, in its throw-away home, with the attacker and the neighbour in it.

import CorralBase
import CorralControl
import CorralHome
import Glibc

final class BreakoutHost {
    /// The attacker's connection, and the neighbour's own, so that it can ask while an attempt runs.
    let attacker: ControlClient
    let bystander: ControlClient
    let status: HostStatus
    static let plugin = "corral/breakout"

    /// - Parameter level: exactly this isolation; nil = the best there is.
    /// - Throws: why the host does not start.
    init(_ arena: BreakoutArena, level: IsolationLevel?) throws {
        try HostLauncher(home: arena.home, level: level).launch()
        attacker = try HostConnection.existing(arena.home)
        bystander = try HostConnection.existing(arena.home)
        status = try Self.ask(attacker)
        for tenant in [BreakoutArena.attacker, BreakoutArena.neighbour] {
            _ = try attacker.perform(.tenantAdd(TenantChangeRequest(tenant: try TenantID(tenant))))
        }
    }

    /// As it is now, with the workers that run.
    func currentStatus() throws -> HostStatus { try Self.ask(attacker) }

    private static func ask(_ client: ControlClient) throws -> HostStatus {
        guard case .status(let status) = try client.perform(.hostStatus) else { throw CorralError.unexpectedReply() }
        return status
    }

    /// A call of a tenant's that must be answered: what the plugin can attempt.
    /// - Throws: the call's error; `tenant_not_served` without an answer within a time far beyond what any machine needs.
    func list(_ tenant: String, over client: ControlClient) throws -> [BreakoutAttempt] {
        let request = StartRunRequest(
            tenant: try TenantID(tenant), target: .agent(try PluginID(Self.plugin)), mode: Durability.exit.rawValue)
        try client.send(.startRun(request))
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            guard case .reply(let reply) = try client.next(timeoutMilliseconds: 200) else { continue }
            guard case .runFinished(let end) = reply else { throw CorralError.unexpectedReply() }
            if let error = end.error { throw error }
            return (end.output?.value["attempts"]?.arrayValue ?? []).compactMap(BreakoutAttempt.init)
        }
        throw CorralError.tenantNotServed(tenant)
    }

    /// Asks the host to end and waits until it has.
    func stop() {
        _ = try? attacker.perform(.hostStop)
        for _ in 0..<500 where kill(status.pid, 0) == 0 { poll(nil, 0, 10) }
    }
}
