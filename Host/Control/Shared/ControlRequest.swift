// SPDX-License-Identifier: Apache-2.0
// ControlRequest: everything a client may ask the host for. One request at a time runs on a connection; events of that
// request may come before its answer.

import CorralBase
import CorralIdentity

package enum ControlRequest: Sendable, Equatable {
    /// Starts a run. Reply: `.runStarted`; with `follows`, events first and then `.runFinished`.
    case startRun(StartRunRequest)
    /// Reply: `.runs`, newest first.
    case runsList(RunsListRequest)
    /// Reply: `.run`.
    case runShow(RunShowRequest)
    /// Continues a run that the host's end interrupted. Reply as for `startRun`.
    case runResume(RunResumeRequest)
    /// Reply: `.done`; the run ends as cancelled when its calls have ended.
    case runCancel(RunCancelRequest)
    /// Events of a run from now on, preceded by what its steps are now. Reply: `.runFinished`.
    case runFollow(RunReference)
    /// Reply: `.artifact` with a descriptor open for reading.
    case artifactOpen(ArtifactOpenRequest)
    /// Reply: `.plugins`.
    case pluginList(PluginListRequest)
    /// Reply: `.plugin`.
    case pluginShow(PluginShowRequest)
    /// Takes a plugin out of quarantine in a tenant. Reply: `.done`.
    case pluginRelease(PluginReleaseRequest)
    /// Reply: `.status`.
    case hostStatus
    /// Reply: `.done`, and then the host drains and ends.
    case hostStop
    /// Reply: `.flowChecked`.
    case flowCheck(FlowCheckRequest)
    /// Asks a tenant's memory. Reply: `.memory`, the memory service's own answer.
    case memoryRead(MemoryRequest)
    /// Changes it. Reply as for `memoryRead`.
    case memoryWrite(MemoryRequest)
    /// Reply: `.tenant`.
    case tenantAdd(TenantChangeRequest)
    /// Reply: `.tenants`, by name.
    case tenantList
    /// Reply: `.tenant`.
    case tenantShow(TenantRequest)
    /// Changes the tenant's own file and what it is open with. Reply: `.tenant`.
    case tenantSet(TenantChangeRequest)
    /// Reply: `.tenantUsage`, by name.
    case tenantUsage(TenantUsageRequest)
    /// Reply: `.tenantRemoved`, when nothing of it is left.
    case tenantRemove(TenantRemoveRequest)
    case notifyList(NotifyListRequest)
    case notifyShow(NotifyReference)
    /// Tries a delivery again, now.
    case notifyRetry(NotifyReference)
    /// Sends a message to a channel; answered after the first attempt.
    case notifyTest(NotifyChannelRequest)
    /// Gives somebody who comes by a credential a name, and maybe a role. Reply: `.users`, with that one.
    case userAdd(UserAddRequest)
    /// Reply: `.users`, by name.
    case userList(UserListRequest)
    /// Reply: `.users`, with that one.
    case userGrant(UserRoleRequest)
    /// Reply: `.users`, with that one.
    case userRevoke(UserRoleRequest)
    /// Reply: `.done`.
    case userRemove(UserRequest)
    /// Reply: `.audit`, oldest first.
    case auditList(AuditFilter)
    /// Reply: `.auditVerdict`.
    case auditVerify(AuditVerifyRequest)
    /// Reply: `.prompts`, by name.
    case promptList(PromptListRequest)
    /// Reply: `.prompt`.
    case promptShow(PromptShowRequest)
    /// Adds a version, as a proposal or approved. Reply: `.prompt`, with that version's text.
    case promptSet(PromptSetRequest)
    /// Approves or rejects a proposal. Reply: `.prompt`.
    case promptDecide(PromptDecideRequest)
    /// Puts a label on an approved version, or takes it off. Reply: `.prompt`.
    case promptLabel(PromptLabelRequest)
    /// Puts a label back to where it was. Reply: `.prompt`.
    case promptRollback(PromptRollbackRequest)
}

/// A flow by its text, or one agent by its name.
package enum RunTarget: Sendable, Hashable, Codable {
    /// The host opens no path that a request names, so the client sends what the file says.
    case flow(file: String, text: String)
    case agent(PluginID)
}

/// The value of one input of a run.
package enum RunInput: Sendable, Hashable, Codable {
    /// A value as it is.
    case value(JSONText)
    /// A file the client opened: the index in the request's descriptors. The host copies it into an artifact before it
    /// acknowledges the run.
    case file(descriptor: Int, name: String, mediaType: String)
}

package struct StartRunRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    package var target: RunTarget
    /// By input name. Inputs left out take the flow's defaults; a default of type file must be sent by the client.
    package var inputs: [String: RunInput]
    /// On whose behalf, as cost and audit count it.
    package var user: String?
    package var feature: String?
    package var session: String?
    package var taskType: String?
    package var complexity: String?
    package var labels: [String: String]
    /// `sync`, `async` or `exit`; nil leaves it to the flow.
    package var mode: String?
    /// True: events until the run ends.
    package var follows: Bool
    /// A second request with the same key and tenant gives the first one's run.
    package var idempotencyKey: String?

    package init(
        tenant: TenantID = .standard, target: RunTarget, inputs: [String: RunInput] = [:], user: String? = nil,
        feature: String? = nil, session: String? = nil, taskType: String? = nil, complexity: String? = nil,
        labels: [String: String] = [:], mode: String? = nil,
        follows: Bool = true, idempotencyKey: String? = nil
    ) {
        self.tenant = tenant
        self.target = target
        self.inputs = inputs
        self.user = user
        self.feature = feature
        self.session = session
        self.taskType = taskType
        self.complexity = complexity
        self.labels = labels
        self.mode = mode
        self.follows = follows
        self.idempotencyKey = idempotencyKey
    }
}

/// A run as a person names it.
package struct RunReference: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// A run id, an unambiguous beginning of one, or `last`.
    package var run: String

    package init(tenant: TenantID = .standard, run: String) {
        self.tenant = tenant
        self.run = run
    }
}

package struct RunsListRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    package var state: RunState?
    /// A flow's name or an agent's id.
    package var flow: String?
    package var user: String?
    package var feature: String?
    package var session: String?
    package var taskType: String?
    package var complexity: String?
    /// Bounds of the lowest confidence that a result of the run stated, 0 to 1.
    package var confidenceMin: Double?
    package var confidenceMax: Double?
    /// A class of changes that a result of the run stated.
    package var changes: String?
    /// Only runs that were started then or later; milliseconds since 1970.
    package var sinceMilliseconds: UInt64?
    /// 1 to 1,000.
    package var limit: Int

    package init(tenant: TenantID = .standard, state: RunState? = nil, flow: String? = nil, limit: Int = 20) {
        self.tenant = tenant
        self.state = state
        self.flow = flow
        self.limit = limit
    }
}

package struct RunShowRequest: Sendable, Hashable, Codable {
    package var reference: RunReference
    /// True: the spans too.
    package var trace: Bool

    package init(_ reference: RunReference, trace: Bool = false) {
        self.reference = reference
        self.trace = trace
    }
}

package struct RunResumeRequest: Sendable, Hashable, Codable {
    package var reference: RunReference
    package var follows: Bool

    package init(_ reference: RunReference, follows: Bool = true) {
        self.reference = reference
        self.follows = follows
    }
}

package struct RunCancelRequest: Sendable, Hashable, Codable {
    package var reference: RunReference
    /// Shown with the run.
    package var reason: String

    package init(_ reference: RunReference, reason: String) {
        self.reference = reference
        self.reason = reason
    }
}

package struct ArtifactOpenRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// SHA-256 of the content, 64 lower-case hexadecimal digits.
    package var sha256: String

    package init(tenant: TenantID = .standard, sha256: String) {
        self.tenant = tenant
        self.sha256 = sha256
    }
}

package struct PluginListRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    package init(tenant: TenantID = .standard) { self.tenant = tenant }
}

package struct PluginShowRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    /// `publisher/name`; not yet validated, so that a mistyped one gets a suggestion.
    package var id: String

    package init(tenant: TenantID = .standard, id: String) {
        self.tenant = tenant
        self.id = id
    }
}

package struct PluginReleaseRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    package var id: String

    package init(tenant: TenantID = .standard, id: String) {
        self.tenant = tenant
        self.id = id
    }
}

package struct FlowCheckRequest: Sendable, Hashable, Codable {
    package var tenant: TenantID
    package var file: String
    package var text: String

    package init(tenant: TenantID = .standard, file: String, text: String) {
        self.tenant = tenant
        self.file = file
        self.text = text
    }
}
