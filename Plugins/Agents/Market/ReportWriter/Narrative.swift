// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The sentences and headline numbers at the top of a report.
enum Narrative {
    static func lead(_ bars: Bars, _ numbers: PriceStatistics, technical: Analysis?) -> [String] {
        var paragraphs: [String] = []
        if let summary = technical?.summary { paragraphs.append(summary) }
        paragraphs.append([record(bars, numbers), fall(bars, numbers)].compactMap(\.self).joined(separator: " "))
        return paragraphs
    }

    private static func record(_ bars: Bars, _ numbers: PriceStatistics) -> String {
        guard bars.count > 1, let first = bars.close.first, let from = bars.date.first, let to = bars.date.last else {
            return "The file holds a single bar: \(bars.symbol) at \(Figures.price(numbers.close))."
        }
        var text =
            "From \(CalendarText.long(from)) to \(CalendarText.long(to)) \(bars.symbol) went from "
            + "\(Figures.price(first)) to \(Figures.price(numbers.close))"
        if let growth = numbers.growth { text += ", \(rate(growth)), without dividends" }
        return text + "."
    }

    private static func rate(_ growth: Double) -> String {
        let size = Figures.percent(abs(growth))
        return growth > 0 ? "a gain of \(size) a year" : growth < 0 ? "a loss of \(size) a year" : "no change"
    }

    private static func fall(_ bars: Bars, _ numbers: PriceStatistics) -> String? {
        guard let fall = numbers.deepestFall else { return nil }
        let text =
            "The deepest fall on the way was \(Figures.percent(-fall.depth)), "
            + "from \(CalendarText.long(bars.date[fall.peak])) "
            + "to \(CalendarText.long(bars.date[fall.trough]))"
        guard let recovered = fall.recovered else { return text + "; it has not been made good yet." }
        return text + "; it was made good on \(CalendarText.long(bars.date[recovered]))."
    }

    static func headlines(_ bars: Bars, _ numbers: PriceStatistics) -> [Report.Headline] {
        var list = [
            headline("Last close", Figures.price(numbers.close), CalendarText.short(bars.date.last ?? ""))
        ]
        if let change = numbers.change {
            list.append(headline("Change", Figures.percent(change, 2, signed: true), "against the bar before", change))
        }
        if let change = numbers.yearChange {
            list.append(headline("One year", Figures.percent(change, signed: true), "price only", change))
        }
        if let low = numbers.yearLow, let high = numbers.yearHigh {
            let range = "\(Figures.price(low)) to \(Figures.price(high))"
            list.append(headline("Range of the year", range, "lowest and highest close"))
        }
        if let growth = numbers.growth {
            let since = bars.date.first.flatMap(CivilDate.init(iso:)).map { " since \($0.year)" } ?? ""
            list.append(headline("Growth a year", Figures.percent(growth, signed: true), "compound\(since)", growth))
        }
        if let volatility = numbers.volatility {
            list.append(headline("Volatility", Figures.percent(volatility), "a year, from the past year"))
        }
        if let fall = numbers.deepestFall {
            list.append(
                headline(
                    "Deepest fall", Figures.percent(fall.depth), "to \(CalendarText.short(bars.date[fall.trough]))"))
        }
        if let now = numbers.drawdown.last, bars.count > 1 {
            list.append(
                headline("Below its high", now < 0 ? Figures.percent(now) : "at the high", "highest close so far"))
        }
        return list
    }

    private static func headline(_ label: String, _ value: String, _ note: String, _ change: Double? = nil)
        -> Report.Headline
    {
        let trend: Analysis.Direction = change.map { $0 > 0 ? .bullish : $0 < 0 ? .bearish : .neutral } ?? .neutral
        return Report.Headline(label: label, value: value, note: note, trend: trend)
    }
}
