// SPDX-License-Identifier: Apache-2.0
import MarketBars

enum BacktestChapter {
    /// More lines than these no one can tell apart.
    static let curvesMax = 2

    static func chapter(_ backtests: [BacktestFindings]) -> Chapter? {
        guard let first = backtests.first else { return nil }
        let rules = backtests.map { backtest in
            row(
                backtest.strategy.words, backtest.result, trades: backtest.tradesClosed, won: backtest.winRate,
                exposure: backtest.exposure, now: backtest.side > 0 ? "long" : backtest.side < 0 ? "short" : "out")
        }
        let held = row("Buy and hold", first.buyAndHold, trades: nil, won: nil, exposure: 1, now: "long")
        var parts: [Chapter.Part] = backtests.map { .text($0.summary) }
        parts.append(
            .table(
                .init(
                    header: [
                        "Rule", "Return", "Volatility", "Sharpe", "Deepest fall", "Trades", "Won", "Invested", "Now",
                    ], rows: rules + [held], numbersFrom: 1)))
        if let chart = chart(backtests) { parts.append(.chart(chart)) }
        parts.append(.text(terms(first)))
        return Chapter(heading: "Rules tried on the past", parts: parts)
    }

    private static func row(
        _ name: String, _ result: BacktestFindings.Result, trades: Int?, won: Double?, exposure: Double, now: String
    ) -> [Chapter.Cell] {
        [
            Chapter.Cell(DecisionChapters.capitalised(name)),
            Chapter.Cell.signed(Figures.percent(result.annualReturn, 1, signed: true), result.annualReturn),
            Chapter.Cell(Figures.percent(result.annualVolatility)),
            Chapter.Cell(result.sharpe.map { Figures.fixed($0) } ?? "–"),
            Chapter.Cell(Figures.percent(result.maxDrawdown)), Chapter.Cell(trades.map(Figures.grouped) ?? "–"),
            Chapter.Cell(won.map { Figures.percent($0, 0) } ?? "–"), Chapter.Cell(Figures.percent(exposure, 0)),
            Chapter.Cell(now),
        ]
    }

    private static func terms(_ backtest: BacktestFindings) -> String {
        let fill = backtest.fills == "next_open" ? "the next bar's open" : "the next bar's close"
        let commission = backtest.terms?.commission.map { Figures.percent($0, 2) } ?? "0%"
        return "A signal on a close is filled at \(fill), for a commission of \(commission) at each side. "
            + "What a rule would have brought is no promise of what it will bring."
    }

    private static func chart(_ backtests: [BacktestFindings]) -> Chart? {
        guard let first = backtests.first?.curve, first.date.count > 2 else { return nil }
        let shown = backtests.prefix(curvesMax).compactMap { backtest in
            backtest.curve.flatMap { $0.date == first.date ? (backtest.strategy.words, $0) : nil }
        }
        let styles = ["price", "medium"]
        // An account that lost everything has no place on a scale of ratios; it breaks off.
        func line(_ values: [Double]) -> [Double?] { values.map { $0 > 0 ? $0 : nil } }
        var layers: [Chart.Layer] = [
            .line(name: "Buy and hold", style: "thin quiet", values: line(first.buyAndHold))
        ]
        for (index, (name, curve)) in shown.enumerated() {
            layers.append(
                .line(
                    name: DecisionChapters.capitalised(name), style: "thin \(styles[index])", values: line(curve.worth))
            )
        }
        let end = first.buyAndHold.last ?? 0
        return Chart(
            name: "equity", title: "What 100,000 became",
            description: "The worth of an account at each close under each rule, beside holding, which ended at "
                + "\(Figures.amount(end)).",
            dates: first.date, layers: layers, scale: .logarithmic, height: 260, format: { Figures.short($0) },
            tableFormat: { Figures.fixed($0, 0) }, tableRows: ReportCharts.yearEnds(first.date))
    }
}
