// SPDX-License-Identifier: Apache-2.0
// ControlCoding: requests and replies ↔ JSON payloads `{"verb": …, "body": …}`. Written out, not synthesised, so that a
// renamed Swift case never changes what goes over the socket, and an unknown verb gets an error that says so.

import CorralBase
import CorralWire
import Foundation

/// The shape of every request and reply.
private struct Envelope<Body: Codable>: Codable {
    var verb: String
    var body: Body
}

private struct VerbOnly: Codable {
    var verb: String
}

private struct NoBody: Codable {}

extension ControlRequest {
    /// The word that names the request on the socket, in logs and in errors.
    package var verb: String { kind.rawValue }

    /// - Throws: `internal_fault` when a value cannot be written as JSON.
    package func payload() throws -> [UInt8] {
        switch self {
        case .startRun(let body): try encode(verb, body)
        case .runsList(let body): try encode(verb, body)
        case .runShow(let body): try encode(verb, body)
        case .runResume(let body): try encode(verb, body)
        case .runCancel(let body): try encode(verb, body)
        case .runFollow(let body): try encode(verb, body)
        case .artifactOpen(let body): try encode(verb, body)
        case .pluginList(let body): try encode(verb, body)
        case .pluginShow(let body): try encode(verb, body)
        case .pluginRelease(let body): try encode(verb, body)
        case .hostStatus, .hostStop, .tenantList: try encode(verb, NoBody())
        case .flowCheck(let body): try encode(verb, body)
        case .memoryRead(let body), .memoryWrite(let body): try encode(verb, body)
        case .tenantAdd(let body), .tenantSet(let body): try encode(verb, body)
        case .tenantShow(let body): try encode(verb, body)
        case .tenantUsage(let body): try encode(verb, body)
        case .tenantRemove(let body): try encode(verb, body)
        case .notifyList(let body): try encode(verb, body)
        case .notifyShow(let body), .notifyRetry(let body): try encode(verb, body)
        case .notifyTest(let body): try encode(verb, body)
        case .userAdd(let body): try encode(verb, body)
        case .userList(let body): try encode(verb, body)
        case .userGrant(let body), .userRevoke(let body): try encode(verb, body)
        case .userRemove(let body): try encode(verb, body)
        case .auditList(let body): try encode(verb, body)
        case .auditVerify(let body): try encode(verb, body)
        case .promptList(let body): try encode(verb, body)
        case .promptShow(let body): try encode(verb, body)
        case .promptSet(let body): try encode(verb, body)
        case .promptDecide(let body): try encode(verb, body)
        case .promptLabel(let body): try encode(verb, body)
        case .promptRollback(let body): try encode(verb, body)
        }
    }

    /// Decodes what a client of the role may ask for.
    /// - Throws: `request_not_understood`.
    package init(payload: [UInt8], role: ControlRole) throws {
        let verb = try decode(VerbOnly.self, payload).verb
        guard let kind = ControlVerb(rawValue: verb) else {
            throw CorralError.requestNotUnderstood("there is no verb \"\(verb.prefix(40))\" for \(role.rawValue)s")
        }
        switch kind {
        case .startRun: self = .startRun(try decodeBody(payload))
        case .runsList: self = .runsList(try decodeBody(payload))
        case .runShow: self = .runShow(try decodeBody(payload))
        case .runResume: self = .runResume(try decodeBody(payload))
        case .runCancel: self = .runCancel(try decodeBody(payload))
        case .runFollow: self = .runFollow(try decodeBody(payload))
        case .artifactOpen: self = .artifactOpen(try decodeBody(payload))
        case .pluginList: self = .pluginList(try decodeBody(payload))
        case .pluginShow: self = .pluginShow(try decodeBody(payload))
        case .pluginRelease: self = .pluginRelease(try decodeBody(payload))
        case .hostStatus: self = .hostStatus
        case .hostStop: self = .hostStop
        case .flowCheck: self = .flowCheck(try decodeBody(payload))
        case .memoryRead: self = .memoryRead(try decodeBody(payload))
        case .memoryWrite: self = .memoryWrite(try decodeBody(payload))
        case .tenantAdd: self = .tenantAdd(try decodeBody(payload))
        case .tenantList: self = .tenantList
        case .tenantShow: self = .tenantShow(try decodeBody(payload))
        case .tenantSet: self = .tenantSet(try decodeBody(payload))
        case .tenantUsage: self = .tenantUsage(try decodeBody(payload))
        case .tenantRemove: self = .tenantRemove(try decodeBody(payload))
        case .notifyList: self = .notifyList(try decodeBody(payload))
        case .notifyShow: self = .notifyShow(try decodeBody(payload))
        case .notifyRetry: self = .notifyRetry(try decodeBody(payload))
        case .notifyTest: self = .notifyTest(try decodeBody(payload))
        case .userAdd: self = .userAdd(try decodeBody(payload))
        case .userList: self = .userList(try decodeBody(payload))
        case .userGrant: self = .userGrant(try decodeBody(payload))
        case .userRevoke: self = .userRevoke(try decodeBody(payload))
        case .userRemove: self = .userRemove(try decodeBody(payload))
        case .auditList: self = .auditList(try decodeBody(payload))
        case .auditVerify: self = .auditVerify(try decodeBody(payload))
        case .promptList: self = .promptList(try decodeBody(payload))
        case .promptShow: self = .promptShow(try decodeBody(payload))
        case .promptSet: self = .promptSet(try decodeBody(payload))
        case .promptDecide: self = .promptDecide(try decodeBody(payload))
        case .promptLabel: self = .promptLabel(try decodeBody(payload))
        case .promptRollback: self = .promptRollback(try decodeBody(payload))
        }
    }
}

extension ControlReply {
    private var verb: String {
        switch self {
        case .runStarted: "run.started"
        case .runFinished: "run.finished"
        case .runs: "runs"
        case .run: "run"
        case .artifact: "artifact"
        case .plugins: "plugins"
        case .plugin: "plugin"
        case .status: "status"
        case .flowChecked: "flow.checked"
        case .memory: "memory"
        case .tenants: "tenants"
        case .tenant: "tenant"
        case .tenantUsage: "tenant.usage"
        case .tenantRemoved: "tenant.removed"
        case .notifyListing: "notify.listing"
        case .delivery: "delivery"
        case .users: "users"
        case .audit: "audit"
        case .auditVerdict: "audit.verdict"
        case .prompts: "prompts"
        case .prompt: "prompt"
        case .done: "done"
        }
    }

    /// What rides with the reply's frame.
    package var descriptors: [Int32] { if case .artifact(_, let descriptor) = self { [descriptor] } else { [] } }

    package func payload() throws -> [UInt8] {
        switch self {
        case .runStarted(let body): try encode(verb, body)
        case .runFinished(let body): try encode(verb, body)
        case .runs(let body): try encode(verb, body)
        case .run(let body): try encode(verb, body)
        case .artifact(let body, _): try encode(verb, body)
        case .plugins(let body): try encode(verb, body)
        case .plugin(let body): try encode(verb, body)
        case .status(let body): try encode(verb, body)
        case .flowChecked(let body): try encode(verb, body)
        case .memory(let body): try encode(verb, body)
        case .tenants(let body): try encode(verb, body)
        case .tenant(let body): try encode(verb, body)
        case .tenantUsage(let body): try encode(verb, body)
        case .tenantRemoved(let body): try encode(verb, body)
        case .notifyListing(let body): try encode(verb, body)
        case .delivery(let body): try encode(verb, body)
        case .users(let body): try encode(verb, body)
        case .audit(let body): try encode(verb, body)
        case .auditVerdict(let body): try encode(verb, body)
        case .prompts(let body): try encode(verb, body)
        case .prompt(let body): try encode(verb, body)
        case .done(let body): try encode(verb, body)
        }
    }

    /// - Throws: `request_not_understood`; the descriptors are then still the caller's.
    package init(payload: [UInt8], descriptors: [Int32]) throws {
        let verb = try decode(VerbOnly.self, payload).verb
        switch verb {
        case "run.started": self = .runStarted(try decodeBody(payload))
        case "run.finished": self = .runFinished(try decodeBody(payload))
        case "runs": self = .runs(try decodeBody(payload))
        case "run": self = .run(try decodeBody(payload))
        case "artifact":
            guard descriptors.count == 1 else {
                let count = descriptors.count
                throw CorralError.requestNotUnderstood("an artifact came with \(count) descriptors instead of one")
            }
            self = .artifact(try decodeBody(payload), descriptor: descriptors[0])
        case "plugins": self = .plugins(try decodeBody(payload))
        case "plugin": self = .plugin(try decodeBody(payload))
        case "status": self = .status(try decodeBody(payload))
        case "flow.checked": self = .flowChecked(try decodeBody(payload))
        case "memory": self = .memory(try decodeBody(payload))
        case "tenants": self = .tenants(try decodeBody(payload))
        case "tenant": self = .tenant(try decodeBody(payload))
        case "tenant.usage": self = .tenantUsage(try decodeBody(payload))
        case "tenant.removed": self = .tenantRemoved(try decodeBody(payload))
        case "notify.listing": self = .notifyListing(try decodeBody(payload))
        case "delivery": self = .delivery(try decodeBody(payload))
        case "users": self = .users(try decodeBody(payload))
        case "audit": self = .audit(try decodeBody(payload))
        case "audit.verdict": self = .auditVerdict(try decodeBody(payload))
        case "prompts": self = .prompts(try decodeBody(payload))
        case "prompt": self = .prompt(try decodeBody(payload))
        case "done": self = .done(try decodeBody(payload))
        default: throw CorralError.requestNotUnderstood("there is no reply \"\(verb.prefix(40))\"")
        }
    }
}

/// Writes a message that needs no verb: hello, welcome, an event, an error.
package func encodeControlMessage(_ message: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return Array(try encoder.encode(message))
    } catch {
        throw CorralError.internalFault("a control message cannot be written: \(error)")
    }
}

/// - Throws: `request_not_understood`, which says where the JSON is not what was expected.
package func decodeControlMessage<Message: Decodable>(_ type: Message.Type, _ payload: [UInt8]) throws -> Message {
    do {
        return try JSONDecoder().decode(type, from: Data(payload))
    } catch let error as CorralError {
        throw error
    } catch let error as DecodingError {
        throw CorralError.requestNotUnderstood(text(of: error))
    } catch {
        throw CorralError.requestNotUnderstood("\(error)")
    }
}

private func encode(_ verb: String, _ body: some Codable) throws -> [UInt8] {
    try encodeControlMessage(Envelope(verb: verb, body: body))
}

private func decode<Message: Decodable>(_ type: Message.Type, _ payload: [UInt8]) throws -> Message {
    try decodeControlMessage(type, payload)
}

private func decodeBody<Body: Codable>(_ payload: [UInt8]) throws -> Body {
    try decodeControlMessage(Envelope<Body>.self, payload).body
}

private func text(of error: DecodingError) -> String {
    let context: DecodingError.Context
    switch error {
    case .dataCorrupted(let found), .typeMismatch(_, let found), .valueNotFound(_, let found): context = found
    case .keyNotFound(let key, let found): return "\(path(found))member \"\(key.stringValue)\" is missing"
    @unknown default: return "\(error)"
    }
    return path(context) + context.debugDescription
}

private func path(_ context: DecodingError.Context) -> String {
    let text = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    return text.isEmpty ? "" : "\(text.drop { $0 == "." }): "
}
