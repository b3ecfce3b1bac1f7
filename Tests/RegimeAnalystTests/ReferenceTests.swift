// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import RegimeAnalyst

/// Against pandas on twenty years of real prices; `reference/make_reference.py` says how.
@Suite struct ReferenceTests {
    struct Reference: Decodable {
        struct State: Decodable {
            let bars: Int
            let share: Double
            let spells: Int
            let stays: Double
            let medianBars: Double
            let annualReturn: Double
            let annualVolatility: Double

            enum CodingKeys: String, CodingKey {
                case bars, share, spells, stays
                case medianBars = "median_bars"
                case annualReturn = "annual_return"
                case annualVolatility = "annual_volatility"
            }
        }

        /// `[state, from, to, bars, change]`.
        struct Spell: Decodable {
            let state: String
            let from: String
            let to: String
            let bars: Int
            let change: Double

            init(from decoder: any Decoder) throws {
                var values = try decoder.unkeyedContainer()
                state = try values.decode(String.self)
                from = try values.decode(String.self)
                to = try values.decode(String.self)
                bars = try values.decode(Int.self)
                change = try values.decode(Double.self)
            }
        }

        struct Dimension: Decodable {
            let measure: Double
            let states: [String: State]
            let transitions: [String: Int]
            let spells: [Spell]
        }

        let trend: Dimension
        let volatility: Dimension
        let drawdown: Dimension
    }

    private let reference: Reference
    private let report: RegimeReport

    init() throws {
        let data = try Sample.file("Tests/RegimeAnalystTests/reference/reference.json")
        reference = try JSONDecoder().decode(Reference.self, from: data)
        report = try RegimeReport.find(in: Sample.sp500())
    }

    private func near(_ ours: Double?, _ theirs: Double) -> Bool {
        ours.map { abs($0 - theirs) <= 1e-9 * max(1e-3, abs(theirs)) } ?? false
    }

    private func expect(_ ours: RegimeReport.Dimension?, _ theirs: Reference.Dimension) throws {
        let ours = try #require(ours)
        #expect(near(ours.measure, theirs.measure))
        #expect(ours.spellsTotal == theirs.spells.count)
        let listed = theirs.spells.suffix(RegimeReport.spellsListedMax)
        #expect(ours.spells.count == listed.count)
        for (own, other) in zip(ours.spells, listed) {
            #expect(own.state == other.state && own.from == other.from && own.to == other.to)
            #expect(own.bars == other.bars && near(own.change, other.change))
        }
        #expect(Set(ours.states.map(\.state)) == Set(theirs.states.keys))
        for state in ours.states {
            let other = try #require(theirs.states[state.state])
            #expect(state.bars == other.bars && state.spells == other.spells)
            #expect(near(state.share, other.share) && near(state.stays, other.stays))
            #expect(near(state.medianBars, other.medianBars))
            #expect(near(state.annualReturn, other.annualReturn), "\(state.state)")
            #expect(near(state.annualVolatility, other.annualVolatility))
        }
        let moves = Dictionary(uniqueKeysWithValues: ours.transitions.map { ("\($0.from) \($0.to)", $0.count) })
        #expect(moves == theirs.transitions)
    }

    @Test func trendsAgreeWithPandas() throws { try expect(report.trend, reference.trend) }
    @Test func volatilityAgreesWithPandas() throws { try expect(report.volatility, reference.volatility) }
    @Test func drawdownsAgreeWithPandas() throws { try expect(report.drawdown, reference.drawdown) }

    @Test func saysWhereThingsStand() throws {
        #expect(report.trend?.current == "down" && report.trend?.since == "11/16/2018" && report.trend?.bars == 29)
        #expect(report.confidence == 1 && report.absences.isEmpty)
        #expect(report.summary.contains("the trend is down") && report.summary.contains("in a correction"))
    }
}
