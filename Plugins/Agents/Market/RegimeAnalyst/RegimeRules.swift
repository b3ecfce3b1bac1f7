// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What each bar looks like by itself, before a change is confirmed. A label depends on its bar and those before and on
/// nothing after; a test holds every rule to it. Nil where too few bars came before.
enum RegimeRules {
    /// A measure of each bar and the state it puts the bar in.
    struct Line {
        var measure: [Double?]
        var state: [String?]
    }

    enum Trend: String, CaseIterable { case up, sideways, down }
    enum Turbulence: String, CaseIterable { case calm, normal, turbulent }
    enum Depth: String, CaseIterable {
        case nearHigh = "near_high"
        case pullback, correction, bear
    }

    /// Up: the close is above its average and the average above itself `slope` bars ago; down: both below; sideways:
    /// anything else. M. Faber, "A Quantitative Approach to Tactical Asset Allocation", Journal of Wealth Management,
    /// 2007, uses the first condition alone; the second keeps a bounce within a fall from counting as a trend.
    /// The measure is the distance of the close from the average, as a ratio.
    static func trend(_ prices: [Double], _ parameters: RegimeParameters) -> Line {
        let line = MovingAverages.simple(prices, period: parameters.average)
        let averages = prices.indices.map { line?.at($0) }
        let state = prices.indices.map { bar -> String? in
            guard bar >= parameters.slope, let now = averages[bar], let before = averages[bar - parameters.slope] else {
                return nil
            }
            if prices[bar] > now && now > before { return Trend.up.rawValue }
            return (prices[bar] < now && now < before ? Trend.down : .sideways).rawValue
        }
        return Line(
            measure: zip(prices, averages).map { price, average in average.map { price / $0 - 1 } }, state: state)
    }

    /// The deviation of the last `volatility` returns against the quantiles of all such deviations of the past
    /// `history` bars, this one included: calm below the lower, turbulent above the upper (regimes relative to their
    /// own past, as in A. Ang and A. Timmermann, "Regime Changes and Financial Markets", Annual Review of Financial
    /// Economics, 2012; there estimated, here counted, so that the past never changes). The measure is that deviation
    /// a year where a year has a known number of bars, else of one bar.
    static func volatility(_ returns: [Double], perYear: Double?, _ parameters: RegimeParameters) -> Line {
        let size = parameters.volatility
        let factor = (perYear ?? 1).squareRoot()
        var window = SortedWindow()
        var line = Line(measure: [nil], state: [nil])
        for index in returns.indices {
            guard index + 1 >= size, let deviation = Moments.standardDeviation(returns[(index + 1 - size)...index])
            else {
                line.measure.append(nil)
                line.state.append(nil)
                continue
            }
            let value = deviation * factor
            window.insert(value)
            // The measure of return `index` belongs to bar `index + 1`.
            let leaving = index + 1 - parameters.history
            if leaving >= 0, let old = line.measure[leaving] { window.remove(old) }
            line.measure.append(value)
            line.state.append(turbulence(value, window, parameters))
        }
        return line
    }

    private static func turbulence(
        _ value: Double, _ window: SortedWindow, _ parameters: RegimeParameters
    ) -> String? {
        guard window.count >= parameters.historyMin, let calm = window.quantile(parameters.calmBelow),
            let turbulent = window.quantile(parameters.turbulentAbove)
        else { return nil }
        return (value < calm ? Turbulence.calm : value > turbulent ? .turbulent : .normal).rawValue
    }

    /// How far the close is below the highest close so far: 10 % is commonly called a correction and 20 % a bear market.
    static func drawdown(_ prices: [Double], _ parameters: RegimeParameters) -> Line {
        let depths = Drawdown.line(prices)
        // 90 / 100 − 1 is a little more than −0.1.
        let rounding = 1e-12
        let state = depths.map { depth -> String? in
            if depth - rounding <= -parameters.bear { return Depth.bear.rawValue }
            if depth - rounding <= -parameters.correction { return Depth.correction.rawValue }
            return (depth - rounding <= -parameters.pullback ? Depth.pullback : .nearHigh).rawValue
        }
        return Line(measure: depths, state: state)
    }

    /// A state counts from the bar on which it has been seen `needed` times in a row; until then the old one stays. The
    /// first one needs no confirmation, for there is nothing it would replace.
    static func confirmed(_ raw: [String?], bars needed: Int) -> [String?] {
        var current: String?
        var candidate: String?
        var seen = 0
        return raw.map { state in
            guard let state else { return current }
            seen = state == candidate ? seen + 1 : 1
            candidate = state
            if current == nil || seen >= needed { current = state }
            return current
        }
    }
}
