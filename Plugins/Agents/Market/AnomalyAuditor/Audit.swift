// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Goes over the bars once for each kind of question and collects what it finds.
struct Audit {
    let bars: AuditedBars
    let parameters: AuditParameters
    private(set) var findings: [AuditReport.Finding] = []
    private(set) var absences: [String] = []
    private var applied = 0
    private var rules = 0

    var confidence: Double { rules == 0 ? 0 : (Double(applied) / Double(rules) * 100).rounded() / 100 }

    init(_ bars: AuditedBars, _ parameters: AuditParameters) {
        self.bars = bars
        self.parameters = parameters
    }

    mutating func report(
        _ bar: Int, _ rule: AuditReport.Rule, _ severity: AuditReport.Severity, value: Double? = nil,
        limit: Double? = nil, _ text: String
    ) {
        findings.append(
            AuditReport.Finding(
                date: bars.date[bar], rule: rule, severity: severity, value: value.flatMap { $0.isFinite ? $0 : nil },
                limit: limit, text: "\(CalendarText.short(bars.date[bar])): \(text)"))
    }

    /// Notes that a question was asked, or why it could not be.
    mutating func asked(_ question: String, unless reason: String? = nil) {
        rules += 1
        if let reason { absences.append("\(question): \(reason)") } else { applied += 1 }
    }

    // MARK: Bars

    /// Prices that no market can have had.
    mutating func checkBars() {
        asked("impossible bars")
        for bar in bars.close.indices {
            guard bars.close[bar] != nil else {
                report(bar, .missingPrice, .serious, "the bar has no close")
                continue
            }
            checkSigns(bar)
            checkRange(bar)
        }
    }

    private mutating func checkSigns(_ bar: Int) {
        let prices = [("open", bars.open?[bar]), ("high", bars.high?[bar]), ("low", bars.low?[bar])]
        for (name, value) in prices + [("close", bars.close[bar])] {
            guard let value, AuditedBars.price(value) == nil else { continue }
            report(bar, .impossibleBar, .critical, value: value, limit: 0, "\(name) is \(value), which is no price")
        }
    }

    private mutating func checkRange(_ bar: Int) {
        guard let high = bars.high?[bar], let low = bars.low?[bar] else { return }
        if high < low {
            report(
                bar, .impossibleBar, .critical, value: high, limit: low,
                "the high of \(Figures.price(high)) is below the low of \(Figures.price(low))")
            return
        }
        // Prices are written with some decimals; a difference in the last of them is rounding.
        let slack = 1e-6 * high
        for (name, value) in [("open", bars.open?[bar]), ("close", bars.close[bar])] {
            guard let value, value > high + slack || value < low - slack else { continue }
            report(
                bar, .impossibleBar, name == "close" ? .serious : .warning, value: value,
                limit: value > high ? high : low,
                "the \(name) of \(Figures.price(value)) lies outside \(Figures.price(low)) to \(Figures.price(high))")
        }
    }

    // MARK: Dates

    mutating func checkDates() {
        let missing = Self.missing(bars.interval)
        asked("duplicate and disordered dates")
        asked("gaps", unless: missing == nil ? "bars of interval \"\(bars.interval ?? "?")\" have no calendar" : nil)
        var seen: Set<String> = []
        for bar in bars.date.indices {
            guard seen.insert(bars.date[bar]).inserted else {
                report(bar, .duplicateDate, .serious, "the date stands there twice")
                continue
            }
            guard bar > 0, let before = CivilDate(iso: bars.date[bar - 1]), let now = CivilDate(iso: bars.date[bar])
            else { continue }
            if now < before {
                report(
                    bar, .disorder, .serious, "the bar stands after one of \(CalendarText.short(bars.date[bar - 1]))")
            } else if let missing {
                checkGap(bar, missing.count(before, now), missing)
            }
        }
    }

    private mutating func checkGap(_ bar: Int, _ count: Int, _ missing: Missing) {
        guard count > missing.allowed else { return }
        report(
            bar, .gap, count > 10 * max(1, missing.allowed) ? .serious : .warning, value: Double(count),
            limit: Double(missing.allowed),
            "\(Figures.count(count, missing.unit)) missing since \(CalendarText.short(bars.date[bar - 1]))")
    }

    /// What one expects between two bars.
    struct Missing {
        let unit: String
        /// Holidays: Christmas and the weekend around it leave at most three weekdays out.
        let allowed: Int
        let count: (CivilDate, CivilDate) -> Int
    }

    private static func missing(_ interval: String?) -> Missing? {
        switch interval {
        case "daily":
            Missing(unit: "weekday", allowed: 3) { before, now in
                let days = now.ordinal - before.ordinal - 1
                guard days > 0 else { return 0 }
                // Whole weeks have five weekdays each; the rest is counted.
                let rest = (0..<(days % 7)).count { (before.weekday + 1 + $0) % 7 < 5 }
                return days / 7 * 5 + rest
            }
        case "weekly": Missing(unit: "week", allowed: 0) { max(0, ($1.ordinal - $0.ordinal + 3) / 7 - 1) }
        case "monthly":
            Missing(unit: "month", allowed: 0) { max(0, ($1.year - $0.year) * 12 + $1.month - $0.month - 1) }
        case "quarterly":
            Missing(unit: "quarter", allowed: 0) {
                max(0, (($1.year - $0.year) * 12 + $1.month - $0.month + 1) / 3 - 1)
            }
        case "yearly": Missing(unit: "year", allowed: 0) { max(0, $1.year - $0.year - 1) }
        default: nil
        }
    }
}
