// SPDX-License-Identifier: Apache-2.0

/// Dates as people read them: `31 December 2018`.
package enum CalendarText {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// Whatever is no ISO date is shown as it came.
    package static func long(_ iso: String) -> String {
        guard let date = CivilDate(iso: iso) else { return iso }
        return "\(date.day) \(months[date.month - 1]) \(date.year)\(time(iso))"
    }

    package static func short(_ iso: String) -> String {
        guard let date = CivilDate(iso: iso) else { return iso }
        return "\(date.day) \(shortMonth(date)) \(date.year)\(time(iso))"
    }

    package static func shortMonth(_ date: CivilDate) -> String { String(months[date.month - 1].prefix(3)) }

    /// `, 14:30` of a date-time.
    private static func time(_ iso: String) -> String {
        guard let mark = iso.firstIndex(of: "T") else { return "" }
        return ", " + iso[iso.index(after: mark)...].prefix(5)
    }
}
