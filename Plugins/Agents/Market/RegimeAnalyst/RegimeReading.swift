// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The rules in words, with the numbers they were applied with.
struct RuleText {
    let trend: String
    let volatility: String
    let drawdown: String

    init(_ parameters: RegimeParameters) {
        let confirmed =
            parameters.confirm == 1 ? "" : "; a change counts after \(parameters.confirm) closes in a row"
        trend =
            "up while the close is above its average of \(parameters.average) bars and that average is higher than "
            + "\(Figures.count(parameters.slope, "bar")) before, down while both are below, sideways otherwise\(confirmed)"
        volatility =
            "the deviation of \(parameters.volatility) returns against those of the past \(parameters.history) bars: "
            + "calm in the lowest \(Figures.percent(parameters.calmBelow, 0)), turbulent in the highest "
            + "\(Figures.percent(1 - parameters.turbulentAbove, 0))\(confirmed)"
        drawdown =
            "depth below the highest close: pullback from \(Figures.percent(parameters.pullback, 0)), correction from "
            + "\(Figures.percent(parameters.correction, 0)), bear market from "
            + "\(Figures.percent(parameters.bear, 0))\(confirmed)"
    }
}

/// The report in sentences.
struct RegimeReading {
    let text: String

    init(_ report: RegimeReport) {
        let parts = [
            report.trend.map { "the trend is \($0.current)" + Self.age($0) },
            report.volatility.map {
                "volatility is \($0.current), \(Figures.percent($0.measure))"
                    + (report.periodsPerYear == nil ? " a bar" : " a year") + Self.age($0)
            },
            report.drawdown.map { "the close is \(Self.depth($0))" + Self.age($0) },
        ].compactMap(\.self)
        guard !parts.isEmpty else {
            text = "Not enough data: \(report.absences.joined(separator: "; "))."
            return
        }
        var sentence = "\(report.symbol): \(parts.joined(separator: "; "))."
        if let trend = report.trend, let typical = trend.currentState?.medianBars {
            sentence +=
                " Half of the earlier \(trend.current) trends lasted more than \(Figures.fixed(typical, 0)) bars"
            sentence += Double(trend.bars) > typical ? "; this one is older." : "; this one is younger."
        }
        if !report.absences.isEmpty { sentence += " Not told: \(report.absences.joined(separator: "; "))." }
        text = sentence
    }

    private static func age(_ dimension: RegimeReport.Dimension) -> String {
        " since \(CalendarText.long(dimension.since)) (\(Figures.count(dimension.bars, "bar")))"
    }

    private static func depth(_ dimension: RegimeReport.Dimension) -> String {
        let share = Figures.percent(-dimension.measure)
        switch dimension.current {
        case "bear": return "in a bear market, \(share) below its high,"
        case "correction": return "in a correction, \(share) below its high,"
        case "pullback": return "in a pullback, \(share) below its high,"
        default: return "near its high"
        }
    }
}
