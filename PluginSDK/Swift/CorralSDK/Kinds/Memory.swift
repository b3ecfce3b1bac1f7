// SPDX-License-Identifier: Apache-2.0

/// A memory backend (memory.h): it keeps entries and finds them again. The host decides who may see what; the backend
/// sees namespaces as names.
public protocol Memory: InfrastructurePlugin {
    func put(_ request: MemoryPut, _ context: PluginContext) async throws -> MemoryReceipt
    func get(_ request: MemoryGet, _ context: PluginContext) async throws -> MemoryEntry?
    /// Best first, each with its score.
    func search(_ request: MemorySearch, _ context: PluginContext) async throws -> [MemoryEntry]
    /// Newest first by the time of the last change.
    func list(_ request: MemoryList, _ context: PluginContext) async throws -> MemoryPage
    /// - Returns: how many entries are gone.
    func forget(_ request: MemoryForget, _ context: PluginContext) async throws -> Int
}

/// How long something is worth knowing.
public enum MemoryLayer: String, Codable, Sendable, Hashable, CaseIterable {
    case shortTerm = "short_term"
    case mediumTerm = "medium_term"
    case longTerm = "long_term"
}

/// Who wrote an entry, and in which run. What is not known is nil.
public struct MemoryAuthor: Codable, Sendable, Hashable {
    public var agent: String?
    public var run: String?
    public var session: String?
    public var user: String?

    public init(agent: String? = nil, run: String? = nil, session: String? = nil, user: String? = nil) {
        self.agent = agent
        self.run = run
        self.session = session
        self.user = user
    }
}

public struct MemoryEntry: Codable, Sendable, Hashable {
    public var id: String
    public var namespace: String
    public var layer: MemoryLayer
    /// The author's own name for it, unique in namespace and layer.
    public var key: String?
    public var text: String
    public var value: JSON?
    public var tags: [String]
    public var author: MemoryAuthor
    /// Milliseconds since 1970, as all times here.
    public var createdAtMilliseconds: Int64
    public var updatedAtMilliseconds: Int64
    public var expiresAtMilliseconds: Int64?
    /// From 0 to 1, in answers to a search.
    public var score: Double?

    public init(
        id: String, namespace: String, layer: MemoryLayer, key: String? = nil, text: String, value: JSON? = nil,
        tags: [String] = [], author: MemoryAuthor, createdAtMilliseconds: Int64, updatedAtMilliseconds: Int64,
        expiresAtMilliseconds: Int64? = nil, score: Double? = nil
    ) {
        self.id = id
        self.namespace = namespace
        self.layer = layer
        self.key = key
        self.text = text
        self.value = value
        self.tags = tags
        self.author = author
        self.createdAtMilliseconds = createdAtMilliseconds
        self.updatedAtMilliseconds = updatedAtMilliseconds
        self.expiresAtMilliseconds = expiresAtMilliseconds
        self.score = score
    }

    enum CodingKeys: String, CodingKey {
        case id, namespace, layer, key, text, value, tags, author, score
        case createdAtMilliseconds = "created_at_ms"
        case updatedAtMilliseconds = "updated_at_ms"
        case expiresAtMilliseconds = "expires_at_ms"
    }
}

public struct MemoryPut: Codable, Sendable {
    public var nowMilliseconds: Int64
    public var namespace: String
    public var layer: MemoryLayer
    /// An entry of this key, namespace and layer is replaced; its time of creation stays.
    public var key: String?
    public var text: String
    public var value: JSON?
    public var tags: [String]?
    public var author: MemoryAuthor
    public var expiresAtMilliseconds: Int64?
    /// The same text for every attempt that may stand for the same put: a second one changes nothing and gets the
    /// receipt of the first.
    public var effect: String?

    public init(
        nowMilliseconds: Int64, namespace: String, layer: MemoryLayer, key: String? = nil, text: String,
        value: JSON? = nil, tags: [String]? = nil, author: MemoryAuthor = MemoryAuthor(),
        expiresAtMilliseconds: Int64? = nil, effect: String? = nil
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.namespace = namespace
        self.layer = layer
        self.key = key
        self.text = text
        self.value = value
        self.tags = tags
        self.author = author
        self.expiresAtMilliseconds = expiresAtMilliseconds
        self.effect = effect
    }

    enum CodingKeys: String, CodingKey {
        case namespace, layer, key, text, value, tags, author, effect
        case nowMilliseconds = "now_ms"
        case expiresAtMilliseconds = "expires_at_ms"
    }
}

public struct MemoryReceipt: Codable, Sendable, Hashable {
    public var id: String
    public var createdAtMilliseconds: Int64
    public var updatedAtMilliseconds: Int64
    public var replaced: Bool

    public init(id: String, createdAtMilliseconds: Int64, updatedAtMilliseconds: Int64, replaced: Bool) {
        self.id = id
        self.createdAtMilliseconds = createdAtMilliseconds
        self.updatedAtMilliseconds = updatedAtMilliseconds
        self.replaced = replaced
    }

    enum CodingKeys: String, CodingKey {
        case id, replaced
        case createdAtMilliseconds = "created_at_ms"
        case updatedAtMilliseconds = "updated_at_ms"
    }
}

public struct MemoryGet: Codable, Sendable {
    public var nowMilliseconds: Int64
    public var namespace: String
    /// Nil: the first of the three that has it, shortest first.
    public var layer: MemoryLayer?
    /// One of the two.
    public var id: String?
    public var key: String?

    public init(
        nowMilliseconds: Int64, namespace: String, layer: MemoryLayer? = nil, id: String? = nil, key: String? = nil
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.namespace = namespace
        self.layer = layer
        self.id = id
        self.key = key
    }

    enum CodingKeys: String, CodingKey {
        case namespace, layer, id, key
        case nowMilliseconds = "now_ms"
    }
}

public struct MemorySearch: Codable, Sendable {
    public var nowMilliseconds: Int64
    public var namespaces: [String]
    /// Nil: all.
    public var layers: [MemoryLayer]?
    /// Words, never syntax.
    public var query: String
    /// Entries carry all of them.
    public var tags: [String]?
    public var limit: Int

    public init(
        nowMilliseconds: Int64, namespaces: [String], layers: [MemoryLayer]? = nil, query: String,
        tags: [String]? = nil, limit: Int
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.namespaces = namespaces
        self.layers = layers
        self.query = query
        self.tags = tags
        self.limit = limit
    }

    enum CodingKeys: String, CodingKey {
        case namespaces, layers, query, tags, limit
        case nowMilliseconds = "now_ms"
    }
}

public struct MemoryList: Codable, Sendable {
    public var nowMilliseconds: Int64
    public var namespaces: [String]
    /// Nil: all.
    public var layers: [MemoryLayer]?
    /// Entries carry all of them.
    public var tags: [String]?
    public var limit: Int
    /// Of the page before; nil: from the newest on.
    public var cursor: String?

    public init(
        nowMilliseconds: Int64, namespaces: [String], layers: [MemoryLayer]? = nil, tags: [String]? = nil, limit: Int,
        cursor: String? = nil
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.namespaces = namespaces
        self.layers = layers
        self.tags = tags
        self.limit = limit
        self.cursor = cursor
    }

    enum CodingKeys: String, CodingKey {
        case namespaces, layers, tags, limit, cursor
        case nowMilliseconds = "now_ms"
    }
}

public struct MemoryPage: Codable, Sendable, Hashable {
    public var entries: [MemoryEntry]
    /// Where the next page begins; nil: there is none.
    public var cursor: String?

    public init(entries: [MemoryEntry], cursor: String? = nil) {
        self.entries = entries
        self.cursor = cursor
    }
}

public struct MemoryForget: Codable, Sendable {
    public var nowMilliseconds: Int64
    /// Nil with `expired` only.
    public var namespace: String?
    /// Nil: all.
    public var layers: [MemoryLayer]?
    /// One of these five.
    public var id: String?
    public var key: String?
    /// Entries that were last changed before it.
    public var olderThanMilliseconds: Int64?
    public var all: Bool?
    /// What is past its time, in all namespaces: the host's sweep.
    public var expired: Bool?

    public init(
        nowMilliseconds: Int64, namespace: String? = nil, layers: [MemoryLayer]? = nil, id: String? = nil,
        key: String? = nil, olderThanMilliseconds: Int64? = nil, all: Bool? = nil, expired: Bool? = nil
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.namespace = namespace
        self.layers = layers
        self.id = id
        self.key = key
        self.olderThanMilliseconds = olderThanMilliseconds
        self.all = all
        self.expired = expired
    }

    enum CodingKeys: String, CodingKey {
        case namespace, layers, id, key, all, expired
        case nowMilliseconds = "now_ms"
        case olderThanMilliseconds = "older_than_ms"
    }
}
