// SPDX-License-Identifier: Apache-2.0
// CodingTests: every message survives its way through the socket's JSON, values of people included.

import CorralBase
import CorralControl
import CorralIdentity
import Testing

@Suite struct CodingTests {
    private let reference = RunReference(tenant: .standard, run: "last")
    private let viewer: RoleGrant

    init() throws { viewer = try RoleGrant(.viewer, tenant: .standard) }

    @Test func requestsSurviveTheirPayload() throws {
        let value: JSON = ["b": 1, "a": [1.0, nil, true, "x"]]
        let requests: [ControlRequest] = [
            .startRun(
                StartRunRequest(
                    target: .flow(file: "flow.yaml", text: "flow: x\n"),
                    inputs: [
                        "value": .value(JSONText(value)),
                        "prices": .file(descriptor: 0, name: "p.csv", mediaType: "text/csv"),
                    ], user: "ann", feature: "f", session: "s", labels: ["k": "v"], mode: "sync",
                    idempotencyKey: "once")),
            .startRun(StartRunRequest(target: .agent(try PluginID("acme/greeter")), follows: false)),
            .runsList(RunsListRequest(state: .failed, flow: "x", limit: 5)),
            .runShow(RunShowRequest(reference, trace: true)),
            .runResume(RunResumeRequest(reference)), .runCancel(RunCancelRequest(reference, reason: "no")),
            .runFollow(reference), .artifactOpen(ArtifactOpenRequest(sha256: "ab")), .pluginList(PluginListRequest()),
            .pluginShow(PluginShowRequest(id: "acme/greeter")),
            .pluginRelease(PluginReleaseRequest(id: "acme/greeter")), .hostStatus, .hostStop,
            .flowCheck(FlowCheckRequest(file: "f", text: "t")),
            .tenantAdd(TenantChangeRequest(tenant: .standard, set: [.init(path: "a", value: "1")], unset: ["b"])),
            .memoryRead(
                MemoryRequest(
                    tenant: .standard, method: "get", scope: "agent", agent: "a/b", session: "s",
                    arguments: ["id": "m1"])),
            .memoryWrite(MemoryRequest(tenant: .standard, method: "put", arguments: ["text": "t"])),
            .tenantList, .tenantShow(TenantRequest(tenant: .standard)),
            .tenantSet(TenantChangeRequest(tenant: .standard)),
            .tenantUsage(TenantUsageRequest()), .tenantUsage(TenantUsageRequest(tenant: .standard)),
            .tenantRemove(TenantRemoveRequest(tenant: .standard, isForced: true, isArchived: false)),
            .notifyList(NotifyListRequest(state: "failed", channel: "ops")),
            .notifyShow(NotifyReference(delivery: "msg_1")), .notifyRetry(NotifyReference(delivery: "msg_1")),
            .notifyTest(NotifyChannelRequest(channel: "ops")),
        ]
        let people: [ControlRequest] = [
            .userAdd(UserAddRequest(name: "ann", credential: .user(7), grant: viewer)),
            .userList(UserListRequest(tenant: .standard)), .userGrant(UserRoleRequest(name: "ann", grant: viewer)),
            .userRevoke(UserRoleRequest(name: "ann", grant: .operatorOfHost)), .userRemove(UserRequest(name: "ann")),
            .auditList(AuditFilter(since: 1, actor: "a", action: "b", tenant: .standard, limit: 3)),
            .auditVerify(AuditVerifyRequest(expected: .start)),
        ]
        let prompt = PromptReference(name: "a/b.c")
        let prompts: [ControlRequest] = [
            .promptList(PromptListRequest(plugin: "a/b")),
            .promptShow(PromptShowRequest(prompt, version: 1, label: "l")),
            .promptSet(PromptSetRequest(prompt, text: "t", note: "n", source: .analysis, approvedAs: "l")),
            .promptDecide(PromptDecideRequest(prompt, version: 1, label: nil)),
            .promptLabel(PromptLabelRequest(prompt, label: "l", version: nil)),
            .promptRollback(PromptRollbackRequest(prompt, label: "l", version: 2)),
        ]
        for request in requests + people + prompts {
            #expect(try ControlRequest(payload: try request.payload(), role: .operator) == request)
        }
    }

    @Test func repliesSurviveTheirPayload() throws {
        let end = RunEnd(run: someRun, state: .failed, startedAt: 1, finishedAt: 2, failedStep: "load")
        let summary = RunSummary(run: someRun, tenant: .standard, name: "x", state: .running, startedAt: 1)
        let plugin = PluginSummary(id: "a/b", version: "1", kinds: ["agent"], path: "a.so")
        let replies: [ControlReply] = [
            .runStarted(someRun), .runFinished(end), .runs([summary]),
            .run(
                RunDetail(
                    summary: summary, mode: "sync", isolationLevel: "process",
                    steps: [StepDetail(StepReference("s"), state: .waiting, target: "a/b")],
                    spans: [SpanDetail(id: "1", name: "s", kind: "agent", startedAt: 1)],
                    mayHaveRun: [StepReference("s")])),
            .plugins([plugin]), .plugin(PluginDetail(plugin: plugin, digest: "d", compartment: "shared")),
            .status(
                HostStatus(
                    version: "1", pid: 2, startedAt: 3, uptimeNanoseconds: 4, home: "/h", isEphemeral: true,
                    isolationLevel: "process", counters: ["calls": 1])),
            .flowChecked(FlowCheckReply(diagnostics: [], name: "x")), .done("ended"),
            .memory(JSONText(["entry": nil])), .tenants([TenantSummary(tenant: .standard, createdAt: 1)]),
            .tenant(
                TenantDetail(
                    summary: TenantSummary(tenant: .standard, createdAt: 1), isolationLevel: "basic", user: 7,
                    limits: [TenantLimitDetail(.callTime, value: 5, origin: "default")],
                    ownSettings: [.init(path: "a", value: "1")], folders: [.init(name: "f", path: "/f", isUsed: true)],
                    plugins: [plugin])),
            .tenantUsage([
                TenantUsage(
                    tenant: .standard, at: 1, limits: [TenantLimitUse(.storageBytes, value: 10, used: 8)],
                    agentsWaiting: 2, logLinesDropped: 3)
            ]),
            .notifyListing(NotifyListing(channels: [], deliveries: [], dropped: 1)),
            .tenantRemoved(TenantRemoval(tenant: .standard, archive: "/a", archiveBytes: 3, runsCancelled: 1)),
            .users([UserDetail(name: "ann", credentials: [.user(7), .other("key:1")], grants: [viewer], createdAt: 1)]),
            .audit([
                AuditEntry(
                    sequence: 1, at: 2,
                    draft: AuditDraft(action: "a", outcome: .refused, tenant: .standard, detail: ["n": [1, nil]]))
            ]),
            .auditVerdict(AuditVerdict(entries: 1, head: .start, problems: ["p"])),
            .prompts([PromptSummary(name: "a/b.c", variables: ["v"], version: 1, labels: ["l": 1], proposed: [2])]),
            .prompt(
                PromptDetail(
                    summary: PromptSummary(name: "a/b.c"), version: 0, text: "t", note: "n",
                    versions: [PromptVersionDetail(version: 0, source: "plugin", author: "a/b", state: "approved")],
                    moves: [PromptMoveDetail(label: "l", version: nil, actor: "ann", at: 1)])),
        ]
        for reply in replies {
            #expect(try ControlReply(payload: try reply.payload(), descriptors: []) == reply)
        }
    }

    @Test func valuesKeepTheirOrderAndTheirKindOfNumber() throws {
        let text = #"{"z":1,"a":1.0,"m":{"y":[],"b":9007199254740993}}"#
        let request = ControlRequest.startRun(
            StartRunRequest(
                target: .flow(file: "f", text: "t"), inputs: ["v": .value(JSONText(try JSON(parsing: text)))]))
        guard case .startRun(let decoded) = try ControlRequest(payload: request.payload(), role: .operator),
            case .value(let value)? = decoded.inputs["v"]
        else {
            Issue.record("not decoded")
            return
        }
        #expect(value.value.text() == text)
    }

    @Test func anArtifactWithoutItsDescriptorIsNotUnderstood() throws {
        let description = ArtifactDescription(sha256: "a", name: "n", mediaType: "m", bytes: 1)
        let payload = try ControlReply.artifact(description, descriptor: 5).payload()
        #expect(failure { _ = try ControlReply(payload: payload, descriptors: []) } == "request_not_understood")
    }
}
