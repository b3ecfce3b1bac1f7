// SPDX-License-Identifier: Apache-2.0
// MemoryAccess: the rules, the redaction and the backend of one tenant in one place, for agents through the host service
// and for people through the control socket.

import CorralBase
import CorralPipeline

package struct MemoryAccess: Sendable {
    private let backend: any MemoryBackend
    private let settings: @Sendable () -> MemorySettings
    private let redact: @Sendable ([String]) async -> [String]
    private let clock: any HostClock

    /// - Parameters:
    ///   - settings: as the configuration has them now.
    ///   - redact: gives each text without its sensitive values.
    package init(
        backend: any MemoryBackend, settings: @escaping @Sendable () -> MemorySettings,
        redact: @escaping @Sendable ([String]) async -> [String], clock: any HostClock
    ) {
        self.backend = backend
        self.settings = settings
        self.redact = redact
        self.clock = clock
    }

    /// - Throws: `memory_off`, `memory_not_shared`, `service_request_invalid`.
    func rules(_ asker: MemoryAsker, _ arguments: JSON) throws(CorralError) -> MemoryRules {
        try MemoryRules(
            settings(), asker: asker, scope: arguments["scope"], nowMilliseconds: clock.wallNanoseconds() / 1_000_000)
    }

    /// One request, of an agent or a person.
    /// - Returns: the answer, and which plugin gave it.
    package func ask(
        _ method: MemoryMethod, _ arguments: JSON, _ asker: MemoryAsker, for call: Call?
    ) async throws(CallFailure) -> (JSON, PluginID) {
        let (author, arguments) = try await clean(method, arguments, asker)
        let (rules, bodies, plugin) = try plan(method, arguments, asker, author, call)
        var answers: [JSON] = []
        for body in bodies {
            answers.append(try await backend.ask(method, body, for: call))
            // Layers of one session come first; what they have hides what lies deeper.
            if method == .get, answers.last?["entry"]?.isNull == false { break }
        }
        return (rules.answer(method, answers), plugin)
    }

    private func plan(
        _ method: MemoryMethod, _ arguments: JSON, _ asker: MemoryAsker, _ author: JSONObject, _ call: Call?
    ) throws(CallFailure) -> (MemoryRules, [JSONObject], PluginID) {
        do throws(CorralError) {
            let rules = try rules(asker, arguments)
            let effect = call.map(Self.effect)
            return (rules, try rules.bodies(method, arguments, author: author, effect: effect), try backend.plugin())
        } catch { throw CallFailure(error) }
    }

    /// Deletes what is past its time, in all namespaces.
    /// - Returns: how many entries there were.
    package func sweep() async throws(CallFailure) -> Int64 {
        try await backend.ask(.forget, ["expired": true], for: nil)["forgotten"]?.intValue ?? 0
    }

    /// The same text for every attempt that may stand for the same put.
    private static func effect(_ call: Call) -> String {
        let key = call.effect
        return "\(call.origin?.idempotencyKey ?? "")/\(key?.requestHash ?? "")/\(key?.ordinal ?? 0)"
    }

    // MARK: Redaction

    /// What goes into the backend's files, without sensitive values: who writes, and what.
    private func clean(
        _ method: MemoryMethod, _ arguments: JSON, _ asker: MemoryAsker
    ) async throws(CallFailure) -> (author: JSONObject, JSON) {
        guard method == .put, case .object(var members) = arguments else { return (asker.author, arguments) }
        if let key = members["key"]?.stringValue {
            let redacted = await redact([key])
            guard redacted == [key] else { throw CallFailure(.memoryKeySensitive(redacted.first ?? "")) }
        }
        let kept = ["text", "value", "tags"].filter { members[$0] != nil }
        var texts: [String] = []
        JSON.object(asker.author).collectTexts(&texts)
        for name in kept { members[name]?.collectTexts(&texts) }
        var clean = await redact(texts)[...]
        let author = JSON.object(asker.author).withTexts(&clean).objectValue ?? JSONObject()
        for name in kept { members[name] = members[name]?.withTexts(&clean) }
        return (author, .object(members))
    }
}

extension JSON {
    /// Its strings in order, with the names of members.
    fileprivate func collectTexts(_ texts: inout [String]) {
        switch self {
        case .string(let text): texts.append(text)
        case .array(let elements): for element in elements { element.collectTexts(&texts) }
        case .object(let object):
            for member in object.members {
                texts.append(member.key)
                member.value.collectTexts(&texts)
            }
        case .null, .bool, .int, .double: break
        }
    }

    /// The same with other strings, in the same order.
    fileprivate func withTexts(_ texts: inout ArraySlice<String>) -> JSON {
        switch self {
        case .string: return .string(texts.popFirst() ?? "")
        case .array(let elements): return .array(elements.map { $0.withTexts(&texts) })
        case .object(let object):
            var copy = JSONObject()
            for (key, value) in object.members {
                let name = texts.popFirst() ?? key
                copy[name] = value.withTexts(&texts)
            }
            return .object(copy)
        case .null, .bool, .int, .double: return self
        }
    }
}
