// SPDX-License-Identifier: Apache-2.0

/// A price history in columns: the one shape that the market agents pass to each other.
///
/// Columns rather than rows because twenty years of daily prices are 5,000 rows, and a row object would repeat
/// every key 5,000 times in the journal. Row `i` is `date[i]`, `close[i]`, …; all present columns have equal length.
package struct Bars: Codable, Sendable, Equatable {
    /// What the prices belong to, as the caller named it.
    package var symbol: String
    /// `daily`, `weekly`, `monthly`, `quarterly`, `yearly`, `hourly`, `N-hour`, `N-minute`, `irregular` or `single`.
    package var interval: String
    /// ISO 8601 dates, or date-times for bars within a day, oldest first.
    package var date: [String]
    package var open: [Double]?
    package var high: [Double]?
    package var low: [Double]?
    package var close: [Double]
    /// Close after dividends and splits; an entry is null where the file has no value.
    package var adjustedClose: [Double?]?
    /// Traded units; an entry is null where the file has no value.
    package var volume: [Double?]?

    enum CodingKeys: String, CodingKey {
        case symbol, interval, date, open, high, low, close, volume
        case adjustedClose = "adjusted_close"
    }

    package init(
        symbol: String, interval: String, date: [String], open: [Double]? = nil, high: [Double]? = nil,
        low: [Double]? = nil, close: [Double], adjustedClose: [Double?]? = nil, volume: [Double?]? = nil
    ) {
        self.symbol = symbol
        self.interval = interval
        self.date = date
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.adjustedClose = adjustedClose
        self.volume = volume
    }

    package var count: Int { close.count }
}

extension Bars {
    /// No real price comes near it, and sums of squares of a million such numbers still fit a Double.
    package static let priceMax = 1e15

    /// What makes these bars unusable, or nil. Bars arrive as JSON from anywhere, so nobody may index before asking.
    package var flaw: String? {
        if close.isEmpty { return "the bars are empty" }
        let lengths: [(String, Int?)] = [
            ("date", date.count), ("open", open?.count), ("high", high?.count), ("low", low?.count),
            ("adjusted_close", adjustedClose?.count), ("volume", volume?.count),
        ]
        for (name, length) in lengths {
            guard let length, length != close.count else { continue }
            return "column \"\(name)\" has \(length) values and \"close\" has \(close.count)"
        }
        let prices: [(String, [Double]?)] = [("open", open), ("high", high), ("low", low), ("close", close)]
        for (name, values) in prices {
            guard let row = values?.firstIndex(where: { !($0 > 0 && $0 < Self.priceMax) }) else { continue }
            return "\"\(name)\" of row \(row) (\(date[row])) is \(values?[row] ?? .nan), which is not a price"
        }
        if let row = volume?.firstIndex(where: { $0.map { !($0 >= 0 && $0 < Self.priceMax) } ?? false }) {
            return "\"volume\" of row \(row) (\(date[row])) is not a number of units"
        }
        return nil
    }

    /// How many bars make a year, for annual rates; nil when the interval does not say.
    package var perYear: Double? {
        switch interval {
        case "daily": return 252
        case "weekly": return 52
        case "monthly": return 12
        case "quarterly": return 4
        case "yearly": return 1
        default: return nil
        }
    }
}
