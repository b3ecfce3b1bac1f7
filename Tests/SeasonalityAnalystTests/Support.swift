// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars

enum Sample {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func file(_ path: String) throws -> Data { try Data(contentsOf: root.appending(path: path)) }

    /// The bundled S&P 500 file, read by hand: these tests do not lean on another agent.
    static func sp500() throws -> Bars {
        let text = String(decoding: try file("Plugins/Flows/market-review/sp500-daily.csv"), as: UTF8.self)
        let rows = text.split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",") }
        func column(_ index: Int) -> [Double] { rows.compactMap { Double($0[index]) } }
        return Bars(
            symbol: "S&P 500", interval: "daily", date: rows.map { iso($0[0]) }, open: column(1), high: column(2),
            low: column(3), close: column(4), adjustedClose: column(5), volume: column(6))
    }

    /// `1/4/1999`, month first.
    private static func iso(_ text: Substring) -> String {
        let parts = text.split(separator: "/").compactMap { Int($0) }
        return CivilDate(year: parts[2], month: parts[0], day: parts[1])?.iso ?? ""
    }

    /// One symbol of the bundled monthly file: `AAPL,Jan 1 2000,25.94`.
    static func monthly(_ symbol: String) throws -> Bars {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let path = "Tests/MarketDataTests/Fixtures/us-stocks-monthly-2000-2010.csv"
        let rows = String(decoding: try file(path), as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.split(separator: ",") }.filter { $0[0] == symbol }
        let dates = rows.map { row in
            let parts = row[1].split(separator: " ")
            let month = (names.firstIndex(of: String(parts[0])) ?? 0) + 1
            return CivilDate(year: Int(parts[2]) ?? 0, month: month, day: Int(parts[1]) ?? 0)?.iso ?? ""
        }
        return Bars(symbol: symbol, interval: "monthly", date: dates, close: rows.compactMap { Double($0[2]) })
    }

    /// Weekdays from 2020-01-01 on.
    static func days(_ close: [Double], interval: String = "daily") -> Bars {
        var day = 18_262
        let dates = close.indices.map { _ in
            while CivilDate(ordinal: day)?.isWeekend == true { day += 1 }
            day += 1
            return CivilDate(ordinal: day - 1)?.iso ?? ""
        }
        return Bars(symbol: "X", interval: interval, date: dates, close: close)
    }
}
