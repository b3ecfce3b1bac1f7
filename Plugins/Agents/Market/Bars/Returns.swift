// SPDX-License-Identifier: Apache-2.0

/// The changes from bar to bar, and what they are counted against.
///
/// Simple returns, p₁ / p₀ − 1, because money adds up across positions that way; logarithms would add up across time.
package struct Returns: Sendable, Equatable {
    /// Which column the prices came from.
    package enum Basis: String, Codable, CaseIterable, Sendable {
        /// Dividends and splits are in it.
        case adjustedClose = "adjusted_close"
        case close
    }

    /// `values[i]` is the return into bar `i + 1`.
    package let values: [Double]
    package let basis: Basis
    /// The prices they were made of, one more than values.
    package let prices: [Double]
    /// Dates of the prices.
    package let date: [String]

    /// - Parameter bars: Without flaw. Adjusted closes are used when there is one for every bar.
    package init(_ bars: Bars) {
        let adjusted = bars.adjustedClose?.compactMap { $0.flatMap { $0 > 0 && $0 < Bars.priceMax ? $0 : nil } }
        if let adjusted, adjusted.count == bars.count {
            (prices, basis) = (adjusted, .adjustedClose)
        } else {
            (prices, basis) = (bars.close, .close)
        }
        date = bars.date
        values = zip(prices.dropFirst(), prices).map { $0 / $1 - 1 }
    }
}

/// How many bars make a year, and how that is known.
package struct PeriodsPerYear: Codable, Sendable, Equatable {
    package var value: Double
    /// A sentence.
    package var reason: String

    package init(value: Double, reason: String) {
        self.value = value
        self.reason = reason
    }

    /// By the name of the interval, else by counting: bars between the first and the last date. Nil for bars that span
    /// less than 30 days, of which no year can be made.
    package init?(_ bars: Bars) {
        if let usual = bars.perYear {
            self.init(value: usual, reason: "\(bars.interval) bars: \(Figures.fixed(usual, 0)) a year")
            return
        }
        guard let first = bars.date.first.flatMap(CivilDate.init(iso:)),
            let last = bars.date.last.flatMap(CivilDate.init(iso:)), last.ordinal - first.ordinal >= 30
        else { return nil }
        let years = Double(last.ordinal - first.ordinal) / 365.25
        let counted = Double(bars.count - 1) / years
        self.init(
            value: counted,
            reason: "counted: \(Figures.count(bars.count, "bar")) in \(Figures.fixed(years)) years")
    }
}
