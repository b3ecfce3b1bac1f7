// SPDX-License-Identifier: Apache-2.0
import MarketBars

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Questions about returns: too large, taken back at once, the size of a split, or none at all.
extension Audit {
    /// Seven splits that companies make; smaller ones are the size of a bad day.
    static let splitRatios = [1.5, 2, 3, 4, 5, 7, 8, 10, 15, 20, 25, 50, 100]
    /// How near the ratio of two prices must be to one of them: the market moves on the day of a split too.
    static let splitTolerance = 0.04
    /// From here on an outlier is more than a bad day.
    static let extreme = 8.0

    mutating func checkPrices() {
        let prices = bars.close.map(AuditedBars.price)
        checkStale(prices)
        let changes = Self.changes(prices)
        let scores = RobustScores.trailing(
            changes, window: parameters.window(bars.interval), least: AuditParameters.windowMin)
        let tooFew = scores.allSatisfy { $0 == nil }
        asked(
            "outliers",
            unless: tooFew ? "takes \(AuditParameters.windowMin) bars that moved before the one that is judged" : nil)
        asked("splits", unless: prices.count < 2 ? "takes two bars" : nil)
        for bar in changes.indices {
            guard let change = changes[bar] else { continue }
            if checkSplit(bar, change, after: changes[bar - 1], score: scores[bar]) { continue }
            guard let score = scores[bar], abs(score) > parameters.outlier else { continue }
            if checkBadTick(bar, change, score, changes, scores) { continue }
            report(
                bar, .outlier, abs(score) > Self.extreme ? .warning : .info, value: score, limit: parameters.outlier,
                "a return of \(Figures.percent(exp(change) - 1, 1, signed: true)) is "
                    + "\(Figures.fixed(abs(score), 1)) robust deviations from the usual")
        }
    }

    /// Logarithmic, so that a fall and the rise that makes it good are of one size. Nil where a price is missing.
    static func changes(_ prices: [Double?]) -> [Double?] {
        prices.indices.map { bar in
            guard bar > 0, let now = prices[bar], let before = prices[bar - 1] else { return nil }
            return log(now / before)
        }
    }

    private mutating func checkStale(_ prices: [Double?]) {
        asked("stale prices")
        let limit = parameters.staleBars(bars.interval)
        var start = 0
        for bar in prices.indices {
            if bar + 1 < prices.count, prices[bar] != nil, prices[bar + 1] == prices[bar] { continue }
            let length = bar - start + 1
            if length >= limit, let price = prices[bar] {
                report(
                    bar, .stalePrice, length >= 4 * limit ? .serious : .warning, value: Double(length),
                    limit: Double(limit),
                    "\(Figures.price(price)) for \(length) bars in a row, since \(CalendarText.short(bars.date[start]))"
                )
            }
            start = bar + 1
        }
    }

    /// An extreme return that the next bar takes back to three quarters at least.
    private mutating func checkBadTick(
        _ bar: Int, _ change: Double, _ score: Double, _ changes: [Double?], _ scores: [Double?]
    ) -> Bool {
        guard abs(score) > Self.extreme, bar + 1 < changes.count, let next = changes[bar + 1],
            abs(scores[bar + 1] ?? 0) > parameters.outlier, abs(change + next) < abs(change) / 4
        else { return false }
        report(
            bar, .badTick, .serious, value: score, limit: Self.extreme,
            "a return of \(Figures.percent(exp(change) - 1, 1, signed: true)) is taken back by the next bar: "
                + "one price may be wrong")
        return true
    }

    /// A jump by a ratio that companies split by, which neither takes the one before back nor is taken back. With an adjusted close that does not jump, it was one and is
    /// accounted for.
    private mutating func checkSplit(_ bar: Int, _ change: Double, after before: Double?, score: Double?) -> Bool {
        if let before, abs(before + change) < abs(change) / 4 { return false }
        guard abs(change) > log(1.5) - Self.splitTolerance, let ratio = Self.splitRatio(bar, change, bars) else {
            return false
        }
        // Where the usual size is known, a jump that is usual is no split; where it is not, only halving and more counts.
        guard score.map({ abs($0) > Self.extreme }) ?? (ratio >= 2 - Self.splitTolerance) else { return false }
        if let next = bars.close.dropFirst(bar + 1).first.flatMap({ AuditedBars.price($0) }),
            let now = AuditedBars.price(bars.close[bar]), abs(log(next / now)) > abs(change) / 2
        {
            return false
        }
        let words = "\(change < 0 ? "split" : "reverse split") of \(Figures.fixed(ratio, ratio == 1.5 ? 1 : 0)) to 1"
        if let adjusted = adjustedChange(bar), abs(adjusted) < abs(change) / 2 {
            report(
                bar, .adjustedSplit, .info, value: exp(-change), limit: ratio,
                "a \(words); the adjusted close accounts for it")
        } else {
            report(
                bar, .suspectedSplit, .serious, value: exp(-change), limit: ratio,
                "the price changed by \(Figures.percent(exp(change) - 1)), like a \(words) that nothing accounts for")
        }
        return true
    }

    private func adjustedChange(_ bar: Int) -> Double? {
        guard let now = bars.adjustedClose?[bar].flatMap({ AuditedBars.price($0) }),
            let before = bars.adjustedClose?[bar - 1].flatMap({ AuditedBars.price($0) })
        else { return nil }
        return log(now / before)
    }

    /// Against the open where there is one: a split happens before trading begins.
    private static func splitRatio(_ bar: Int, _ change: Double, _ bars: AuditedBars) -> Double? {
        var jump = abs(change)
        if let open = bars.open?[bar].flatMap({ AuditedBars.price($0) }),
            let before = AuditedBars.price(bars.close[bar - 1])
        {
            let overnight = log(open / before)
            guard (overnight < 0) == (change < 0) else { return nil }
            jump = abs(overnight)
        }
        return splitRatios.first { abs(jump - log($0)) < splitTolerance }
    }
}

/// How far a value is from what was usual before it, in robust deviations: (x − median) / (1.4826 × MAD), the factor
/// making the MAD of normal values their standard deviation (F. Hampel, "The Influence Curve and its Role in Robust
/// Estimation", JASA, 1974; B. Iglewicz and D. Hoaglin, How to Detect and Handle Outliers, 1993, use 3.5 of them; returns
/// have fatter tails, hence more here).
enum RobustScores {
    /// Only values before the one that is judged count, so that nothing later changes it. Nil where the value is missing,
    /// fewer than `least` came before, or those hardly differed.
    static func trailing(_ values: [Double?], window size: Int, least: Int) -> [Double?] {
        var window = SortedWindow()
        return values.indices.map { place -> Double? in
            let judged = values[place].flatMap { score($0, window, least: least) }
            if let value = values[place] { window.insert(value) }
            if place >= size, let old = values[place - size] { window.remove(old) }
            return judged
        }
    }

    private static func score(_ value: Double, _ window: SortedWindow, least: Int) -> Double? {
        guard window.count >= least, let median = window.median, let spread = window.medianAbsoluteDeviation,
            spread > 1e-12
        else { return nil }
        return (value - median) / (1.4826 * spread)
    }
}
