// SPDX-License-Identifier: Apache-2.0
import Foundation
import MarketBars
import MarketData
import TechnicalAnalyst
import Testing

@testable import ReportWriter

enum Sample {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func sp500() throws -> PriceHistory {
        let file = root.appending(path: "Plugins/Flows/market-review/sp500-daily.csv")
        return try PriceFile.read([UInt8](Data(contentsOf: file)), .init(symbol: "S&P 500"))
    }

    /// A whole report on the bundled prices.
    static func report() throws -> Report {
        let data = try sp500()
        return try Report(ReportRequest(data: data, technical: try Analyst.analyse(data.bars)))
    }

    static func bars(_ close: [Double], symbol: String = "X", interval: String = "daily") throws -> Bars {
        let start = try #require(CivilDate(year: 2024, month: 1, day: 1)).ordinal
        let dates = close.indices.compactMap { CivilDate(ordinal: start + $0)?.iso }
        return Bars(symbol: symbol, interval: interval, date: dates, close: close)
    }
}
