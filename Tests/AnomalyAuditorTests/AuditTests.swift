// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import AnomalyAuditor

@Suite struct AuditTests {
    /// Weekdays from 2020-01-01 on, wobbling by 1 %.
    private func quiet(_ count: Int = 120) -> AuditedBars {
        var day = 18_262
        let dates = (0..<count).map { _ in
            while CivilDate(ordinal: day)?.isWeekend == true { day += 1 }
            day += 1
            return CivilDate(ordinal: day - 1)?.iso ?? ""
        }
        // A linear congruential generator (Numerical Recipes): the same noise every time, without a rhythm.
        var state: UInt32 = 7
        let close = (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return 99 + 2 * Double(state) / Double(UInt32.max)
        }
        return AuditedBars(
            Bars(
                symbol: "X", interval: "daily", date: dates, open: close, high: close.map { $0 + 1 },
                low: close.map { $0 - 1 }, close: close, volume: close.map { $0 * 10 }))
    }

    private func rules(_ bars: AuditedBars) throws -> [AuditReport.Rule: [AuditReport.Finding]] {
        Dictionary(grouping: try AuditReport.audit(bars).findings, by: \.rule)
    }

    @Test func quietBarsAreSound() throws {
        let report = try AuditReport.audit(quiet())
        #expect(report.findings.isEmpty && report.grade == "A" && report.score == 100 && report.confidence == 1)
        #expect(report.summary.contains("Nothing odd was found"))
    }

    @Test func findsPlantedFaultsWithDateAndValue() throws {
        var bars = quiet()
        bars.high?[10] = 50
        bars.close[20] = 200
        bars.close[30] = nil
        bars.low?[40] = -3
        bars.volume?[50] = -1
        bars.volume?[60] = 90_000
        bars.volume?[70] = 3
        bars.volume?[80] = 0
        bars.date[90] = bars.date[89]
        bars.date[100] = "2019-12-31"
        let found = try rules(bars)
        #expect(found[.impossibleBar]?.map(\.date).contains(bars.date[10]) == true)
        #expect(found[.impossibleBar]?.first { $0.date == bars.date[20] }?.severity == .serious)
        #expect(found[.impossibleBar]?.first { $0.date == bars.date[40] }?.value == -3)
        #expect(found[.missingPrice]?.map(\.date) == [bars.date[30]])
        #expect(found[.impossibleVolume]?.map(\.value) == [-1])
        #expect(found[.volumeSpike]?.map(\.date) == [bars.date[60]])
        #expect(found[.volumeCollapse]?.map(\.date) == [bars.date[70]])
        #expect(found[.zeroVolume]?.map(\.date) == [bars.date[80]])
        #expect(found[.duplicateDate]?.map(\.date) == [bars.date[90]])
        #expect(found[.disorder]?.map(\.date) == [bars.date[100]])
        let report = try AuditReport.audit(bars)
        #expect(report.findings.first?.severity == .critical && report.grade == "F")
        #expect(report.counts.map(\.count).reduce(0, +) == report.findingsTotal)
    }

    @Test func tellsASplitFromACrash() throws {
        for ratio in [1.5, 2, 3, 10, 1.0 / 4] {
            var bars = quiet()
            func after(_ values: [Double?]?) -> [Double?]? {
                values?.enumerated().map { index, value in value.map { index < 60 ? $0 : $0 / ratio } }
            }
            bars.close = after(bars.close) ?? []
            (bars.open, bars.high, bars.low) = (after(bars.open), after(bars.high), after(bars.low))
            let split = try #require(try rules(bars)[.suspectedSplit], "\(ratio)")
            #expect(split.map(\.date) == [bars.date[60]] && split[0].severity == .serious)
            bars.adjustedClose = quiet().close
            let adjusted = try rules(bars)
            #expect(adjusted[.suspectedSplit] == nil && adjusted[.adjustedSplit]?.map(\.severity) == [.info])
        }
        var crash = quiet()
        crash.close = crash.close.enumerated().map { index, close in close.map { index < 60 ? $0 : $0 * 0.75 } }
        #expect(try rules(crash)[.suspectedSplit] == nil)
    }

    @Test func whatIsTakenBackAtOnceIsAWrongPrice() throws {
        var bars = quiet()
        bars.close[60] = 150
        (bars.high, bars.low, bars.open) = (nil, nil, nil)
        let found = try rules(bars)
        #expect(found[.badTick]?.map(\.date) == [bars.date[60]] && found[.suspectedSplit] == nil)
    }

    @Test func namesStalePricesAndGaps() throws {
        var bars = quiet()
        for bar in 50..<58 { bars.close[bar] = 101 }
        let stale = try #require(try rules(bars)[.stalePrice]?.first)
        #expect(stale.value == 8 && stale.date == bars.date[57] && stale.severity == .warning)
        bars = quiet()
        for bar in 60..<bars.count { bars.date[bar] = CivilDate(ordinal: 18_500 + bar)?.iso ?? "" }
        let gap = try #require(try rules(bars)[.gap]?.first)
        #expect(gap.date == bars.date[60] && gap.severity == .serious)
        // Christmas to the second of January leaves three weekdays out at most.
        bars = AuditedBars(
            Bars(symbol: "X", interval: "daily", date: ["2024-12-24", "2024-12-30", "2025-01-07"], close: [1, 2, 3]))
        #expect(try rules(bars)[.gap]?.map(\.value) == [5])
    }

    @Test func gapsFollowTheInterval() throws {
        func gaps(_ interval: String, _ dates: [String]) throws -> [Double?]? {
            let close = dates.indices.map { 1 + Double($0) }
            return try rules(AuditedBars(Bars(symbol: "X", interval: interval, date: dates, close: close)))[.gap]?
                .map(\.value)
        }
        #expect(try gaps("monthly", ["2024-01-31", "2024-02-29", "2024-05-31"]) == [2])
        #expect(try gaps("weekly", ["2024-01-05", "2024-01-12", "2024-02-02"]) == [2])
        #expect(try gaps("quarterly", ["2024-03-31", "2024-06-30", "2025-03-31"]) == [2])
        #expect(try gaps("yearly", ["2020-12-31", "2021-12-31", "2024-12-31"]) == [2])
        #expect(try gaps("irregular", ["2020-12-31", "2024-12-31"]) == nil)
    }

    /// A bar is judged by those before it alone.
    @Test func changingTheFutureDoesNotChangePastScores() {
        let values = (0..<300).map { (bar: Int) -> Double? in bar % 17 == 0 ? nil : Double(bar * 7_919 % 101) }
        let changed: [Double?] = Array(values[..<150]) + Array(repeating: 1e6, count: 150)
        let (one, two) = (
            RobustScores.trailing(values, window: 60, least: 20), RobustScores.trailing(changed, window: 60, least: 20)
        )
        #expect(Array(one[..<150]) == Array(two[..<150]) && one[149] != nil)
    }

    @Test func rowsThatNeverBecameBarsCost() throws {
        var rows = FileQuality.Rows()
        (rows.total, rows.bad, rows.duplicates, rows.otherSymbols) = (220, 10, 10, 100)
        let report = try AuditReport.audit(quiet(), quality: FileQuality(rows: rows))
        #expect(report.grade == "B" && abs(report.score - 83.3) < 0.01)
        #expect(report.summary.contains("16.7% of the file's rows"))
    }

    @Test func oneHabitOfASourceDoesNotFailItAll() {
        let many = (0..<1_000).map { _ in
            AuditReport.Finding(date: "x", rule: .gap, severity: .serious, text: "")
        }
        #expect(Grade(many, quality: nil).score == 75 && Grade([], quality: nil).letter == "A")
    }

    @Test(
        arguments: [
            [7], [7, 8], Array(repeating: 7, count: 900), [1e-9, 1e14, 3e-4, 9e14], [0, -1, 1e300],
        ] as [[Double]], ["daily", "monthly", "irregular", "single"])
    func survivesOddHistories(_ close: [Double], _ interval: String) throws {
        let bars = AuditedBars(
            Bars(symbol: "X", interval: interval, date: close.indices.map { "day \($0)" }, close: close))
        let report = try AuditReport.audit(bars)
        _ = try JSONEncoder().encode(report)
        #expect((0...100).contains(report.score) && "ABCDF".contains(report.grade))
        #expect(report.absences.contains { $0.hasPrefix("volumes") })
        if close.count == 900 {
            #expect(report.findings.contains { $0.rule == .stalePrice && $0.severity == .serious })
        }
        if close.first == 0 { #expect(report.grade == "D" || report.grade == "F") }
    }

    @Test func readsHolesFromJSON() throws {
        let json = #"{"date": ["2024-01-02", "2024-01-03"], "close": [1, null], "volume": [null, 5]}"#
        let bars = try JSONDecoder().decode(AuditedBars.self, from: Data(json.utf8))
        let report = try AuditReport.audit(bars)
        #expect(report.findings.map(\.rule) == [.missingPrice] && report.symbol == "?")
    }

    struct Refusal: Sendable {
        var says: String
        var bars = AuditedBars(Bars(symbol: "X", interval: "daily", date: ["a"], close: [1]))
        var change: @Sendable (inout AuditParameters) -> Void = { _ in }
    }

    static let refusals: [Refusal] = [
        Refusal(says: "empty", bars: AuditedBars(Bars(symbol: "X", interval: "daily", date: [], close: []))),
        Refusal(
            says: #"column "date" has 0"#, bars: AuditedBars(Bars(symbol: "X", interval: "daily", date: [], close: [1]))
        ),
        Refusal(says: "window is 3", change: { $0.window = 3 }),
        Refusal(says: "outlier is nan", change: { $0.outlier = .nan }),
        Refusal(says: "volume is 1", change: { $0.volume = 1 }),
        Refusal(says: "stale_bars is 1", change: { $0.staleBars = 1 }),
    ]

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) {
        var parameters = AuditParameters()
        refusal.change(&parameters)
        let fault = #expect(throws: DataFault.self) { try AuditReport.audit(refusal.bars, parameters: parameters) }
        #expect(fault?.message.contains(refusal.says) == true, "\(refusal.says): \(fault?.message ?? "")")
    }
}
