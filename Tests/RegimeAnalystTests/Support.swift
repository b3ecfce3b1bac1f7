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
            symbol: "S&P 500", interval: "daily", date: rows.map { String($0[0]) }, open: column(1), high: column(2),
            low: column(3), close: column(4), adjustedClose: column(5), volume: column(6))
    }

    static func bars(_ close: [Double], interval: String = "daily") -> Bars {
        Bars(symbol: "X", interval: interval, date: close.indices.map { "day \($0)" }, close: close)
    }
}
