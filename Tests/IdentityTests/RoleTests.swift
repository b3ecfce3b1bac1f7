// SPDX-License-Identifier: Apache-2.0
// RoleTests: what each role includes, where it holds, and what a refusal says.

import CorralBase
import CorralIdentity
import Testing

@Suite struct RoleTests {
    private let acme: TenantID
    private let globex: TenantID

    init() throws {
        acme = try TenantID("acme")
        globex = try TenantID("globex")
    }

    private func principal(_ grants: RoleGrant...) -> Principal {
        Principal(name: "ann", credential: .user(1000), grants: Set(grants))
    }

    @Test(arguments: ["operator", "tenant-admin", "developer", "viewer", "reviewer:risk_officer"])
    func aRoleSurvivesItsText(_ text: String) throws {
        #expect(try Role(text).text == text)
    }

    @Test(arguments: ["", "admin", "Operator", "reviewer", "reviewer:", "reviewer:a b", "reviewer:-x"])
    func whatIsNoRoleIsRefused(_ text: String) {
        #expect(throws: CorralError.self) { try Role(text) }
        do {
            _ = try Role(text)
        } catch {
            #expect(error.code == .roleUnknown && error.hint?.contains("tenant-admin") == true)
        }
    }

    /// Each row: a role for the whole host, and what it may do in a tenant: view, review, develop, administer, and of the
    /// host: watch, operate.
    @Test(arguments: [
        ("operator", [true, true, true, true, true, true]), ("tenant-admin", [true, true, true, true, true, false]),
        ("developer", [true, false, true, false, true, false]), ("viewer", [true, false, false, false, true, false]),
        ("reviewer:risk", [true, true, false, false, true, false]),
        ("reviewer:other", [true, false, false, false, true, false]),
    ])
    func rolesIncludeThoseBelow(_ role: String, _ expected: [Bool]) throws {
        let somebody = principal(try RoleGrant(Role(role)))
        let rights: [Right] = [.view(acme), .review(acme, "risk"), .develop(acme), .administer(acme), .watch, .operate]
        #expect(rights.map { somebody.may($0) } == expected)
        #expect(somebody.may(.takePart))
    }

    @Test func aRoleInATenantHoldsThereAndNowhereElse() throws {
        let admin = principal(try RoleGrant(.tenantAdmin, tenant: acme), try RoleGrant(.viewer, tenant: globex))
        #expect(admin.may(.administer(acme)) && admin.may(.develop(acme)) && admin.may(.view(globex)))
        #expect(!admin.may(.develop(globex)) && !admin.may(.view(.standard)) && !admin.may(.watch))
        #expect(!admin.may(.operate))
    }

    @Test func nobodyIsOperatorOfOneTenant() throws {
        #expect(throws: CorralError.self) { try RoleGrant(.operator, tenant: acme) }
    }

    @Test func whoHasNoRoleMayNothing() {
        let rights: [Right] = [.takePart, .view(acme), .develop(acme), .administer(acme), .watch, .operate]
        #expect(rights.allSatisfy { !principal().may($0) && !Principal(unknown: .user(7)).may($0) })
        #expect(!Principal(name: "x", credential: .other("key:1"), grants: []).may(.takePart))
    }

    @Test func aRefusalNamesWhoWhatAndTheCommandThatHelps() throws {
        do {
            try Right.develop(acme).require(of: principal(), for: "run.start")
            Issue.record("allowed")
        } catch {
            #expect(error.code == .authorityMissing)
            #expect(
                error.message
                    == #""ann" (uid:1000) may not run.start in tenant "acme": that needs the role developer"#)
            #expect(error.hint?.hasSuffix("corral user role grant ann developer --tenant acme") == true)
        }
        do {
            try Right.operate.require(of: Principal(unknown: .user(1007)), for: "host.stop")
            Issue.record("allowed")
        } catch {
            #expect(error.message.contains(#""uid:1007" may not host.stop for the whole host"#))
            #expect(error.hint?.hasSuffix("corral user add NAME --uid 1007 --role operator") == true)
        }
    }

    @Test func credentialsOfKindsToComeProveNothing() {
        #expect(Credential("uid:12") == .user(12) && Credential("uid:12").text == "uid:12")
        #expect(Credential("uid:-1") == .other("uid:-1") && Credential("key:7") == .other("key:7"))
    }
}

@Suite struct AuditEntryTests {
    @Test func anEntrySurvivesItsText() throws {
        let draft = AuditDraft(
            actor: "ann", credential: "uid:1", action: "tenant.set", outcome: .failed, tenant: try TenantID("acme"),
            subject: "a \"quoted\" ☃", detail: ["b": [1, nil], "a": "x"])
        let entry = AuditEntry(sequence: 7, at: 1_700_000_000_000_000_001, draft: draft)
        #expect(AuditEntry(entry.text) == entry)
        let bare = AuditEntry(sequence: 1, at: 2, draft: AuditDraft(action: "x", outcome: .noticed))
        #expect(AuditEntry(bare.text) == bare && bare.draft.actor == "host")
        #expect(AuditEntry("{}") == nil && AuditEntry("") == nil)
    }

    @Test(arguments: [
        "", "1", "1:", "x:" + String(repeating: "0", count: 64), "1:" + String(repeating: "G", count: 64),
    ])
    func whatIsNoHeadIsRefused(_ text: String) {
        #expect(throws: CorralError.self) { try AuditHead(text) }
    }
}
