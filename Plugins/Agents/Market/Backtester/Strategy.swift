// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The side a rule wants to be on after each bar's close: 1 long, 0 out, −1 short.
///
/// The value for a bar depends on that bar and those before it and on nothing after; a test holds every rule to it.
enum Strategy {
    static func sides(_ bars: Bars, _ choice: StrategyChoice, _ direction: TradingTerms.Direction) -> [Int] {
        let below = direction == .longShort ? -1 : 0
        switch choice.name {
        case .smaCross: return averagesCross(bars.close, choice, below: below)
        case .rsiReversion: return strengthReversion(bars.close, choice, below: below)
        case .breakout: return channelBreakout(bars.close, choice, below: below)
        case .buyAndHold: return Array(repeating: 1, count: bars.count)
        }
    }

    private static func averagesCross(_ close: [Double], _ choice: StrategyChoice, below: Int) -> [Int] {
        let fast = MovingAverages.simple(close, period: choice.fast)
        let slow = MovingAverages.simple(close, period: choice.slow)
        var side = 0
        return close.indices.map { bar in
            guard let fast = fast?.at(bar), let slow = slow?.at(bar) else { return 0 }
            // Equal averages are no news.
            if fast != slow { side = fast > slow ? 1 : below }
            return side
        }
    }

    /// Wilder 1978: weakness that ends is bought, strength is sold. Short sides mirror it.
    private static func strengthReversion(_ close: [Double], _ choice: StrategyChoice, below: Int) -> [Int] {
        let line = Momentum.relativeStrength(close, period: choice.period)
        var side = 0
        return close.indices.map { bar in
            guard let now = line?.at(bar), let before = line?.at(bar - 1) else { return side }
            let comesUp = before <= choice.oversold && now > choice.oversold
            let comesDown = before >= choice.overbought && now < choice.overbought
            if comesUp {
                side = 1
            } else if comesDown, below < 0 {
                side = below
            } else if side > 0 && now >= choice.overbought || side < 0 && now <= choice.oversold {
                side = 0
            }
            return side
        }
    }

    /// Donchian's channel rule: the extreme of the bars before, so that a bar cannot break its own.
    private static func channelBreakout(_ close: [Double], _ choice: StrategyChoice, below: Int) -> [Int] {
        var side = 0
        return close.indices.map { bar in
            guard bar >= choice.entry else { return side }
            let price = close[bar]
            let entry = close[(bar - choice.entry)..<bar]
            let exit = close[(bar - min(bar, choice.exit))..<bar]
            if price > entry.reduce(-.infinity, max) {
                side = 1
            } else if price < entry.reduce(.infinity, min), below < 0 {
                side = below
            } else if side > 0 && price < exit.reduce(.infinity, min)
                || side < 0 && price > exit.reduce(-.infinity, max)
            {
                side = 0
            }
            return side
        }
    }
}
