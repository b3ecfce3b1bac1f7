// SPDX-License-Identifier: Apache-2.0
import MarketBars

enum RegimeChapter {
    static func chapter(_ regime: RegimeFindings?, _ bars: Bars) -> Chapter? {
        guard let regime else { return nil }
        let dimensions = [
            ("Trend", regime.trend), ("Volatility", regime.volatility), ("Drawdown", regime.drawdown),
        ].compactMap { name, value in value.map { (name, $0) } }
        var parts: [Chapter.Part] = [.text(regime.summary)]
        if !dimensions.isEmpty {
            parts.append(
                .table(
                    .init(
                        header: ["", "Now", "Since", "Bars", "Usually lasts", "Then"],
                        rows: dimensions.map { name, value in now(name, value) })))
            if let trend = regime.trend, let chart = chart(trend, bars) { parts.append(.chart(chart)) }
            parts.append(
                .table(
                    .init(
                        header: ["State", "Share", "Spells", "Median bars", "Return after", "Volatility after"],
                        rows: dimensions.flatMap { name, value in value.states.map { state(name, $0) } },
                        numbersFrom: 1, summary: "What each regime was like")))
        }
        return Chapter(heading: "Regimes", parts: parts)
    }

    private static func now(_ name: String, _ dimension: RegimeFindings.Dimension) -> [Chapter.Cell] {
        let current = dimension.states.first { $0.state == dimension.current }
        let lasts = current?.medianBars.map { "\(Figures.fixed($0, 0)) bars" } ?? "–"
        let then = dimension.next().sorted { $0.share > $1.share }.prefix(2)
            .map { "\(words($0.to)) \(Figures.percent($0.share, 0))" }
        return [
            Chapter.Cell(name), Chapter.Cell(words(dimension.current), tone: tone(dimension.current)),
            Chapter.Cell(CalendarText.short(dimension.since)), Chapter.Cell(Figures.grouped(dimension.bars)),
            Chapter.Cell(lasts), Chapter.Cell(then.isEmpty ? "–" : then.joined(separator: ", ")),
        ]
    }

    private static func state(_ name: String, _ state: RegimeFindings.State) -> [Chapter.Cell] {
        [
            Chapter.Cell("\(name): \(words(state.state))"), Chapter.Cell(Figures.percent(state.share, 0)),
            Chapter.Cell(Figures.grouped(state.spells)),
            Chapter.Cell(state.medianBars.map { Figures.fixed($0, 0) } ?? "–"),
            Chapter.Cell(state.annualReturn.map { Figures.percent($0, 1, signed: true) } ?? "–"),
            Chapter.Cell(state.annualVolatility.map { Figures.percent($0) } ?? "–"),
        ]
    }

    static func words(_ state: String) -> String { state == "near_high" ? "near high" : state }

    static func tone(_ state: String) -> Analysis.Direction {
        switch state {
        case "up", "calm", "near_high": .bullish
        case "down", "turbulent", "bear", "correction": .bearish
        default: .neutral
        }
    }

    /// The close, in the colour of the trend it was in. A spell begins where the one before ends, so that the line holds.
    private static func chart(_ trend: RegimeFindings.Dimension, _ bars: Bars) -> Chart? {
        guard bars.count > 2, let spells = trend.spells, !spells.isEmpty else { return nil }
        let places = Dictionary(bars.date.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var lines = ["up", "sideways", "down"].map { ($0, [Double?](repeating: nil, count: bars.count)) }
        for spell in spells {
            guard let from = places[spell.from], let to = places[spell.to], from <= to,
                let line = lines.firstIndex(where: { $0.0 == spell.state })
            else { return nil }
            for bar in max(0, from - 1)...to { lines[line].1[bar] = bars.close[bar] }
        }
        let styles = ["up": "up", "sideways": "quiet", "down": "down"]
        let low = bars.close.min() ?? 0
        return Chart(
            name: "regimes", title: "Price by trend",
            description: "The close in the colour of the trend that was known then; now \(trend.current).",
            dates: bars.date,
            layers: lines.filter { $0.1.contains { $0 != nil } }
                .map { .line(name: $0.0, style: "thin \(styles[$0.0] ?? "quiet")", values: $0.1) },
            scale: .logarithmic, height: 240, format: { Figures.fixed($0, low >= 500 ? 0 : 2) }, tableRows: [])
    }
}
