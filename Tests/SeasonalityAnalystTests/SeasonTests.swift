// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import Testing

@testable import SeasonalityAnalyst

@Suite struct SeasonTests {
    @Test func saysPlainlyThatNothingIsSignificant() throws {
        let report = try SeasonalityReport.compare(Sample.sp500(), parameters: .init())
        #expect(report.significant.isEmpty && report.suspected.isEmpty && report.tests == 18)
        #expect(report.summary.hasPrefix("No season of S&P 500 differs significantly"))
        #expect(report.nextMonth == "January" && report.confidence == 1)
    }

    /// Ten years of days, ±1 % in turn, with 1 % more on each Tuesday. The other weekdays differ too, for Tuesdays are
    /// among what they are compared with, but four times less; months do not.
    @Test func findsAnEffectThatIsThere() throws {
        var price = 100.0
        var close: [Double] = []
        let blank = Sample.days(Array(repeating: 1, count: 2_500))
        for (index, date) in blank.date.enumerated() {
            let isTuesday = CivilDate(iso: date)?.weekday == 1
            price *= 1 + (index % 2 == 0 ? 0.01 : -0.01) + (isTuesday ? 0.01 : 0)
            close.append(price)
        }
        let report = try SeasonalityReport.compare(Sample.days(close), parameters: .init())
        let weekdays = report.families.filter { $0.name == "weekday" }.flatMap(\.effects)
        #expect(weekdays.max { $0.difference < $1.difference }?.name == "Tuesday")
        #expect(report.significant.contains("Tuesday") && !report.significant.contains("January"))
        let tuesday = try #require(report.families.flatMap(\.effects).first { $0.name == "Tuesday" })
        #expect(tuesday.holm < 1e-6 && abs(tuesday.difference - 0.01) < 0.002)
        #expect(tuesday.low < tuesday.difference && tuesday.difference < tuesday.high)
        #expect(report.summary.contains("Tuesday +"))
    }

    @Test func correctionsFollowTheirDefinition() {
        let p = [0.01, 0.04, 0.03, 0.005]
        let holm = MultipleTesting.holm(p)
        for (own, other) in zip(holm, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(own - other) < 1e-12) }
        let discovery = MultipleTesting.benjaminiHochberg(p)
        for (own, other) in zip(discovery, [0.02, 0.04, 0.04, 0.02]) { #expect(abs(own - other) < 1e-12) }
        #expect(MultipleTesting.holm([]).isEmpty && MultipleTesting.benjaminiHochberg([0.5]) == [0.5])
    }

    @Test func monthsAreWholeAndFollowEachOther() {
        let bars = Bars(
            symbol: "X", interval: "daily",
            date: ["2024-01-30", "2024-01-31", "2024-02-28", "2024-02-29", "2024-04-29", "2024-04-30", "2024-05-30"],
            close: [1, 2, 3, 4, 5, 6, 7])
        let calendar = CalendarReturns(Returns(bars), interval: "daily")
        // February over January; March is missing, so April has none; May has a weekday left.
        #expect(calendar.months.map(\.month) == [2] && calendar.months.map(\.value) == [1])
        #expect(calendar.days.map(\.fromEnd) == [1, 2, 1, 2, 1, nil])
        #expect(calendar.days.map(\.fromStart) == [nil, 1, 2, 1, 2, 1])
    }

    @Test func barsWithinADayBecomeDays() {
        let bars = Bars(
            symbol: "X", interval: "hourly",
            date: ["2024-01-30T15:00:00", "2024-01-30T16:00:00", "2024-01-31T15:00:00", "2024-01-31T16:00:00"],
            close: [1, 2, 3, 6])
        let calendar = CalendarReturns(Returns(bars), interval: "hourly")
        #expect(calendar.days.map(\.value) == [2] && calendar.months.isEmpty)
    }

    @Test(
        arguments: [
            [7], [7, 8], Array(repeating: 7, count: 900), (0..<900).map { 100 + Double($0 % 7) },
            [1e-9, 1e14, 3e-4, 9e14],
        ] as [[Double]], ["daily", "weekly", "monthly", "yearly", "irregular", "single", "hourly"])
    func survivesOddHistories(_ close: [Double], _ interval: String) throws {
        let report = try SeasonalityReport.compare(Sample.days(close, interval: interval), parameters: .init())
        _ = try JSONEncoder().encode(report)
        #expect(report.tests > 0 || report.summary.hasPrefix("Not enough data"))
        #expect(report.tests > 0 || !report.absences.isEmpty)
        if interval != "daily", interval != "hourly" {
            #expect(!report.families.contains { $0.name == "weekday" || $0.name == "turn_of_month" })
        }
    }

    @Test func datesThatAreNoDatesAreNoSeasons() throws {
        let bars = Bars(
            symbol: "X", interval: "daily", date: (0..<40).map { "day \($0)" }, close: (0..<40).map { 1 + Double($0) })
        let report = try SeasonalityReport.compare(bars, parameters: .init())
        #expect(report.tests == 0 && report.nextMonth == nil && report.confidence == 0)
    }

    struct Refusal: Sendable {
        var says: String
        var close = [1.0, 2, 3]
        var change: @Sendable (inout SeasonalityParameters) -> Void = { _ in }
    }

    static let refusals: [Refusal] = [
        Refusal(says: "empty", close: []), Refusal(says: "not a price", close: [1, 0]),
        Refusal(says: "level is 1", change: { $0.level = 1 }), Refusal(says: "nan", change: { $0.level = .nan }),
        Refusal(says: "observations_min is 1", change: { $0.observationsMin = 1 }),
        Refusal(says: "turn_before is 0", change: { ($0.turnBefore, $0.turnAfter) = (0, 0) }),
    ]

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) {
        var parameters = SeasonalityParameters()
        refusal.change(&parameters)
        let fault = #expect(throws: DataFault.self) {
            try SeasonalityReport.compare(Sample.days(refusal.close), parameters: parameters)
        }
        #expect(fault?.message.contains(refusal.says) == true, "\(refusal.says): \(fault?.message ?? "")")
    }
}
