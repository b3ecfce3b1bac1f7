// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import FoundationEssentials
import Glibc
import Synchronization

/// Keeps entries in memory, and every change of them as a line in a file of its own folder, which is read back at the start.
/// Good for some thousand entries.
public final class Recall: Memory {
    public static let card = PluginCard(
        "acme/recall", version: "1.0.0", summary: "Keeps what agents want to know later", asks: Asks(storage: true))

    /// A line of the file: one of the two.
    struct Line: Codable {
        var entry: MemoryEntry?
        var effect: String?
        var forget: String?
    }

    private struct State {
        var entries: [MemoryEntry] = []
        var nextNumber = 1
        /// The last put of each entry that the host may repeat, by entry.
        var effects: [String: String] = [:]
        /// How many had expired when the call began.
        var expired = 0
    }

    private let path: String?
    private let state: Mutex<State>

    public init(_ activation: Activation) throws {
        path = activation.storageFolder.map { $0 + "/recall.jsonl" }
        if path == nil { activation.log(.warning, "no folder was granted: entries end with the process") }
        state = Mutex(path.map(Self.read) ?? State())
    }

    // MARK: The functions of the kind

    public func put(_ request: MemoryPut, _ context: PluginContext) async throws -> MemoryReceipt {
        try changing(at: request.nowMilliseconds) { state in
            // The same put again, after a crash for example: it changes nothing.
            if let effect = request.effect, let id = state.effects.first(where: { $0.value == effect })?.key,
                let entry = state.entries.first(where: { $0.id == id })
            {
                return MemoryReceipt(
                    id: id, createdAtMilliseconds: entry.createdAtMilliseconds,
                    updatedAtMilliseconds: entry.updatedAtMilliseconds,
                    replaced: entry.createdAtMilliseconds != entry.updatedAtMilliseconds)
            }
            let old = request.key.flatMap { key in
                state.entries.firstIndex {
                    $0.key == key && $0.namespace == request.namespace && $0.layer == request.layer
                }
            }
            let entry = MemoryEntry(
                id: old.map { state.entries[$0].id } ?? "m\(state.nextNumber)", namespace: request.namespace,
                layer: request.layer, key: request.key, text: request.text, value: request.value,
                tags: request.tags ?? [], author: request.author,
                createdAtMilliseconds: old.map { state.entries[$0].createdAtMilliseconds } ?? request.nowMilliseconds,
                updatedAtMilliseconds: request.nowMilliseconds,
                expiresAtMilliseconds: request.expiresAtMilliseconds)
            if let old { state.entries[old] = entry } else { state.entries.append(entry) }
            if old == nil { state.nextNumber += 1 }
            state.effects[entry.id] = request.effect
            try keep(Line(entry: entry, effect: request.effect))
            return MemoryReceipt(
                id: entry.id, createdAtMilliseconds: entry.createdAtMilliseconds,
                updatedAtMilliseconds: entry.updatedAtMilliseconds, replaced: old != nil)
        }
    }

    public func get(_ request: MemoryGet, _ context: PluginContext) async throws -> MemoryEntry? {
        try changing(at: request.nowMilliseconds) { state in
            let named = state.entries.filter { entry in
                entry.namespace == request.namespace && (request.layer ?? entry.layer) == entry.layer
                    && (request.id.map { $0 == entry.id } ?? (request.key != nil && request.key == entry.key))
            }
            return MemoryLayer.allCases.lazy.compactMap { layer in named.first { $0.layer == layer } }.first
        }
    }

    public func search(_ request: MemorySearch, _ context: PluginContext) async throws -> [MemoryEntry] {
        let words = request.query.lowercased().split { !$0.isLetter && !$0.isNumber }
        guard !words.isEmpty else { return [] }
        return try changing(at: request.nowMilliseconds) { state in
            let seen = state.entries.filter {
                $0.isSeen(request.namespaces, request.layers, request.tags)
            }
            let found = seen.compactMap { entry -> MemoryEntry? in
                let text = entry.text.lowercased()
                let share = Double(words.count { text.contains($0) }) / Double(words.count)
                guard share > 0 else { return nil }
                var entry = entry
                entry.score = share
                return entry
            }
            let best = found.sorted { ($0.score ?? 0, $0.age) > ($1.score ?? 0, $1.age) }
            return Array(best.prefix(max(0, request.limit)))
        }
    }

    public func list(_ request: MemoryList, _ context: PluginContext) async throws -> MemoryPage {
        try changing(at: request.nowMilliseconds) { state in
            let all = state.entries.filter { $0.isSeen(request.namespaces, request.layers, request.tags) }
                .sorted { $0.age > $1.age }
            let rest = request.cursor.flatMap(Age.init).map { last in all.filter { $0.age < last } } ?? all
            let page = Array(rest.prefix(max(0, request.limit)))
            return MemoryPage(entries: page, cursor: page.count < rest.count ? page.last?.age.text : nil)
        }
    }

    public func forget(_ request: MemoryForget, _ context: PluginContext) async throws -> Int {
        try changing(at: request.nowMilliseconds) { state in
            // The host's sweep names no namespace.
            guard let namespace = request.namespace else { return request.expired == true ? state.expired : 0 }
            let gone = state.entries.filter { entry in
                guard entry.isSeen([namespace], request.layers, nil) else { return false }
                if let id = request.id { return entry.id == id }
                if let key = request.key { return entry.key == key }
                if let time = request.olderThanMilliseconds { return entry.updatedAtMilliseconds < time }
                return request.all == true
            }
            try drop(Set(gone.map(\.id)), &state)
            return gone.count
        }
    }

    // MARK: The state and its file

    /// What has expired does not exist, whoever asks.
    private func changing<Value: Sendable>(
        at now: Int64, _ body: (inout State) throws -> Value
    ) throws -> Value {
        try state.withLock { state in
            let expired = state.entries.filter { ($0.expiresAtMilliseconds ?? .max) <= now }
            state.expired = expired.count
            if !expired.isEmpty { try drop(Set(expired.map(\.id)), &state) }
            return try body(&state)
        }
    }

    private func drop(_ ids: Set<String>, _ state: inout State) throws {
        state.entries.removeAll { ids.contains($0.id) }
        for id in ids { state.effects[id] = nil }
        for id in ids { try keep(Line(forget: id)) }
    }

    private func keep(_ line: Line) throws {
        guard let path else { return }
        let bytes = Array(try JSONEncoder().encode(line)) + [UInt8(ascii: "\n")]
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw AgentError("storage", "the file cannot be opened", retryable: true) }
        defer { close(file) }
        guard write(file, bytes, bytes.count) == bytes.count else {
            throw AgentError("storage", "the file cannot be written", retryable: true)
        }
    }

    /// A line that a crash cut short is passed over.
    private static func read(_ path: String) -> State {
        var state = State()
        guard let content = try? Data(contentsOf: URL(filePath: path)) else { return state }
        for text in content.split(separator: UInt8(ascii: "\n")) {
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(text)) else { continue }
            let id = line.entry?.id ?? line.forget
            state.entries.removeAll { $0.id == id }
            if let entry = line.entry {
                state.entries.append(entry)
                state.effects[entry.id] = line.effect
            }
            let number = id.flatMap { Int($0.dropFirst()) } ?? 0
            state.nextNumber = max(state.nextNumber, number + 1)
        }
        return state
    }
}

/// The order of a list: the time of the last change, then the order of making.
private struct Age: Comparable {
    var updated: Int64
    var number: Int

    var text: String { "\(updated)-\(number)" }

    init(_ entry: MemoryEntry) {
        updated = entry.updatedAtMilliseconds
        number = Int(entry.id.dropFirst()) ?? 0
    }

    init?(_ text: String) {
        let parts = text.split(separator: "-")
        guard parts.count == 2, let updated = Int64(parts[0]), let number = Int(parts[1]) else { return nil }
        self.updated = updated
        self.number = number
    }

    static func < (a: Age, b: Age) -> Bool { (a.updated, a.number) < (b.updated, b.number) }
}

extension MemoryEntry {
    fileprivate var age: Age { Age(self) }

    fileprivate func isSeen(_ namespaces: [String], _ layers: [MemoryLayer]?, _ tags: [String]?) -> Bool {
        namespaces.contains(namespace) && (layers?.contains(layer) ?? true)
            && (tags ?? []).allSatisfy(self.tags.contains)
    }
}
