// SPDX-License-Identifier: Apache-2.0
import MarketBars

enum SeasonalityChapter {
    static func chapter(_ seasonality: SeasonalityFindings?) -> Chapter? {
        guard let seasonality else { return nil }
        var parts: [Chapter.Part] = [.text(seasonality.summary)]
        for family in seasonality.families where !family.effects.isEmpty {
            let titles = ["month": "Months", "weekday": "Weekdays", "turn_of_month": "Turn of the month"]
            let digits = family.unit == "day" ? 3 : 2
            // When nothing holds, the numbers wait for who wants them.
            let holds = family.effects.contains(where: \.isSignificant)
            let title = titles[family.name] ?? family.name
            parts.append(
                .table(
                    .init(
                        header: [title, "Returns", "Mean", "Against the rest", "Interval", "p", "p, Holm", "p, B–H"],
                        rows: family.effects.map { effect($0, digits) }, numbersFrom: 1,
                        summary: holds ? nil : "\(title), none significant")))
        }
        return Chapter(heading: "Seasonality", parts: parts)
    }

    private static func effect(_ effect: SeasonalityFindings.Effect, _ digits: Int) -> [Chapter.Cell] {
        func percent(_ value: Double) -> String { Figures.percent(value, digits, signed: true) }
        return [
            Chapter.Cell(effect.name + (effect.isSignificant ? " ●" : "")), Chapter.Cell(Figures.grouped(effect.count)),
            Chapter.Cell(percent(effect.mean)), Chapter.Cell(percent(effect.difference)),
            Chapter.Cell("\(percent(effect.low)) to \(percent(effect.high))"), Chapter.Cell(Figures.fixed(effect.p, 3)),
            Chapter.Cell(Figures.fixed(effect.holm, 3)), Chapter.Cell(Figures.fixed(effect.benjaminiHochberg, 3)),
        ]
    }
}
