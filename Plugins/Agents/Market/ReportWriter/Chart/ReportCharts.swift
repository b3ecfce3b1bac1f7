// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Which charts a report has: the recent stretch in detail, the whole record at a glance.
enum ReportCharts {
    /// Without a technical analysis this many bars count as recent.
    static let recentBars = 260

    // MARK: Recent

    static func recent(_ bars: Bars, technical: Analysis?) -> [Chart] {
        let series =
            technical?.series
            ?? Analysis.Series(date: Array(bars.date.suffix(recentBars)), close: Array(bars.close.suffix(recentBars)))
        guard series.date.count > 1 else { return [] }
        let rows = Array(series.date.indices.suffix(10).reversed())
        let parameters = technical?.parameters ?? AnalysisParameters()
        return [
            price(series, parameters, rows), volume(bars, series, rows), rsi(series, parameters, rows),
            macd(series, rows),
        ].compactMap(\.self)
    }

    private static func price(_ series: Analysis.Series, _ parameters: AnalysisParameters, _ rows: [Int]) -> Chart {
        var layers: [Chart.Layer] = []
        if let upper = series.bollingerUpper, let lower = series.bollingerLower {
            layers.append(.band(name: "Bollinger bands", style: "band", upper: upper, lower: lower))
        }
        let averages = [
            (parameters.smaMedium, "medium", series.smaMedium), (parameters.smaLong, "long", series.smaLong),
        ]
        for (period, style, values) in averages {
            if let values { layers.append(.line(name: "SMA \(period)", style: style, values: values)) }
        }
        layers.append(.line(name: "Close", style: "price", values: series.close))
        let low = series.close.min() ?? 0
        let high = series.close.max() ?? 0
        return Chart(
            name: "price", title: "Price",
            description:
                "Closing prices of the last \(Figures.count(series.date.count, "bar")), "
                + "between \(Figures.price(low)) and "
                + "\(Figures.price(high)), last \(Figures.price(series.close.last ?? 0)).",
            dates: series.date, layers: layers, height: 320, labelsLastOf: layers.count - 1,
            format: axisPrice(low, high),
            tableFormat: { Figures.price($0) }, tableRows: rows)
    }

    private static func volume(_ bars: Bars, _ series: Analysis.Series, _ rows: [Int]) -> Chart? {
        let count = series.date.count
        guard let volume = bars.volume?.suffix(count), bars.date.suffix(count).elementsEqual(series.date) else {
            return nil
        }
        guard let most = volume.compactMap(\.self).max(), most > 0 else { return nil }
        let columns = Chart.Layer.columns(name: "Volume", up: "volume", down: "volume", values: Array(volume))
        return Chart(
            name: "volume", title: "Volume", description: "Traded units per bar, at most \(Figures.amount(most)).",
            dates: series.date, layers: [columns], includesZero: true, height: 130, format: { Figures.short($0) },
            tableFormat: { Figures.amount($0) }, tableRows: rows)
    }

    private static func rsi(_ series: Analysis.Series, _ parameters: AnalysisParameters, _ rows: [Int]) -> Chart? {
        guard let values = series.rsi, let last = values.last.flatMap(\.self) else { return nil }
        let state = last >= 70 ? "overbought" : last <= 30 ? "oversold" : "between oversold and overbought"
        return Chart(
            name: "rsi", title: "Relative strength index (\(parameters.rsi))",
            description:
                "RSI from 0 to 100; above 70 is overbought, below 30 oversold. "
                + "Last \(Figures.fixed(last, 1)): \(state).",
            dates: series.date, layers: [.line(name: "RSI", style: "price", values: values)], scale: .fixed(0...100),
            marks: [.init(value: 70, label: "70"), .init(value: 50, label: "50"), .init(value: 30, label: "30")],
            height: 150,
            labelsLastOf: 0, format: { Figures.fixed($0, 1) }, tableRows: rows)
    }

    private static func macd(_ series: Analysis.Series, _ rows: [Int]) -> Chart? {
        guard
            let macd = series.macd, let signal = series.macdSignal, let histogram = series.macdHistogram,
            let last = histogram.last.flatMap(\.self)
        else { return nil }
        let side = last > 0 ? "above" : last < 0 ? "below" : "level with"
        let isSmall = (series.close.last ?? 1) < 1
        let digits = (macd + signal).allSatisfy { abs($0 ?? 0) < 10 } ? 2 : 1
        return Chart(
            name: "macd", title: "MACD",
            description:
                "Difference of two exponential averages and its signal line; the columns are their difference. "
                + "MACD ends "
                + "\(side) its signal.",
            dates: series.date,
            layers: [
                .columns(name: "Histogram", up: "up", down: "down", values: histogram),
                .line(name: "Signal", style: "medium", values: signal),
                .line(name: "MACD", style: "price", values: macd),
            ], includesZero: true, height: 170, labelsLastOf: 2,
            format: { isSmall ? Figures.price($0) : Figures.fixed($0, $0 == $0.rounded() ? 0 : digits) },
            tableFormat: { isSmall ? Figures.price($0) : Figures.fixed($0, 2) }, tableRows: rows)
    }

    // MARK: Whole record

    static func record(_ bars: Bars, _ numbers: PriceStatistics) -> [Chart] {
        guard bars.count > 2 else { return [] }
        let rows = yearEnds(bars.date)
        let low = bars.close.min() ?? 0
        let high = bars.close.max() ?? 0
        let price = Chart(
            name: "record", title: high > low * 1.5 ? "Price, logarithmic scale" : "Price",
            description:
                "All \(Figures.count(bars.count, "bar")), between \(Figures.price(low)) and \(Figures.price(high)).",
            dates: bars.date, layers: [.line(name: "Close", style: "price thin", values: bars.close)],
            scale: .logarithmic,
            height: 300, labelsLastOf: 0, format: axisPrice(low, high),
            tableFormat: { Figures.price($0) }, tableRows: rows)
        guard let fall = numbers.deepestFall else { return [price] }
        let digits = fall.depth > -0.1 ? 1 : 0
        let drawdown = Chart(
            name: "drawdown", title: "Drawdown",
            description: "How far each close was below the highest close before it; the deepest point is "
                + "\(Figures.percent(fall.depth)) on \(CalendarText.long(bars.date[fall.trough])).",
            dates: bars.date, layers: [.area(name: "Drawdown", style: "fall", values: numbers.drawdown)],
            includesZero: true,
            height: 170, format: { Figures.percent($0, digits) },
            tableFormat: { Figures.percent($0) }, tableRows: rows)
        return [price, drawdown]
    }

    /// The last bar of each year, newest first; with few years, evenly spread bars.
    static func yearEnds(_ dates: [String]) -> [Int] {
        let ends = dates.indices.filter { bar in
            bar + 1 == dates.count || dates[bar].prefix(4) != dates[bar + 1].prefix(4)
        }
        if ends.count >= 4 { return ends.suffix(30).reversed() }
        let count = min(12, dates.count)
        return (0..<count).map { (dates.count - 1) - (dates.count - 1) * $0 / max(1, count - 1) }
    }

    /// Whole numbers on an axis of thousands, decimals on one of cents.
    private static func axisPrice(_ low: Double, _ high: Double) -> @Sendable (Double) -> String {
        if low >= 1e6 { return { Figures.short($0) } }
        if low >= 500 { return { Figures.fixed($0, 0) } }
        return { $0 == $0.rounded() ? Figures.fixed($0, 0) : Figures.price($0) }
    }
}
