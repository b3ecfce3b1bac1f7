// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import AnomalyAuditor

/// Against NumPy and SciPy on twenty years of real prices; `reference/make_reference.py` says how.
@Suite struct ReferenceTests {
    struct Reference: Decodable {
        let outliers: [String: Double]
        let volumes: [String: Double]
    }

    private let reference: Reference
    private let report: AuditReport

    init() throws {
        let data = try Sample.file("Tests/AnomalyAuditorTests/reference/reference.json")
        reference = try JSONDecoder().decode(Reference.self, from: data)
        report = try AuditReport.audit(AuditedBars(Sample.sp500()))
    }

    private func expect(_ rules: [AuditReport.Rule], _ expected: [String: Double]) throws {
        let ours = report.findings.filter { rules.contains($0.rule) }
        #expect(Set(ours.map(\.date)) == Set(expected.keys) && ours.count == expected.count)
        for finding in ours {
            let (own, theirs) = (try #require(finding.value), try #require(expected[finding.date]))
            #expect(abs(own - theirs) <= 1e-9 * abs(theirs), "\(finding.date): \(own), \(theirs)")
        }
    }

    @Test func outliersAgreeWithSciPy() throws { try expect([.outlier, .badTick], reference.outliers) }
    @Test func volumesAgreeWithSciPy() throws { try expect([.volumeSpike, .volumeCollapse], reference.volumes) }

    @Test func realPricesGetAGoodGrade() {
        #expect(report.grade == "A" && report.lastSerious == nil && report.confidence > 0.8)
    }
}
