// SPDX-License-Identifier: Apache-2.0
import MarketBars

enum RiskChapter {
    static func chapter(_ risk: RiskFindings?) -> Chapter? {
        guard let risk else { return nil }
        var rows = [
            ["Return a year", Figures.percent(risk.annualReturn, 1, signed: true), "compound"],
            ["Volatility a year", Figures.percent(risk.annualVolatility), risk.periodsPerYear?.reason ?? ""],
            ["Sharpe ratio", risk.sharpe.map { Figures.fixed($0) } ?? "–", "mean excess return over deviation"],
            ["Sortino ratio", risk.sortino.map { Figures.fixed($0) } ?? "–", "over downside deviation"],
            ["Calmar ratio", risk.calmar.map { Figures.fixed($0) } ?? "–", "yearly return over deepest fall"],
        ]
        if let fall = risk.maxDrawdown {
            let until = fall.recovered.map { "made good \(CalendarText.short($0))" } ?? "not made good yet"
            rows.append([
                "Deepest fall", Figures.percent(fall.depth),
                "\(CalendarText.short(fall.peak)) to \(CalendarText.short(fall.trough)); \(until)",
            ])
        }
        let losses = risk.valueAtRisk.map { value in
            [
                "1 bar in \(Figures.fixed(1 / max(1e-9, 1 - value.level), 0))", Figures.percent(value.historical, 2),
                Figures.percent(value.historicalShortfall, 2), Figures.percent(value.parametric, 2),
                Figures.grouped(value.observations),
            ].map { Chapter.Cell($0) }
        }
        var parts: [Chapter.Part] = [
            .text(risk.summary),
            .table(.init(header: ["Measure", "Value", ""], rows: rows.map { $0.map { Chapter.Cell($0) } })),
        ]
        if !losses.isEmpty {
            parts.append(
                .table(
                    .init(
                        header: ["Loss beyond in", "Value at risk", "Mean beyond", "If normal", "Cases"], rows: losses,
                        numbersFrom: 1)))
        }
        if let absences = risk.absences, !absences.isEmpty {
            parts.append(.text("Not measured: \(absences.joined(separator: "; "))."))
        }
        return Chapter(heading: "Risk", parts: parts)
    }
}
