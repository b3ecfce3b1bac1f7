// SPDX-License-Identifier: Apache-2.0
// EntryCheck: what a request must be before the database sees it.

import CorralSDK

enum EntryCheck {
    static func check(_ put: MemoryPut) throws {
        try check(namespaces: [put.namespace])
        try size("text", put.text, MemoryBounds.textBytesMax)
        if let key = put.key { try check(key: key) }
        if let value = put.value { try size("value", value.text, MemoryBounds.valueBytesMax) }
        let tags = put.tags ?? []
        guard tags.count <= MemoryBounds.tagsMax else {
            throw MemorySQLiteErrors.tooMany("tags", count: tags.count, max: MemoryBounds.tagsMax)
        }
        for tag in tags { try size("tag", tag, MemoryBounds.tagBytesMax) }
        for part in [put.author.agent, put.author.run, put.author.session, put.author.user] {
            if let part { try size("author", part, MemoryBounds.authorBytesMax) }
        }
    }

    static func check(namespaces: [String]) throws {
        guard namespaces.count <= MemoryBounds.namespacesMax else {
            throw MemorySQLiteErrors.tooMany(
                "namespaces", count: namespaces.count, max: MemoryBounds.namespacesMax)
        }
        for name in namespaces {
            guard !name.isEmpty else { throw MemorySQLiteErrors.invalid("a namespace is empty") }
            try size("namespace", name, MemoryBounds.namespaceBytesMax)
        }
    }

    static func limit(_ limit: Int) throws -> Int {
        guard (1...MemoryBounds.limitMax).contains(limit) else {
            throw MemorySQLiteErrors.invalid("the limit is \(limit); expected 1 to \(MemoryBounds.limitMax)")
        }
        return limit
    }

    /// The column and the value that name one entry.
    static func name(id: String?, key: String?) throws -> (column: String, SQLValue) {
        switch (id, key) {
        case (let id?, nil):
            guard let number = EntryID(id)?.number else { return ("number", .null) }
            return ("number", .integer(number))
        case (nil, let key?):
            try check(key: key)
            return ("key", .text(key))
        default: throw MemorySQLiteErrors.invalid("exactly one of id and key must be given")
        }
    }

    /// Which entries of a namespace a forget means: a condition on its third parameter.
    static func selection(_ forget: MemoryForget) throws -> (condition: String, SQLValue) {
        let given = [forget.id != nil, forget.key != nil, forget.olderThanMilliseconds != nil, forget.all == true]
        guard given.count(where: { $0 }) == 1 else {
            throw MemorySQLiteErrors.invalid("exactly one of id, key, older_than_ms and all must be given")
        }
        if let time = forget.olderThanMilliseconds { return ("updated_at < ?3", .integer(time)) }
        if forget.all == true { return ("?3 IS NULL", .null) }
        let (column, value) = try name(id: forget.id, key: forget.key)
        return ("\(column) = ?3", value)
    }

    private static func check(key: String) throws {
        guard !key.isEmpty else { throw MemorySQLiteErrors.invalid("the key is empty") }
        try size("key", key, MemoryBounds.keyBytesMax)
    }

    /// SQLite ends some texts at a zero byte, so none is taken.
    private static func size(_ what: String, _ text: String, _ max: Int) throws {
        guard text.utf8.count <= max else {
            throw MemorySQLiteErrors.tooLarge(what, bytes: text.utf8.count, max: max)
        }
        guard !text.utf8.contains(0) else { throw MemorySQLiteErrors.invalid("the \(what) holds a zero byte") }
    }
}
