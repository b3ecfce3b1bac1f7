// SPDX-License-Identifier: Apache-2.0
// MemoryRules: who sees what. From what an agent asks to what the backend is asked: namespace, author, times and sharing
// are the host's, and what comes back is checked against them again. Pure, so that every rule is tested as a table.
//
// Namespaces: "agent:PUBLISHER/NAME", "session" and "tenant", followed by "@SESSION" for what only one session sees: that
// of the scope session, of layers with the retention current_session, and everything when sessions do not share. SESSION
// is a hash: a session's name is text of a user's, and the backend's files are not sealed.

import CorralBase
import CorralStore

package enum MemoryMethod: String, Sendable, CaseIterable {
    case put, get, search, list, forget
}

package enum MemoryScope: String, Sendable, CaseIterable {
    case agent, session, tenant
}

/// On whose behalf memory is used, from the host's own tables.
package struct MemoryAsker: Sendable, Hashable {
    /// True for a person at the command line: what agents share does not hold them, and they write as nobody's agent.
    package var isOperator = false
    /// The agent whose own memory is meant by the scope agent.
    package var agent: String?
    package var run: String?
    /// The session as stated, or the run's id for a run without one. Nil for an operator who named none.
    package var session: String?
    package var user: String?

    package init(agent: String? = nil, run: String? = nil, session: String? = nil, user: String? = nil) {
        self.agent = agent
        self.run = run
        self.session = session
        self.user = user
    }

    /// Who writes, as the backend keeps it.
    var author: JSONObject {
        var author = JSONObject()
        for (name, value) in [
            ("agent", isOperator ? nil : agent), ("run", run), ("session", session), ("user", user),
        ] { author[name] = value.map { .string($0) } }
        return author
    }
}

extension Limits {
    /// Entries that one search or list answers with.
    package static let memoryEntriesMax: Int64 = 200
    package static let memoryEntriesStandard: Int64 = 20
}

package struct MemoryRules: Sendable {
    let settings: MemorySettings
    let asker: MemoryAsker
    /// Nil: all there is, for an operator.
    let scope: MemoryScope?
    let nowMilliseconds: Int64

    /// - Parameter scope: as asked; an agent that states none means its own.
    /// - Throws: `memory_off`, `memory_not_shared`, `service_request_invalid`.
    package init(
        _ settings: MemorySettings, asker: MemoryAsker, scope: JSON?, nowMilliseconds: Int64
    ) throws(CorralError) {
        guard settings.isEnabled else { throw .memoryOff() }
        let standard = asker.isOperator ? nil : MemoryScope.agent.rawValue
        let name = scope.flatMap { $0.isNull ? nil : $0.stringValue ?? $0.text() } ?? standard
        let wanted = name.flatMap(MemoryScope.init(rawValue:))
        if let name, wanted == nil {
            throw .serviceRequestInvalid("the scope \"\(name.prefix(40))\" is none of agent, session, tenant")
        }
        if !asker.isOperator, let wanted, wanted != .agent, !settings.isSharedByAgents {
            throw .memoryNotShared(wanted.rawValue, agent: asker.agent ?? "")
        }
        self.scope = wanted
        self.settings = settings
        self.asker = asker
        self.nowMilliseconds = nowMilliseconds
    }

    // MARK: Where

    /// Nil where only a session has such a place and none is known.
    func namespace(_ layer: MemoryLayer) -> String? {
        let base: String
        switch scope {
        case nil: return Self.everywhere
        case .agent: base = "agent:\(asker.agent ?? "")"
        case .session: base = "session"
        case .tenant: base = "tenant"
        }
        guard isOfOneSession(layer) else { return base }
        return asker.session.map { "\(base)@\(Self.sessionMark($0))" }
    }

    /// What the backend takes for all namespaces (memory.h).
    static let everywhere = "*"

    private func isOfOneSession(_ layer: MemoryLayer) -> Bool {
        scope == .session || !settings.isSharedBySessions || settings.retention[layer] == .currentSession
    }

    static func sessionMark(_ session: String) -> String {
        String(ContentHash(of: Array("corral session \(session)".utf8)).hex.prefix(24))
    }

    /// Layers that lie in one namespace, in order.
    func places(_ layers: [MemoryLayer]) -> [(namespace: String, layers: [MemoryLayer])] {
        var places: [(namespace: String, layers: [MemoryLayer])] = []
        for layer in layers {
            guard let namespace = namespace(layer) else { continue }
            if let index = places.firstIndex(where: { $0.namespace == namespace }) {
                places[index].layers.append(layer)
            } else {
                places.append((namespace, [layer]))
            }
        }
        return places
    }

    // MARK: What the backend is asked

    /// The bodies of one request, in the order in which they are asked; `MemoryAnswer` makes one answer of theirs.
    /// - Throws: `service_request_invalid`.
    /// - Parameters:
    ///   - author: who writes; without sensitive values.
    ///   - effect: the same text for every attempt that may stand for the same put.
    package func bodies(
        _ method: MemoryMethod, _ arguments: JSON, author: JSONObject, effect: String? = nil
    ) throws(CorralError) -> [JSONObject] {
        switch method {
        case .put: [try put(arguments, author, effect)]
        case .get:
            try named(arguments).flatMap { place, body in
                if place.layers == MemoryLayer.allCases { return [body] }
                return place.layers.map { layer in
                    var body = body
                    body["layer"] = .string(layer.rawValue)
                    return body
                }
            }
        case .forget:
            try named(arguments).map { place, body in
                var body = body
                body["layers"] = .array(place.layers.map { .string($0.rawValue) })
                return body
            }
        case .search, .list: try many(method, arguments)
        }
    }

    private func put(
        _ arguments: JSON, _ author: JSONObject, _ effect: String?
    ) throws(CorralError) -> JSONObject {
        let layer = try layers(arguments["layer"]).first ?? .mediumTerm
        guard arguments["text"]?.stringValue != nil else { throw .serviceRequestInvalid("put needs a \"text\"") }
        guard let namespace = namespace(layer), namespace != Self.everywhere else {
            throw .serviceRequestInvalid("what only one session sees needs a session")
        }
        var body = ["namespace": .string(namespace), "layer": .string(layer.rawValue)] as JSONObject
        for name in ["key", "text", "value", "tags"] { body[name] = arguments[name] }
        body["author"] = .object(author)
        body["effect"] = effect.map { .string($0) }
        var life = settings.retention[layer]?.milliseconds
        if let wanted = arguments["expires_in_ms"] {
            guard let count = wanted.intValue, count > 0 else {
                throw .serviceRequestInvalid("\"expires_in_ms\" must be a positive number")
            }
            life = min(life ?? count, count)
        }
        if let life {
            let (end, overflow) = nowMilliseconds.addingReportingOverflow(life)
            body["expires_at_ms"] = .int(overflow ? .max : end)
        }
        return body
    }

    private func named(
        _ arguments: JSON
    ) throws(CorralError) -> [(place: (namespace: String, layers: [MemoryLayer]), body: JSONObject)] {
        var wanted = try layers(arguments["layers"])
        if let one = arguments["layer"] { wanted = try layers(one) }
        return places(wanted.isEmpty ? MemoryLayer.allCases : wanted).map { place in
            var body: JSONObject = ["namespace": .string(place.namespace)]
            for name in ["id", "key", "older_than_ms", "all"] { body[name] = arguments[name] }
            return (place, body)
        }
    }

    private func many(_ method: MemoryMethod, _ arguments: JSON) throws(CorralError) -> [JSONObject] {
        let wanted = try layers(arguments["layers"])
        let namespaces = places(wanted.isEmpty ? MemoryLayer.allCases : wanted).map(\.namespace)
        var body: JSONObject = ["namespaces": .array(namespaces.map { .string($0) })]
        if !wanted.isEmpty { body["layers"] = .array(wanted.map { .string($0.rawValue) }) }
        if let tags = arguments["tags"]?.arrayValue, !tags.isEmpty { body["tags"] = .array(tags) }
        body["limit"] = .int(try limit(arguments["limit"]))
        if method == .list {
            body["cursor"] = arguments["cursor"]
        } else {
            guard let query = arguments["query"]?.stringValue else {
                throw .serviceRequestInvalid("search needs a \"query\"")
            }
            body["query"] = .string(query)
        }
        return namespaces.isEmpty ? [] : [body]
    }

    private func limit(_ value: JSON?) throws(CorralError) -> Int64 {
        guard let value, !value.isNull else { return Limits.memoryEntriesStandard }
        guard let limit = value.intValue, (1...Limits.memoryEntriesMax).contains(limit) else {
            throw .serviceRequestInvalid("the limit must be a number from 1 to \(Limits.memoryEntriesMax)")
        }
        return limit
    }

    /// One layer or a list of them; empty for none stated.
    private func layers(_ value: JSON?) throws(CorralError) -> [MemoryLayer] {
        guard let value, !value.isNull else { return [] }
        var layers: [MemoryLayer] = []
        for item in value.arrayValue ?? [value] {
            guard let layer = item.stringValue.flatMap(MemoryLayer.init(rawValue:)) else {
                throw .serviceRequestInvalid(
                    "the layer \(item.text().prefix(40)) is none of short_term, medium_term, long_term")
            }
            layers.append(layer)
        }
        return layers
    }

    // MARK: What it answered

    /// One answer for the agent. Entries that the rules would not have shown are left out, whatever the backend says.
    package func answer(_ method: MemoryMethod, _ answers: [JSON]) -> JSON {
        switch method {
        case .put: return answers.first ?? .null
        case .get:
            let entry = answers.lazy.compactMap { $0["entry"] }.first { isVisible($0) }
            return ["entry": entry ?? .null]
        case .forget:
            return ["forgotten": .int(answers.reduce(0) { $0 + ($1["forgotten"]?.intValue ?? 0) })]
        case .list:
            var page: JSONObject = ["entries": .array(entries(answers))]
            page["cursor"] = answers.first?["cursor"]
            return .object(page)
        case .search:
            let found = entries(answers)
            let relevant = found.filter { ($0["score"]?.doubleValue ?? 0) >= settings.relevanceThreshold }
            return ["entries": .array(relevant), "left_out": .int(Int64(found.count - relevant.count))]
        }
    }

    private func entries(_ answers: [JSON]) -> [JSON] {
        answers.flatMap { $0["entries"]?.arrayValue ?? [] }.filter(isVisible)
    }

    private func isVisible(_ entry: JSON) -> Bool {
        guard let layer = entry["layer"]?.stringValue.flatMap(MemoryLayer.init(rawValue:)),
            let namespace = entry["namespace"]?.stringValue
        else { return false }
        return scope == nil || namespace == self.namespace(layer)
    }
}
