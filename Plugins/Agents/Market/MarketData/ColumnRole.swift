// SPDX-License-Identifier: Apache-2.0

/// What a column can mean, and the headers under which vendors ship it (best first).
enum ColumnRole: String, CaseIterable, Sendable {
    case date, time, open, high, low, close
    case adjustedClose = "adjusted_close"
    case volume, symbol

    static let prices: [ColumnRole] = [.open, .high, .low, .close]

    /// Compared after `normalised`. Sources seen: Yahoo, yfinance, Stooq, Nasdaq, Investing.com, Alpha Vantage, FRED,
    /// MetaTrader, Finam, Binance, Ariva and comdirect (German).
    var headers: [String] {
        switch self {
        case .date:
            [
                "date", "datetime", "timestamp", "tradedate", "tradingdate", "pricedate", "observationdate", "day",
                "datum",
                "gmttime", "opentime", "localtime", "unixtime", "unix", "period", "time",
            ]
        case .time: ["time", "timeofday", "uhrzeit"]
        case .open: ["open", "openprice", "openingprice", "eröffnung", "eröffnungskurs", "erster"]
        case .high: ["high", "highprice", "highest", "hoch", "tageshoch"]
        case .low: ["low", "lowprice", "lowest", "tief", "tagestief"]
        case .close:
            [
                "close", "closelast", "closeprice", "closingprice", "schlusskurs", "schluss", "last", "lastprice",
                "price",
                "settle", "settlement", "settleprice", "value", "nav", "kurs",
            ]
        case .adjustedClose:
            ["adjclose", "adjustedclose", "closeadj", "closeadjusted", "adjcloseprice", "adjustedclosingprice"]
        case .volume: ["volume", "vol", "volumen", "tradedvolume", "totalvolume", "sharevolume", "stücke"]
        case .symbol: ["symbol", "ticker", "instrument", "asset", "tickersymbol", "secid", "ric", "isin", "code"]
        }
    }

    /// The rank of a header among the known ones, nil for none of them.
    /// - Parameter name: As `normalised` writes it.
    func rank(_ name: String) -> Int? {
        if let rank = headers.firstIndex(of: name) { return rank }
        // "Volume USD", "Volume BTC": exchanges append the unit.
        return self == .volume && name.hasPrefix("volume") ? headers.count : nil
    }

    /// Letters only, lower case: "1. open", "<OPEN>" and "Open" are one header.
    static func normalised(_ header: String) -> String { String(header.lowercased().filter(\.isLetter)) }
}

/// Headers named by the caller, for files whose own names say nothing.
package struct ColumnNames: Codable, Sendable, Equatable {
    package var date: String?
    package var time: String?
    package var open: String?
    package var high: String?
    package var low: String?
    package var close: String?
    package var adjustedClose: String?
    package var volume: String?
    package var symbol: String?

    enum CodingKeys: String, CodingKey {
        case date, time, open, high, low, close, volume, symbol
        case adjustedClose = "adjusted_close"
    }

    package init(
        date: String? = nil, time: String? = nil, open: String? = nil, high: String? = nil, low: String? = nil,
        close: String? = nil, adjustedClose: String? = nil, volume: String? = nil, symbol: String? = nil
    ) {
        self.date = date
        self.time = time
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.adjustedClose = adjustedClose
        self.volume = volume
        self.symbol = symbol
    }

    subscript(role: ColumnRole) -> String? {
        switch role {
        case .date: date
        case .time: time
        case .open: open
        case .high: high
        case .low: low
        case .close: close
        case .adjustedClose: adjustedClose
        case .volume: volume
        case .symbol: symbol
        }
    }
}
