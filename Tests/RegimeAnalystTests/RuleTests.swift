// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import RegimeAnalyst

@Suite struct RuleTests {
    /// The future is replaced by prices that could not be more different: no label before it may change.
    @Test(arguments: [250, 700, 2_400, 5_000]) func changingTheFutureDoesNotChangeThePast(_ cut: Int) throws {
        let bars = try Sample.sp500()
        var changed = bars
        for bar in cut..<bars.count { changed.adjustedClose?[bar]? *= bar.isMultiple(of: 2) ? 3 : 0.2 }
        let parameters = RegimeParameters(interval: "daily")
        func states(_ bars: Bars) -> [[String?]] {
            let returns = Returns(bars)
            return [
                RegimeRules.trend(returns.prices, parameters),
                RegimeRules.volatility(returns.values, perYear: 252, parameters),
                RegimeRules.drawdown(returns.prices, parameters),
            ].map { Array(RegimeRules.confirmed($0.state, bars: parameters.confirm)[..<cut]) }
        }
        #expect(states(changed) == states(bars))
        #expect(Returns(changed).prices != Returns(bars).prices, "the future did change")
    }

    @Test func changesCountWhenTheyAreConfirmed() {
        let raw: [String?] = [nil, "a", "b", "a", "b", "b", "b", "a", "a", "b", "a", "a", "a"]
        let expected: [String?] = [nil, "a", "a", "a", "a", "a", "b", "b", "b", "b", "b", "b", "a"]
        #expect(RegimeRules.confirmed(raw, bars: 3) == expected)
        #expect(RegimeRules.confirmed(raw, bars: 1) == raw)
    }

    @Test func fallsAreNamedByTheirDepth() {
        let line = RegimeRules.drawdown([100, 96, 95, 90, 80, 101], RegimeParameters(interval: "daily"))
        #expect(line.state == ["near_high", "near_high", "pullback", "correction", "bear", "near_high"])
    }

    @Test func aBounceWithinAFallIsNoTrend() throws {
        var changes = RegimeParameters.Changes()
        (changes.average, changes.slope, changes.confirm) = (5, 2, 1)
        let close = (0..<20).map { 100 - 2 * Double($0) } + [75]
        let trend = try #require(try RegimeReport.find(in: Sample.bars(close), changes: changes).trend)
        #expect(trend.current == "sideways" && trend.states.first { $0.state == "down" }?.spells == 1)
        #expect(trend.transitions == [.init(from: "down", to: "sideways", count: 1, share: 1)])
    }

    /// What cannot be told is absent and said; nothing that JSON cannot hold comes out.
    @Test(
        arguments: [
            [7], [7, 8], Array(repeating: 7, count: 30), Array(repeating: 7, count: 900),
            (0..<900).map { 100 + Double($0 % 7) }, [1e-9, 1e14, 3e-4, 9e14],
        ] as [[Double]], ["daily", "monthly", "irregular", "single", "nonsense"])
    func survivesOddHistories(_ close: [Double], _ interval: String) throws {
        let report = try RegimeReport.find(in: Sample.bars(close, interval: interval))
        _ = try JSONEncoder().encode(report)
        #expect(report.absences.count == [report.trend, report.volatility, report.drawdown].count { $0 == nil })
        #expect((0...1).contains(report.confidence))
        if close.count == 1 { #expect(report.summary.hasPrefix("Not enough data") && report.confidence == 0) }
    }

    @Test func monthlyBarsHaveTheirOwnPeriods() throws {
        let close = (0..<60).map { 100 * (1 + Double($0) / 50) }
        let report = try RegimeReport.find(in: Sample.bars(close, interval: "monthly"))
        #expect(report.parameters.average == 10 && report.trend?.current == "up" && report.volatility != nil)
        #expect(report.periodsPerYear?.value == 12)
    }

    @Test func constantPricesAreNeitherCalmNorTurbulent() throws {
        let report = try RegimeReport.find(in: Sample.bars(Array(repeating: 7, count: 900)))
        #expect(report.volatility?.current == "normal" && report.trend?.current == "sideways")
        #expect(report.drawdown?.current == "near_high")
    }

    struct Refusal: Sendable {
        var says: String
        var close = (0..<40).map { 100 + Double($0) }
        var change: @Sendable (inout RegimeParameters.Changes) -> Void = { _ in }
    }

    static let refusals: [Refusal] = [
        Refusal(says: "empty", close: []), Refusal(says: "not a price", close: [1, -1, 2]),
        Refusal(says: "average is 0", change: { $0.average = 0 }),
        Refusal(says: "confirm is 9999", change: { $0.confirm = 9_999 }),
        Refusal(says: "volatility is 1;", change: { $0.volatility = 1 }),
        Refusal(says: "history is 100 and history_min 200", change: { ($0.history, $0.historyMin) = (100, 200) }),
        Refusal(says: "calm_below is 0.8", change: { $0.calmBelow = 0.8 }),
        Refusal(says: "nan", change: { $0.bear = .nan }),
    ]

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) {
        var changes = RegimeParameters.Changes()
        refusal.change(&changes)
        let fault = #expect(throws: DataFault.self) {
            try RegimeReport.find(in: Sample.bars(refusal.close), changes: changes)
        }
        #expect(fault?.message.contains(refusal.says) == true, "\(refusal.says): \(fault?.message ?? "")")
    }
}
