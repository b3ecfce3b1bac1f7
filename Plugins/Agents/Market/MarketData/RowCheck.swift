// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Why a row is not used.
struct RowFlaw: Error {
    let kind: RowLog.Kind
    let reason: String

    static func bad(_ reason: String) -> RowFlaw { RowFlaw(kind: .bad, reason: reason) }
    static func impossible(_ reason: String) -> RowFlaw { RowFlaw(kind: .impossible, reason: reason) }
}

/// What no market can have done, and what it rarely does.
enum RowCheck {
    /// Vendors round the four prices one by one and from 32-bit floats; a millionth is their noise, not an error.
    private static let tolerance = 1e-6

    static func impossible(_ row: PriceRow) throws(RowFlaw) {
        for (name, value) in [("open", row.open), ("high", row.high), ("low", row.low), ("close", row.close)] {
            guard let value else { continue }
            if value <= 0 { throw .impossible("\(name) is \(plain(value)); prices are positive") }
            if value >= Bars.priceMax { throw .impossible("\(name) is \(plain(value)); no price is that high") }
        }
        if let adjusted = row.adjustedClose, !(adjusted > 0 && adjusted < Bars.priceMax) {
            throw .impossible("adjusted close is \(plain(adjusted)); prices are positive")
        }
        if let volume = row.volume, !(volume >= 0 && volume < Bars.priceMax) {
            throw .impossible("volume is \(plain(volume))")
        }
        if let high = row.high, let low = row.low, high < low {
            throw .impossible("high \(plain(high)) is below low \(plain(low))")
        }
        if let high = row.high, row.close > high * (1 + tolerance) {
            throw .impossible("close \(plain(row.close)) is above high \(plain(high))")
        }
        if let low = row.low, row.close < low * (1 - tolerance) {
            throw .impossible("close \(plain(row.close)) is below low \(plain(low))")
        }
    }

    /// Index vendors publish an open that was never traded; the row is used and named.
    static func doubt(_ row: PriceRow) -> String? {
        guard let open = row.open else { return nil }
        if let high = row.high, open > high * (1 + tolerance) {
            return "open \(plain(open)) is above high \(plain(high))"
        }
        if let low = row.low, open < low * (1 - tolerance) { return "open \(plain(open)) is below low \(plain(low))" }
        return nil
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
