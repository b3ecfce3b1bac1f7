// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Counts every remark exactly and keeps the first of each kind.
struct RowLog {
    enum Kind: String, CaseIterable {
        case bad, impossible, duplicate, disorder, doubtful
    }

    /// Enough to see a pattern; a flood of one kind does not hide the others.
    static let listedPerKindMax = 40

    private var counts: [Kind: Int] = [:]
    private var kept: [DataQuality.Issue] = []
    private var keptPerKind: [Kind: Int] = [:]
    private var otherSymbols = 0
    /// The file ran backwards and was turned round.
    var isNewestFirst = false

    var total: Int { counts.values.reduce(0, +) }
    var rejected: Int { count(.bad) + count(.impossible) + count(.duplicate) }
    var listed: [DataQuality.Issue] { kept.sorted { ($0.line, $0.kind) < ($1.line, $1.kind) } }

    var notes: [String] {
        var notes = isNewestFirst ? ["The file runs from newest to oldest; the bars are turned round."] : []
        if otherSymbols > 0 { notes.append("\(Figures.count(otherSymbols, "row")) of other symbols were left out.") }
        return notes
    }

    func count(_ kind: Kind) -> Int { counts[kind] ?? 0 }

    mutating func countOtherSymbol() { otherSymbols += 1 }

    mutating func add(_ line: Int, _ kind: Kind, _ reason: String, isUsed: Bool) {
        counts[kind, default: 0] += 1
        guard keptPerKind[kind, default: 0] < Self.listedPerKindMax else { return }
        keptPerKind[kind, default: 0] += 1
        kept.append(DataQuality.Issue(line: line, kind: kind.rawValue, reason: reason, used: isUsed))
    }

    func tally(used: Int) -> DataQuality.Rows {
        var rows = DataQuality.Rows()
        rows.total = used + rejected + otherSymbols
        rows.used = used
        rows.bad = count(.bad)
        rows.impossible = count(.impossible)
        rows.duplicates = count(.duplicate)
        rows.otherSymbols = otherSymbols
        rows.disordered = count(.disorder)
        rows.doubtful = count(.doubtful)
        return rows
    }
}
