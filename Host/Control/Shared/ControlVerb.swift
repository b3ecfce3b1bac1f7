// SPDX-License-Identifier: Apache-2.0
// ControlVerb: the word for each request. What is said of requests (how they are read, what they need, what is recorded)
// is said verb by verb, and tests go through all of them: a new one cannot be forgotten anywhere.

package enum ControlVerb: String, Sendable, CaseIterable {
    case startRun = "run.start"
    case runsList = "run.list"
    case runShow = "run.show"
    case runResume = "run.resume"
    case runCancel = "run.cancel"
    case runFollow = "run.follow"
    case artifactOpen = "artifact.open"
    case pluginList = "plugin.list"
    case pluginShow = "plugin.show"
    case pluginRelease = "plugin.release"
    case hostStatus = "host.status"
    case hostStop = "host.stop"
    case flowCheck = "flow.check"
    case memoryRead = "memory.read"
    case memoryWrite = "memory.write"
    case tenantAdd = "tenant.add"
    case tenantList = "tenant.list"
    case tenantShow = "tenant.show"
    case tenantSet = "tenant.set"
    case tenantUsage = "tenant.usage"
    case tenantRemove = "tenant.remove"
    case notifyList = "notify.list"
    case notifyShow = "notify.show"
    case notifyRetry = "notify.retry"
    case notifyTest = "notify.test"
    case userAdd = "user.add"
    case userList = "user.list"
    case userGrant = "user.grant"
    case userRevoke = "user.revoke"
    case userRemove = "user.remove"
    case auditList = "audit.list"
    case auditVerify = "audit.verify"
    case promptList = "prompt.list"
    case promptShow = "prompt.show"
    case promptSet = "prompt.set"
    case promptDecide = "prompt.decide"
    case promptLabel = "prompt.label"
    case promptRollback = "prompt.rollback"
}

extension ControlRequest {
    package var kind: ControlVerb {
        switch self {
        case .startRun: .startRun
        case .runsList: .runsList
        case .runShow: .runShow
        case .runResume: .runResume
        case .runCancel: .runCancel
        case .runFollow: .runFollow
        case .artifactOpen: .artifactOpen
        case .pluginList: .pluginList
        case .pluginShow: .pluginShow
        case .pluginRelease: .pluginRelease
        case .hostStatus: .hostStatus
        case .hostStop: .hostStop
        case .flowCheck: .flowCheck
        case .memoryRead: .memoryRead
        case .memoryWrite: .memoryWrite
        case .tenantAdd: .tenantAdd
        case .tenantList: .tenantList
        case .tenantShow: .tenantShow
        case .tenantSet: .tenantSet
        case .tenantUsage: .tenantUsage
        case .tenantRemove: .tenantRemove
        case .notifyList: .notifyList
        case .notifyShow: .notifyShow
        case .notifyRetry: .notifyRetry
        case .notifyTest: .notifyTest
        case .userAdd: .userAdd
        case .userList: .userList
        case .userGrant: .userGrant
        case .userRevoke: .userRevoke
        case .userRemove: .userRemove
        case .auditList: .auditList
        case .auditVerify: .auditVerify
        case .promptList: .promptList
        case .promptShow: .promptShow
        case .promptSet: .promptSet
        case .promptDecide: .promptDecide
        case .promptLabel: .promptLabel
        case .promptRollback: .promptRollback
        }
    }
}
