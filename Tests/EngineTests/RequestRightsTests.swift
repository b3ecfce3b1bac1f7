// SPDX-License-Identifier: Apache-2.0
// RequestRightsTests: every request there is has its row in the table of rights, in the documentation too, and what it
// needs is refused to whoever has less.

import CorralBase
import CorralControl
import CorralIdentity
import Foundation
import Testing

@testable import CorralEngine

@Suite struct RequestRightsTests {
    private static let acme: TenantID = .standard
    private static let reference = RunReference(tenant: acme, run: "last")
    private static let prompt = PromptReference(tenant: acme, name: "a/b.c")

    /// One of each verb. A new verb without one fails the first test.
    static let samples: [ControlRequest] = [
        .startRun(StartRunRequest(tenant: acme, target: .flow(file: "f", text: "t"))),
        .runsList(RunsListRequest(tenant: acme)), .runShow(RunShowRequest(reference)),
        .runResume(RunResumeRequest(reference)), .runCancel(RunCancelRequest(reference, reason: "r")),
        .runFollow(reference), .artifactOpen(ArtifactOpenRequest(tenant: acme, sha256: "a")),
        .pluginList(PluginListRequest(tenant: acme)), .pluginShow(PluginShowRequest(tenant: acme, id: "a/b")),
        .pluginRelease(PluginReleaseRequest(tenant: acme, id: "a/b")), .hostStatus, .hostStop,
        .flowCheck(FlowCheckRequest(tenant: acme, file: "f", text: "t")),
        .memoryRead(MemoryRequest(tenant: acme, method: "list", arguments: [:])),
        .memoryWrite(MemoryRequest(tenant: acme, method: "forget", arguments: ["all": true])),
        .tenantAdd(TenantChangeRequest(tenant: acme)), .tenantList, .tenantShow(TenantRequest(tenant: acme)),
        .tenantSet(TenantChangeRequest(tenant: acme)), .tenantUsage(TenantUsageRequest(tenant: acme)),
        .tenantRemove(TenantRemoveRequest(tenant: acme)),
        .notifyList(NotifyListRequest(tenant: acme)), .notifyShow(NotifyReference(tenant: acme, delivery: "msg_1")),
        .notifyRetry(NotifyReference(tenant: acme, delivery: "msg_1")),
        .notifyTest(NotifyChannelRequest(tenant: acme, channel: "ops")),
        .userAdd(UserAddRequest(name: "ann", credential: .user(1))), .userList(UserListRequest(tenant: acme)),
        .userGrant(UserRoleRequest(name: "ann", grant: inAcme)),
        .userRevoke(UserRoleRequest(name: "ann", grant: inAcme)),
        .userRemove(UserRequest(name: "ann")), .auditList(AuditFilter(tenant: acme)),
        .auditVerify(AuditVerifyRequest()), .promptList(PromptListRequest(tenant: acme)),
        .promptShow(PromptShowRequest(prompt)), .promptSet(PromptSetRequest(prompt, text: "t")),
        .promptDecide(PromptDecideRequest(prompt, version: 1, label: nil)),
        .promptLabel(PromptLabelRequest(prompt, label: "l", version: 1)),
        .promptRollback(PromptRollbackRequest(prompt, label: "l")),
    ]

    private static var inAcme: RoleGrant {
        guard let grant = try? RoleGrant(.viewer, tenant: acme) else { return .operatorOfHost }
        return grant
    }

    @Test func noVerbIsForgotten() {
        #expect(Set(Self.samples.map(\.kind)) == Set(ControlVerb.allCases))
        #expect(Self.samples.count == ControlVerb.allCases.count)
    }

    /// docs/people.md has a row `| \`verb\` | role | whether the audit log has it |` for each.
    @Test func theDocumentedTableIsTheOneInForce() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/people.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let rows = text.matches(of: /(?m)^\| `([a-z.]+)` \| ([^|]+) \| ([^|]*) \|$/).map {
            "\($0.1) | \($0.2) | \($0.3)"
        }
        let expected = Self.samples.map { request in
            let scope = request.right == .takePart ? "any, filtered" : request.right.role.text
            return "\(request.verb) | \(scope) | \(request.act == nil ? "" : "yes")"
        }
        #expect(rows.sorted() == expected.sorted())
    }

    @Test(arguments: samples)
    func aRequestIsRefusedToWhoeverHasLess(_ request: ControlRequest) throws {
        let ladder: [Role] = [.viewer, .developer, .tenantAdmin, .operator]
        func may(_ role: Role) throws -> Bool {
            Principal(name: "x", credential: .user(1), grants: [try RoleGrant(role)]).may(request.right)
        }
        let allowed = try ladder.map(may)
        let first = try #require(allowed.firstIndex(of: true))
        #expect(allowed[first...].allSatisfy { $0 }, "\(request.verb): a higher role has less")
        var least = request.right == .takePart ? Role.viewer : request.right.role
        // What a reviewer may, of the other roles the tenant's administrator may first.
        if case .reviewer = least { least = .tenantAdmin }
        #expect(ladder[first] == least)
        #expect(!Principal(unknown: .user(1)).may(request.right))
        // A role in another tenant opens nothing here.
        let elsewhere = Principal(
            name: "x", credential: .user(1), grants: [try RoleGrant(.tenantAdmin, tenant: try TenantID("other"))])
        #expect(elsewhere.may(request.right) == (request.right == .takePart))
    }

    @Test func theWholeHostsRolesAreTheOperatorsToGrant() throws {
        #expect(ControlRequest.userGrant(UserRoleRequest(name: "a", grant: .operatorOfHost)).right == .operate)
        #expect(ControlRequest.auditList(AuditFilter()).right == .operate)
        #expect(ControlRequest.tenantUsage(TenantUsageRequest()).right == .takePart)
    }

    @Test func whoProposesAPromptDoesNotApproveIt() throws {
        let developer = Principal(name: "x", credential: .user(1), grants: [try RoleGrant(.developer)])
        let reviewer = Principal(name: "y", credential: .user(2), grants: [try RoleGrant(.reviewer("prompts"))])
        let other = Principal(name: "z", credential: .user(3), grants: [try RoleGrant(.reviewer("risk"))])
        let proposal = ControlRequest.promptSet(PromptSetRequest(Self.prompt, text: "t"))
        // The settings could approve what comes from feedback, so not everybody may say that it does.
        let claimed = ControlRequest.promptSet(PromptSetRequest(Self.prompt, text: "t", source: .review))
        let approved = ControlRequest.promptSet(PromptSetRequest(Self.prompt, text: "t", approvedAs: "production"))
        let decision = ControlRequest.promptDecide(PromptDecideRequest(Self.prompt, version: 1, label: "production"))
        #expect(
            [proposal, claimed, approved, decision].map { developer.may($0.right) } == [true, false, false, false])
        #expect([proposal, claimed, approved, decision].map { reviewer.may($0.right) } == [false, true, true, true])
        #expect([proposal, claimed, approved, decision].allSatisfy { !other.may($0.right) })
    }

    @Test func settingsThatMayBeKeysAreNotRecorded() throws {
        let change = ControlRequest.tenantSet(
            TenantChangeRequest(
                tenant: Self.acme,
                set: [
                    .init(path: "a", value: "100"), .init(path: "b", value: "sk-ant-0123456789"),
                    .init(path: "c", value: "4111111111111111"), .init(path: "d", value: "strict"),
                    .init(path: "e", value: "1.5h"),
                ], unset: ["f"]))
        let detail = try #require(change.act?.detail)
        #expect(detail == ["a": "100", "b": "…", "c": "…", "d": "strict", "e": "1.5h", "f": nil])
    }
}

@Suite struct RefusalCountTests {
    @Test func whoAsksInVainAThousandTimesWritesOneEntryAMinute() {
        var counts = RefusalCounts()
        let somebody = Principal(unknown: .user(7))
        let minute: UInt64 = 60_000_000_000
        #expect(counts.count(somebody, .hostStop, nil, now: 0) == 0)
        for time in 1..<1_000 { #expect(counts.count(somebody, .hostStop, nil, now: UInt64(time)) == nil) }
        #expect(counts.count(somebody, .tenantList, nil, now: 5) == 0)
        #expect(counts.count(Principal(unknown: .user(8)), .hostStop, nil, now: 5) == 0)
        #expect(counts.count(somebody, .hostStop, nil, now: minute) == 999)
        #expect(counts.count(somebody, .hostStop, nil, now: 2 * minute) == 0)
    }

    @Test func manyNamesOfTenantsTakeNoMoreRoom() throws {
        var counts = RefusalCounts()
        let somebody = Principal(unknown: .user(7))
        var recorded = 0
        for number in 0..<3_000 {
            let tenant = try TenantID("t\(number)")
            if counts.count(somebody, .runsList, tenant, now: 1) != nil { recorded += 1 }
        }
        #expect(recorded == 1_024)
        #expect(counts.count(somebody, .runsList, try TenantID("later"), now: 61_000_000_000) == 0)
    }
}
