// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import SeasonalityAnalyst

/// Against SciPy and statsmodels on real prices; `reference/make_reference.py` says how.
@Suite struct ReferenceTests {
    struct Reference: Decodable {
        struct Effect: Decodable {
            let family: String
            let name: String
            let count: Int
            let mean: Double
            let restMean: Double
            let low: Double
            let high: Double
            let t: Double
            let degrees: Double
            let p: Double
            let holm: Double
            let benjaminiHochberg: Double

            enum CodingKeys: String, CodingKey {
                case family, name, count, mean, low, high, t, degrees, p, holm
                case restMean = "rest_mean"
                case benjaminiHochberg = "benjamini_hochberg"
            }
        }

        struct Student: Decodable {
            let t: Double
            let degrees: Double
            let twoSided: Double
            let central95: Double

            enum CodingKeys: String, CodingKey {
                case t, degrees, central95
                case twoSided = "two_sided"
            }
        }

        let sp500: [Effect]
        let aapl: [Effect]
        let student: [Student]
    }

    private let reference: Reference

    init() throws {
        let data = try Sample.file("Tests/SeasonalityAnalystTests/reference/reference.json")
        reference = try JSONDecoder().decode(Reference.self, from: data)
    }

    private func expect(_ report: SeasonalityReport, _ expected: [Reference.Effect]) throws {
        let ours = report.families.flatMap { family in family.effects.map { (family.name, $0) } }
        #expect(ours.count == expected.count && report.tests == expected.count)
        for ((family, effect), other) in zip(ours, expected) {
            #expect(family == other.family && effect.name == other.name && effect.count == other.count)
            for (own, theirs) in [
                (effect.mean, other.mean), (effect.restMean, other.restMean), (effect.low, other.low),
                (effect.high, other.high), (effect.t, other.t), (effect.degrees, other.degrees), (effect.p, other.p),
                (effect.holm, other.holm), (effect.benjaminiHochberg, other.benjaminiHochberg),
            ] { #expect(abs(own - theirs) <= 1e-9 * max(1e-3, abs(theirs)), "\(effect.name): \(own), \(theirs)") }
        }
    }

    @Test func dailySeasonsAgreeWithSciPy() throws {
        try expect(SeasonalityReport.compare(Sample.sp500(), parameters: .init()), reference.sp500)
    }

    @Test func monthlySeasonsAgreeWithSciPy() throws {
        try expect(SeasonalityReport.compare(Sample.monthly("AAPL"), parameters: .init()), reference.aapl)
    }

    @Test func studentsDistributionAgreesWithSciPy() {
        #expect(reference.student.count == 36)
        for point in reference.student {
            let own = StudentT.twoSided(point.t, degrees: point.degrees)
            #expect(abs(own - point.twoSided) <= 1e-9 * point.twoSided + 1e-15, "\(point): \(own)")
            let central = StudentT.central(0.95, degrees: point.degrees)
            #expect(abs(central - point.central95) <= 1e-9 * point.central95, "\(point): \(central)")
        }
    }
}
