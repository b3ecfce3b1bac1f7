// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Bars as an auditor takes them: unlike `Bars` with holes, for what is missing is a finding and no reason to refuse.
package struct AuditedBars: Codable, Sendable, Equatable {
    package var symbol: String?
    package var interval: String?
    package var date: [String]
    package var open: [Double?]?
    package var high: [Double?]?
    package var low: [Double?]?
    package var close: [Double?]
    package var adjustedClose: [Double?]?
    package var volume: [Double?]?

    enum CodingKeys: String, CodingKey {
        case symbol, interval, date, open, high, low, close, volume
        case adjustedClose = "adjusted_close"
    }

    package init(_ bars: Bars) {
        symbol = bars.symbol
        interval = bars.interval
        date = bars.date
        open = bars.open
        high = bars.high
        low = bars.low
        close = bars.close
        adjustedClose = bars.adjustedClose
        volume = bars.volume
    }

    package var count: Int { close.count }

    /// What makes an audit impossible: nothing there, or columns of different length.
    var flaw: String? {
        if close.isEmpty { return "the bars are empty" }
        let lengths: [(String, Int?)] = [
            ("date", date.count), ("open", open?.count), ("high", high?.count), ("low", low?.count),
            ("adjusted_close", adjustedClose?.count), ("volume", volume?.count),
        ]
        for (name, length) in lengths {
            guard let length, length != close.count else { continue }
            return "column \"\(name)\" has \(length) values and \"close\" has \(close.count)"
        }
        return nil
    }

    /// A price one can compute with.
    static func price(_ value: Double?) -> Double? {
        value.flatMap { $0 > 0 && $0 < Bars.priceMax ? $0 : nil }
    }
}

/// The part of corral/market-data's account that the grade needs.
package struct FileQuality: Codable, Sendable, Equatable {
    package struct Rows: Codable, Sendable, Equatable {
        package var total: Int?
        package var bad: Int?
        package var impossible: Int?
        package var duplicates: Int?
        package var doubtful: Int?
        package var otherSymbols: Int?

        enum CodingKeys: String, CodingKey {
            case total, bad, impossible, duplicates, doubtful
            case otherSymbols = "other_symbols"
        }

        package init() {}
    }

    package var rows: Rows?

    package init(rows: Rows? = nil) { self.rows = rows }
}
