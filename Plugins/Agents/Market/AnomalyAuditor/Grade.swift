// SPDX-License-Identifier: Apache-2.0

/// One letter out of many findings.
///
/// From 100 points each finding takes as many as its severity says (warning 1, serious 5, critical 15), each rule 25 at
/// most for what is not critical, so that one habit of a source does not fail all of it; rows of the file that never
/// became bars take their share of 100, at most 40. A from 90, B from 75, C from 60, D from 40.
struct Grade {
    static let ruleMax = 25.0
    static let rowsMax = 40.0

    let score: Double
    let counts: [AuditReport.Count]
    let severities: [AuditReport.Severity: Int]
    let rowsLost: Double

    init(_ findings: [AuditReport.Finding], quality: FileQuality.Rows?) {
        severities = findings.reduce(into: [:]) { $0[$1.severity, default: 0] += 1 }
        counts = AuditReport.Rule.allCases.compactMap { rule in
            let own = findings.filter { $0.rule == rule }
            guard let worst = own.map(\.severity).max() else { return nil }
            let critical = own.filter { $0.severity == .critical }.map(\.severity.points).reduce(0, +)
            let other = own.filter { $0.severity != .critical }.map(\.severity.points).reduce(0, +)
            return AuditReport.Count(
                rule: rule, count: own.count, worst: worst, points: critical + min(Self.ruleMax, other))
        }
        rowsLost = Self.rowsLost(quality)
        let points = counts.map(\.points).reduce(0, +) + min(Self.rowsMax, 100 * rowsLost)
        score = max(0, ((100 - points) * 10).rounded() / 10)
    }

    var letter: String {
        switch score {
        case 90...: "A"
        case 75...: "B"
        case 60...: "C"
        case 40...: "D"
        default: "F"
        }
    }

    /// Rows that are unreadable, impossible or said twice, of those that are about this symbol.
    private static func rowsLost(_ rows: FileQuality.Rows?) -> Double {
        guard let rows, let total = rows.total else { return 0 }
        let about = total - (rows.otherSymbols ?? 0)
        let lost = (rows.bad ?? 0) + (rows.impossible ?? 0) + (rows.duplicates ?? 0)
        return about > 0 ? min(1, max(0, Double(lost) / Double(about))) : 0
    }
}
