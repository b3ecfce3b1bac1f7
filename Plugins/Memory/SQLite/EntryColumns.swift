// SPDX-License-Identifier: Apache-2.0
// EntryColumns: an entry as a row, and the conditions that every statement shares.

import CorralSDK

enum EntryColumns {
    static let select = """
        SELECT e.number, n.name, e.layer, e.key, e.text, e.value, e.tags, e.agent, e.run, e.session, e.user,
            e.created_at, e.updated_at, e.expires_at
        FROM entries AS e JOIN namespaces AS n ON n.number = e.namespace
        """

    static func alive(_ parameter: Int) -> String { "(e.expires_at IS NULL OR e.expires_at > ?\(parameter))" }

    /// All the tags of a JSON list, or a null for any.
    static func tagged(_ parameter: Int) -> String {
        """
        (?\(parameter) IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(?\(parameter)) AS wanted
            WHERE wanted.value NOT IN (SELECT value FROM json_each(e.tags))))
        """
    }

    static func tags(_ tags: [String]?) -> SQLValue {
        guard let tags, !tags.isEmpty else { return .null }
        return .text(JSON.array(tags.map { .text($0) }).text)
    }

    static func entry(_ row: Row) -> MemoryEntry {
        MemoryEntry(
            id: EntryID(row.integer(0)).text, namespace: row.text(1), layer: MemoryLayer(number: row.integer(2)),
            key: row.optionalText(3), text: row.text(4), value: row.optionalText(5).flatMap { try? JSON(parsing: $0) },
            tags: tags(in: row.text(6)),
            author: MemoryAuthor(
                agent: row.optionalText(7), run: row.optionalText(8), session: row.optionalText(9),
                user: row.optionalText(10)),
            createdAtMilliseconds: row.integer(11), updatedAtMilliseconds: row.integer(12),
            expiresAtMilliseconds: row.optionalInteger(13))
    }

    private static func tags(in text: String) -> [String] {
        guard case .array(let elements)? = try? JSON(parsing: text) else { return [] }
        return elements.compactMap { if case .text(let tag) = $0 { tag } else { nil } }
    }
}

extension MemoryLayer {
    /// As it stands in the database.
    var number: Int64 {
        switch self {
        case .shortTerm: 0
        case .mediumTerm: 1
        case .longTerm: 2
        }
    }

    init(number: Int64) {
        self = Self.allCases.first { $0.number == number } ?? .longTerm
    }
}

/// What names an entry to others: never used again, also when the entry is gone.
struct EntryID {
    let number: Int64

    init(_ number: Int64) { self.number = number }

    init?(_ text: String) {
        guard text.hasPrefix("m"), let number = Int64(text.dropFirst()), number > 0 else { return nil }
        self.number = number
    }

    var text: String { "m\(number)" }
}

/// A place in a list: the time of the last change, and the number among those of one time.
struct ListCursor: Comparable {
    var updatedAt: Int64
    var number: Int64

    static let newest = ListCursor(updatedAt: .max, number: .max)

    init(updatedAt: Int64, number: Int64) {
        self.updatedAt = updatedAt
        self.number = number
    }

    init(_ entry: MemoryEntry) {
        self.init(updatedAt: entry.updatedAtMilliseconds, number: EntryID(entry.id)?.number ?? 0)
    }

    init(parsing text: String) throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 2, let time = parts[0], let number = parts[1] else {
            throw MemorySQLiteErrors.invalid("\"\(text.prefix(80))\" is no cursor of a list")
        }
        self.init(updatedAt: time, number: number)
    }

    var text: String { "\(updatedAt).\(number)" }

    static func < (one: ListCursor, other: ListCursor) -> Bool {
        (one.updatedAt, one.number) < (other.updatedAt, other.number)
    }
}

/// Keeps an answer within what it may hold. At least one entry is in it.
enum AnswerSize {
    static func prefix(_ entries: [MemoryEntry], most: Int) -> [MemoryEntry] {
        var bytes = 0
        var kept: [MemoryEntry] = []
        for entry in entries.prefix(most) {
            bytes += entry.text.utf8.count + (entry.value?.text.utf8.count ?? 0)
            if bytes > MemoryBounds.answerBytesMax, !kept.isEmpty { break }
            kept.append(entry)
        }
        return kept
    }
}
