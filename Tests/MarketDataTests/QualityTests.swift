// SPDX-License-Identifier: Apache-2.0
import MarketBars
import Testing

@testable import MarketData

@Suite struct QualityTests {
    static let header = "Date,Open,High,Low,Close,Volume\n"

    struct Row: Sendable, CustomTestStringConvertible {
        let cells: String
        let kind: String
        let reason: String
        var testDescription: String { cells }
    }

    static let rows: [Row] = [
        Row(cells: "2024-01-03,1,2,3,2.5,9", kind: "impossible", reason: "high 2 is below low 3"),
        Row(cells: "2024-01-03,1,2,1,2.5,9", kind: "impossible", reason: "close 2.5 is above high 2"),
        Row(cells: "2024-01-03,1,2,1,0.5,9", kind: "impossible", reason: "close 0.5 is below low 1"),
        Row(cells: "2024-01-03,1,2,1,-2,9", kind: "impossible", reason: "close is -2; prices are positive"),
        Row(cells: "2024-01-03,0,2,1,2,9", kind: "impossible", reason: "open is 0; prices are positive"),
        Row(cells: "2024-01-03,1,2,1,2,-9", kind: "impossible", reason: "volume is -9"),
        Row(cells: "2024-01-03,1,1e300,1,2,9", kind: "impossible", reason: "high is 1e+300; no price is that high"),
        Row(cells: "2024-01-03,1,2,1,two,9", kind: "bad", reason: "close \"two\" is not a number"),
        Row(cells: "2024-01-03,1,2,1,1e999,9", kind: "bad", reason: "close \"1e999\" is not a number"),
        Row(cells: "2024-01-03,1,2,1,null,9", kind: "bad", reason: "has no close"),
        Row(cells: "2024-01-03,1,2,NaN,2,9", kind: "bad", reason: "has no low"),
        Row(cells: "2024-01-03,1", kind: "bad", reason: "has no close"),
        Row(cells: "2024-01-03,1,2,1,2,9,9,9", kind: "bad", reason: "has 8 cells, the header has 6"),
        Row(cells: ",1,2,1,2,9", kind: "bad", reason: "has no date"),
        Row(cells: "Total,1,2,1,2,9", kind: "bad", reason: "\"Total\" is not a date"),
        Row(
            cells: "2024-01-02,1,2,1,2,9", kind: "duplicate",
            reason: "2024-01-02 stands on line 2 already, with the same prices"),
        Row(
            cells: "2024-01-02,1,2,1,1.5,9", kind: "duplicate",
            reason: "2024-01-02 stands on line 2 already, with other prices (close 2.0 there, 1.5 here)"),
    ]

    @Test(arguments: rows) func namesLineAndReason(_ row: Row) throws {
        let text = Self.header + "2024-01-02,1,2,1,2,9\n\(row.cells)\n2024-01-04,1,2,1,2,9\n"
        let history = try history(text)
        #expect(history.count == 2)
        #expect(history.quality.issues == [.init(line: 3, kind: row.kind, reason: row.reason, used: false)])
        #expect(history.quality.rows.total == 3 && history.quality.issuesTotal == 1)
    }

    @Test func usesDoubtfulRowsAndSaysSo() throws {
        let history = try history(Self.header + "2024-01-02,5,2,1,2,9\n")
        #expect(history.count == 1)
        #expect(
            history.quality.issues == [.init(line: 2, kind: "doubtful", reason: "open 5 is above high 2", used: true)])
    }

    @Test func sortsDisorderAndSaysSo() throws {
        let history = try history("Date,Close\n2024-01-02,1\n2024-01-05,4\n2024-01-03,2\n2024-01-04,3\n2024-01-08,5\n")
        #expect(history.bars.close == [1, 2, 3, 4, 5])
        #expect(history.quality.issues.map(\.line) == [4, 5] && history.quality.rows.disordered == 2)
        #expect(history.quality.issues[0].reason == "2024-01-03 comes after 2024-01-05 of line 3; sorted")
    }

    @Test func turnsNewestFirstFilesRound() throws {
        let history = try history("Date,Close\n2024-01-04,3\n2024-01-03,2\n2024-01-02,1\n")
        #expect(history.bars.close == [1, 2, 3] && history.quality.rows.disordered == 0)
        #expect(history.quality.notes.contains("The file runs from newest to oldest; the bars are turned round."))
    }

    @Test func countsLinesInsideQuotes() throws {
        let history = try history("Date,Close,Note\n2024-01-02,1,\"a\nb\"\n\n2024-01-03,x,\n")
        #expect(history.quality.issues.map(\.line) == [5])
    }

    @Test func countsAllIssuesAndListsSome() throws {
        let rows = (0..<500).map { "x\($0),1\n" }.joined()
        let history = try history("Date,Close\n2024-01-02,1\n" + rows)
        #expect(history.quality.rows.bad == 500 && history.quality.issuesTotal == 500)
        #expect(history.quality.issues.count == RowLog.listedPerKindMax)
    }

    @Test func measuresGapsInTheirOwnUnit() throws {
        let weekly = try history("Date,Close\n2024-01-05,1\n2024-01-12,1\n2024-01-19,1\n2024-02-09,1\n")
        #expect(
            weekly.quality.gaps
                == .init(
                    missing: 2, unit: "weeks", total: 1,
                    listed: [
                        .init(after: "2024-01-19", before: "2024-02-09", line: 5, missing: 2)
                    ]))
        let hours = (0..<10).filter { $0 != 5 }.map { "2024-01-05 1\($0):00,1\n" }.joined()
        #expect(try history("Date,Close\n" + hours).quality.gaps.missing == 1)
        let crypto = (1...28).filter { $0 != 14 }.map { "2024-02-\($0 < 10 ? "0" : "")\($0),1\n" }.joined()
        let daily = try history("Date,Close\n" + crypto)
        #expect(daily.quality.gaps.unit == "days" && daily.quality.gaps.missing == 1 && daily.quality.gaps.total == 1)
    }

    @Test func nightsAreGapsOnlyWhereTheMarketNeverCloses() throws {
        func rows(_ hours: ClosedRange<Int>) -> String {
            let moments = (2...12).flatMap { day in hours.map { (day, $0) } }
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return "Date,Close\n" + moments.map { "2024-01-\(two($0.0)) \(two($0.1)):00,1\n" }.joined()
        }
        #expect(try history(rows(9...16)).quality.gaps.missing == 0)
        #expect(try history(rows(0...23)).quality.gaps.missing == 0)
        #expect(try history(rows(1...23)).quality.gaps.missing == 10)
    }
}
