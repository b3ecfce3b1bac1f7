// SPDX-License-Identifier: Apache-2.0
// Relevance: how well an entry answers a query, from 0 to 1, as a function of FTS5.
//
// FTS5's own bm25() has no upper end and is near 0 in a small database, whatever is asked, so no threshold can be set on
// it. This is BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, with k1 = 1.2 and b = 0.75 as
// in FTS5), brought to a scale that means something: each word of the query weighs its inverse document frequency; a word
// that the entry holds earns three quarters of its weight, and up to a quarter more the oftener it stands there and the
// shorter the entry is. So 0.75 and more means that every word is there, and 0 that none is.

import CSQLite
import Glibc

enum Relevance {
    static let present = 0.75
    private static let k1 = 1.2
    private static let b = 0.75

    /// Makes `relevance(words, COUNT)` known to a connection: COUNT phrases at the query's beginning are the words.
    static func register(in database: Database) throws(DatabaseFault) {
        guard let api = fts5(of: database.handle) else {
            throw DatabaseFault(code: SQLITE_ERROR, message: "this SQLite was built without FTS5")
        }
        let status = api.pointee.xCreateFunction?(api, "relevance", nil, relevance, nil) ?? SQLITE_ERROR
        guard status == SQLITE_OK else { throw database.fault }
    }

    /// The way that the documentation of FTS5 gives, section 7.
    private static func fts5(of database: OpaquePointer) -> UnsafeMutablePointer<fts5_api>? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, nil) == SQLITE_OK else { return nil }
        defer { sqlite3_finalize(statement) }
        var api: UnsafeMutablePointer<fts5_api>?
        return withUnsafeMutablePointer(to: &api) { place in
            sqlite3_bind_pointer(statement, 1, place, "fts5_api_ptr", nil)
            _ = sqlite3_step(statement)
            return place.pointee
        }
    }

    /// - Parameters:
    ///   - hits: how often each word of the query stands in the entry.
    ///   - weights: each word's inverse document frequency.
    ///   - length: the entry's, in words.
    static func score(hits: [Int], weights: [Double], length: Double, averageLength: Double) -> Double {
        let whole = weights.reduce(0, +)
        guard whole > 0 else { return 0 }
        let norm = k1 * (1 - b + b * length / max(averageLength, 1))
        let earned = zip(hits, weights).reduce(0) { sum, word in
            guard word.0 > 0 else { return sum }
            let often = Double(word.0)
            return sum + word.1 * (present + (1 - present) * often / (often + norm))
        }
        return earned / whole
    }

    /// Positive for every word, as Lucene has it: FTS5's goes below 0 for words of more than half of the entries.
    static func weight(entries: Double, with holding: Double) -> Double {
        log(1 + (entries - holding + 0.5) / (holding + 0.5))
    }
}

/// What is the same for all rows of one query.
private final class QueryFigures {
    let weights: [Double]
    let averageLength: Double

    init(weights: [Double], averageLength: Double) {
        self.weights = weights
        self.averageLength = averageLength
    }
}

/// `fts5_extension_function`.
private func relevance(
    _ api: UnsafePointer<Fts5ExtensionApi>?, _ fts: OpaquePointer?, _ context: OpaquePointer?, _ count: Int32,
    _ values: UnsafeMutablePointer<OpaquePointer?>?
) {
    guard let api, count == 1, let values else { return sqlite3_result_error(context, "relevance(words, COUNT)", -1) }
    let words = Int(sqlite3_value_int(values[0]))
    guard let figures = figures(api, fts, words) else { return sqlite3_result_error_nomem(context) }
    var hits = Array(repeating: 0, count: words)
    var instances: Int32 = 0
    _ = api.pointee.xInstCount(fts, &instances)
    for index in 0..<instances {
        var (phrase, column, offset): (Int32, Int32, Int32) = (0, 0, 0)
        _ = api.pointee.xInst(fts, index, &phrase, &column, &offset)
        if Int(phrase) < words { hits[Int(phrase)] += 1 }
    }
    var length: Int32 = 0
    _ = api.pointee.xColumnSize(fts, 0, &length)
    sqlite3_result_double(
        context,
        Relevance.score(
            hits: hits, weights: figures.weights, length: Double(length), averageLength: figures.averageLength))
}

private func figures(_ api: UnsafePointer<Fts5ExtensionApi>, _ fts: OpaquePointer?, _ words: Int) -> QueryFigures? {
    if let known = api.pointee.xGetAuxdata(fts, 0) {
        return Unmanaged<QueryFigures>.fromOpaque(known).takeUnretainedValue()
    }
    var (rows, tokens): (sqlite3_int64, sqlite3_int64) = (0, 0)
    guard api.pointee.xRowCount(fts, &rows) == SQLITE_OK,
        api.pointee.xColumnTotalSize(fts, 0, &tokens) == SQLITE_OK
    else { return nil }
    var weights: [Double] = []
    for phrase in 0..<words {
        var holding: Int64 = 0
        let status = withUnsafeMutablePointer(to: &holding) {
            api.pointee.xQueryPhrase(fts, Int32(phrase), $0, countRow)
        }
        guard status == SQLITE_OK else { return nil }
        weights.append(Relevance.weight(entries: Double(rows), with: Double(holding)))
    }
    let figures = QueryFigures(weights: weights, averageLength: rows > 0 ? Double(tokens) / Double(rows) : 1)
    let status = api.pointee.xSetAuxdata(fts, Unmanaged.passRetained(figures).toOpaque()) { figures in
        if let figures { Unmanaged<QueryFigures>.fromOpaque(figures).release() }
    }
    // FTS5 has released it then.
    return status == SQLITE_OK ? figures : nil
}

private func countRow(
    _ api: UnsafePointer<Fts5ExtensionApi>?, _ fts: OpaquePointer?, _ count: UnsafeMutableRawPointer?
) -> Int32 {
    count?.assumingMemoryBound(to: Int64.self).pointee += 1
    return SQLITE_OK
}
