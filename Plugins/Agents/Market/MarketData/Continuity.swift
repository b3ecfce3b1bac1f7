// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The usual distance between bars, and where more than that is missing.
struct Continuity {
    let interval: String
    let report: DataQuality.Gaps
    private(set) var notes: [String] = []

    /// The longest are listed; `total` and `missing` count all.
    static let listedMax = 50

    /// - Parameter rows: Sorted, without duplicates, not empty.
    init(_ rows: [PriceRow]) {
        let interval = Self.interval(rows)
        let tradesWeekends = rows.count { $0.moment.date.isWeekend } * 10 > rows.count
        let neverCloses = Self.neverCloses(rows, interval, tradesWeekends: tradesWeekends)
        var gaps: [DataQuality.Gap] = []
        var missing = 0
        let isDaily = interval == "daily"
        for (before, after) in zip(rows, rows.dropFirst()) {
            let absent = Self.missing(
                from: before.moment, to: after.moment, interval, tradesWeekends: tradesWeekends,
                neverCloses: neverCloses)
            guard absent > 0 else { continue }
            missing += absent
            // One missing business day is a holiday more often than not: counted, not listed.
            guard !isDaily || tradesWeekends || absent > 1 else { continue }
            gaps.append(
                DataQuality.Gap(
                    after: before.moment.iso, before: after.moment.iso, line: after.line, missing: absent))
        }
        self.interval = interval
        let longest = gaps.sorted { ($1.missing, $0.after) < ($0.missing, $1.after) }.prefix(Self.listedMax)
        report = DataQuality.Gaps(
            missing: missing, unit: Self.unit(interval, tradesWeekends: tradesWeekends), total: gaps.count,
            listed: longest.sorted { $0.after < $1.after })
        if isDaily && !tradesWeekends && missing > 0 {
            notes.append(
                "\(Figures.count(missing, "business day")) between the first and the last date have no row; "
                    + "single ones are mostly holidays, longer breaks are listed.")
        }
    }

    // MARK: Interval

    private static func interval(_ rows: [PriceRow]) -> String {
        guard rows.count > 1 else { return "single" }
        let steps = zip(rows, rows.dropFirst()).map { $1.moment.instant - $0.moment.instant }.sorted()
        let median = steps[steps.count / 2]
        let day = 86_400
        switch median {
        case day * 9 / 10...day * 4: return "daily"
        case day * 5...day * 9: return "weekly"
        case day * 27...day * 32: return "monthly"
        case day * 84...day * 98: return "quarterly"
        case day * 350...day * 380: return "yearly"
        case 3_600: return "hourly"
        case 3_601..<day where median % 3_600 == 0: return "\(median / 3_600)-hour"
        case 60..<3_600 where median % 60 == 0: return "\(median / 60)-minute"
        default: return "irregular"
        }
    }

    private static func unit(_ interval: String, tradesWeekends: Bool) -> String {
        switch interval {
        case "daily": tradesWeekends ? "days" : "business days"
        case "weekly": "weeks"
        case "monthly": "months"
        case "quarterly": "quarters"
        case "yearly": "years"
        default: "bars"
        }
    }

    // MARK: Gaps

    private static func missing(
        from: Moment, to: Moment, _ interval: String, tradesWeekends: Bool, neverCloses: Bool
    ) -> Int {
        let days = to.date.ordinal - from.date.ordinal
        switch interval {
        case "daily": return max(0, tradesWeekends ? days - 1 : businessDays(from.date, to.date))
        case "weekly": return max(0, (days + 3) / 7 - 1)
        case "monthly": return max(0, months(from.date, to.date) - 1)
        case "quarterly": return max(0, (months(from.date, to.date) + 1) / 3 - 1)
        case "yearly": return max(0, to.date.year - from.date.year - 1)
        case "irregular", "single": return 0
        default: return missingWithinADay(from, to, interval, neverCloses: neverCloses)
        }
    }

    /// Overnight breaks are no gaps, so only bars of one day are compared, unless the market never closes.
    private static func missingWithinADay(_ from: Moment, _ to: Moment, _ interval: String, neverCloses: Bool) -> Int {
        guard from.date == to.date || neverCloses, let step = seconds(interval) else {
            return max(0, businessDays(from.date, to.date))
        }
        return max(0, (to.instant - from.instant) / step - 1)
    }

    /// Bars on weekends and in nearly every hour of the day.
    private static func neverCloses(_ rows: [PriceRow], _ interval: String, tradesWeekends: Bool) -> Bool {
        guard tradesWeekends, let step = seconds(interval) else { return false }
        let hours = Set(rows.map { ($0.moment.seconds ?? 0) / 3_600 })
        return hours.count * max(1, step / 3_600) >= 20
    }

    private static func seconds(_ interval: String) -> Int? {
        if interval == "hourly" { return 3_600 }
        guard let count = interval.split(separator: "-").first.flatMap({ Int($0) }), count > 0 else { return nil }
        return interval.hasSuffix("-hour") ? count * 3_600 : count * 60
    }

    private static func months(_ from: CivilDate, _ to: CivilDate) -> Int {
        (to.year - from.year) * 12 + to.month - from.month
    }

    /// Mondays to Fridays strictly between two days.
    private static func businessDays(_ from: CivilDate, _ to: CivilDate) -> Int {
        let between = to.ordinal - from.ordinal - 1
        guard between > 0 else { return 0 }
        let rest = (1...7).prefix(between % 7).count { (from.weekday + $0) % 7 < 5 }
        return between / 7 * 5 + rest
    }
}
