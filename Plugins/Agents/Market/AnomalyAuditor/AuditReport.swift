// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What is odd about one price history, and how far it can be trusted.
package struct AuditReport: Codable, Sendable, Equatable {
    package enum Severity: String, Codable, CaseIterable, Sendable, Comparable {
        case info, warning, serious, critical

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        /// Points that one finding takes from the grade.
        var points: Double {
            switch self {
            case .info: 0
            case .warning: 1
            case .serious: 5
            case .critical: 15
            }
        }
    }

    package enum Rule: String, Codable, CaseIterable, Sendable {
        case impossibleBar = "impossible_bar"
        case missingPrice = "missing_price"
        case duplicateDate = "duplicate_date"
        case disorder
        case gap
        case stalePrice = "stale_price"
        case outlier
        case badTick = "bad_tick"
        case suspectedSplit = "suspected_split"
        case adjustedSplit = "adjusted_split"
        case volumeSpike = "volume_spike"
        case volumeCollapse = "volume_collapse"
        case zeroVolume = "zero_volume"
        case impossibleVolume = "impossible_volume"
    }

    package struct Finding: Codable, Sendable, Equatable {
        package var date: String
        package var rule: Rule
        package var severity: Severity
        /// What was found, in the unit of the rule, and where the rule begins. Absent when there is no number.
        package var value: Double?
        package var limit: Double?
        package var text: String
    }

    package struct Count: Codable, Sendable, Equatable {
        package var rule: Rule
        package var count: Int
        package var worst: Severity
        /// What the rule took from the grade.
        package var points: Double
    }

    package var symbol: String
    package var asOf: String
    package var bars: Int
    /// `A` (sound) to `D` (doubtful), `F`: do not decide on this.
    package var grade: String
    /// 0 to 100.
    package var score: Double
    package var counts: [Count]
    /// The worst first, then the newest; at most `findingsListedMax`, the counts are over all.
    package var findings: [Finding]
    package var findingsTotal: Int
    /// The newest date on which something serious or critical was found.
    package var lastSerious: String?
    /// Rules that could not be applied, and why.
    package var absences: [String]
    /// 0 to 1: the share of the rules that could be applied.
    package var confidence: Double
    package var summary: String

    enum CodingKeys: String, CodingKey {
        case symbol, bars, grade, score, counts, findings, absences, confidence, summary
        case asOf = "as_of"
        case findingsTotal = "findings_total"
        case lastSerious = "last_serious"
    }

    static let findingsListedMax = 200
}

extension AuditReport {
    /// - Throws: `DataFault` when there is nothing to audit. Odd data is no fault: it is what this looks for.
    package static func audit(
        _ bars: AuditedBars, quality: FileQuality? = nil, parameters: AuditParameters = AuditParameters()
    ) throws -> AuditReport {
        if let flaw = bars.flaw { throw AnomalyAuditorErrors.bars(flaw) }
        try parameters.check()
        var audit = Audit(bars, parameters)
        audit.checkBars()
        audit.checkDates()
        audit.checkPrices()
        audit.checkVolumes()
        let grade = Grade(audit.findings, quality: quality?.rows)
        let order = audit.findings.indices.sorted { left, right in
            let (one, two) = (audit.findings[left], audit.findings[right])
            return one.severity != two.severity ? one.severity > two.severity : left > right
        }
        var report = AuditReport(
            symbol: bars.symbol ?? "?", asOf: bars.date.last ?? "", bars: bars.count, grade: grade.letter,
            score: grade.score, counts: grade.counts,
            findings: order.prefix(findingsListedMax).map { audit.findings[$0] }, findingsTotal: audit.findings.count,
            lastSerious: audit.findings.filter { $0.severity >= .serious }.map(\.date).max(), absences: audit.absences,
            confidence: audit.confidence, summary: "")
        report.summary = report.sentences(grade)
        return report
    }

    private func sentences(_ grade: Grade) -> String {
        var text = "Data quality of \(symbol): grade \(self.grade), \(Figures.fixed(score, 0)) of 100 points."
        let told = Severity.allCases.reversed().compactMap { severity -> String? in
            let count = grade.severities[severity] ?? 0
            return count == 0 ? nil : "\(Figures.grouped(count)) \(severity.rawValue)"
        }
        text += told.isEmpty ? " Nothing odd was found." : " Found: \(told.joined(separator: ", "))."
        if let worst = findings.first, worst.severity >= .warning { text += " The worst: \(worst.text)." }
        if grade.rowsLost > 0 {
            text += " \(Figures.percent(grade.rowsLost)) of the file's rows could not be used."
        }
        if !absences.isEmpty { text += " Not checked: \(absences.joined(separator: "; "))." }
        return text
    }
}
