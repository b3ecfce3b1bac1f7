// SPDX-License-Identifier: Apache-2.0
// KeywordSearch: the entries that answer a query best. Whatever stands in a query, it is words to FTS5, never its syntax.

import CorralSDK

struct KeywordSearch {
    let table: MemoryTable

    /// - Returns: best first, among equals the latest first; empty for a query without a word.
    func search(_ search: MemorySearch) throws -> [MemoryEntry] {
        let limit = try EntryCheck.limit(search.limit)
        let words = try Self.words(in: search.query)
        let places = try table.places(search.namespaces)
        guard !words.isEmpty, places.numbers?.isEmpty != true else { return [] }
        let layers = (search.layers ?? MemoryLayer.allCases).map { JSON.integer(Int($0.number)) }
        let best = try table.database.rows(
            """
            SELECT e.number, relevance(words, ?2) AS score FROM words JOIN entries AS e ON e.number = words.rowid
            WHERE words MATCH ?1 AND e.layer IN (SELECT value FROM json_each(?3))
                AND \(EntryColumns.alive(4)) AND \(EntryColumns.tagged(5))
            ORDER BY score DESC, e.updated_at DESC, e.number DESC LIMIT ?6
            """,
            [
                .text(Self.expression(words, places)), .integer(Int64(words.count)),
                .text(JSON.array(layers).text), .integer(search.nowMilliseconds), EntryColumns.tags(search.tags),
                .integer(Int64(limit)),
            ]
        ) { (number: $0.integer(0), score: $0.double(1)) }
        return AnswerSize.prefix(try best.compactMap(entry), most: limit)
    }

    private func entry(_ number: Int64, _ score: Double) throws -> MemoryEntry? {
        var entry = try table.database.first(
            EntryColumns.select + " WHERE e.number = ?1", [.integer(number)], EntryColumns.entry)
        entry?.score = min(1, max(0, score))
        return entry
    }

    /// The words first: `relevance` counts them from the front. The namespaces narrow what FTS5 reads at all.
    static func expression(_ words: [String], _ places: Places) -> String {
        let wanted = words.map { "\"\($0)\"" }.joined(separator: " OR ")
        guard let numbers = places.numbers else { return "text : (\(wanted))" }
        return "text : (\(wanted)) AND place : (\(numbers.map { "\"n\($0)\"" }.joined(separator: " OR ")))"
    }

    /// The different words, in order: runs of letters and digits of any script.
    static func words(in query: String) throws -> [String] {
        guard query.utf8.count <= MemoryBounds.queryBytesMax else {
            throw MemorySQLiteErrors.tooLarge(
                "query", bytes: query.utf8.count, max: MemoryBounds.queryBytesMax)
        }
        var words: [String] = []
        for part in query.lowercased().split(whereSeparator: { !($0.isLetter || $0.isNumber) }) {
            let word = String(part)
            if words.count < MemoryBounds.queryWordsMax, !words.contains(word) { words.append(word) }
        }
        return words
    }
}
