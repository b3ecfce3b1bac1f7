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
    package var verb: String {
        switch self {
        case .startRun: "run.start"
        case .runsList: "run.list"
        case .runShow: "run.show"
        case .runResume: "run.resume"
        case .runCancel: "run.cancel"
        case .runFollow: "run.follow"
        case .artifactOpen: "artifact.open"
        case .pluginList: "plugin.list"
        case .pluginShow: "plugin.show"
        case .pluginRelease: "plugin.release"
        case .hostStatus: "host.status"
        case .hostStop: "host.stop"
        case .flowCheck: "flow.check"
        case .tenantAdd: "tenant.add"
        case .tenantList: "tenant.list"
        case .tenantShow: "tenant.show"
        case .tenantSet: "tenant.set"
        case .tenantUsage: "tenant.usage"
        case .tenantRemove: "tenant.remove"
        }
    }

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
        case .tenantAdd(let body), .tenantSet(let body): try encode(verb, body)
        case .tenantShow(let body): try encode(verb, body)
        case .tenantUsage(let body): try encode(verb, body)
        case .tenantRemove(let body): try encode(verb, body)
        }
    }

    /// Decodes what a client of the role may ask for.
    /// - Throws: `request_not_understood`.
    package init(payload: [UInt8], role: ControlRole) throws {
        let verb = try decode(VerbOnly.self, payload).verb
        switch (role, verb) {
        case (.operator, "run.start"): self = .startRun(try decodeBody(payload))
        case (.operator, "run.list"): self = .runsList(try decodeBody(payload))
        case (.operator, "run.show"): self = .runShow(try decodeBody(payload))
        case (.operator, "run.resume"): self = .runResume(try decodeBody(payload))
        case (.operator, "run.cancel"): self = .runCancel(try decodeBody(payload))
        case (.operator, "run.follow"): self = .runFollow(try decodeBody(payload))
        case (.operator, "artifact.open"): self = .artifactOpen(try decodeBody(payload))
        case (.operator, "plugin.list"): self = .pluginList(try decodeBody(payload))
        case (.operator, "plugin.show"): self = .pluginShow(try decodeBody(payload))
        case (.operator, "plugin.release"): self = .pluginRelease(try decodeBody(payload))
        case (.operator, "host.status"): self = .hostStatus
        case (.operator, "host.stop"): self = .hostStop
        case (.operator, "flow.check"): self = .flowCheck(try decodeBody(payload))
        case (.operator, "tenant.add"): self = .tenantAdd(try decodeBody(payload))
        case (.operator, "tenant.list"): self = .tenantList
        case (.operator, "tenant.show"): self = .tenantShow(try decodeBody(payload))
        case (.operator, "tenant.set"): self = .tenantSet(try decodeBody(payload))
        case (.operator, "tenant.usage"): self = .tenantUsage(try decodeBody(payload))
        case (.operator, "tenant.remove"): self = .tenantRemove(try decodeBody(payload))
        default: throw CorralError.requestNotUnderstood("there is no verb \"\(verb.prefix(40))\" for \(role.rawValue)s")
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
        case .tenants: "tenants"
        case .tenant: "tenant"
        case .tenantUsage: "tenant.usage"
        case .tenantRemoved: "tenant.removed"
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
        case .tenants(let body): try encode(verb, body)
        case .tenant(let body): try encode(verb, body)
        case .tenantUsage(let body): try encode(verb, body)
        case .tenantRemoved(let body): try encode(verb, body)
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
        case "tenants": self = .tenants(try decodeBody(payload))
        case "tenant": self = .tenant(try decodeBody(payload))
        case "tenant.usage": self = .tenantUsage(try decodeBody(payload))
        case "tenant.removed": self = .tenantRemoved(try decodeBody(payload))
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
