// SPDX-License-Identifier: Apache-2.0
import MarketBars

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

extension ColumnNames {
    subscript(role: ColumnRole) -> String? {
        get { self[keyPath: role.name] }
        set { self[keyPath: role.name] = newValue }
    }
}

extension ColumnRole {
    fileprivate var name: WritableKeyPath<ColumnNames, String?> {
        switch self {
        case .date: \.date
        case .time: \.time
        case .open: \.open
        case .high: \.high
        case .low: \.low
        case .close: \.close
        case .adjustedClose: \.adjustedClose
        case .volume: \.volume
        case .symbol: \.symbol
        }
    }
}
