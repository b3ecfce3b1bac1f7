// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// What a user may set. Every field may be left out.
package struct AuditParameters: Codable, Sendable, Equatable {
    /// A bar is compared with the bars of the past ten years at most.
    static let windowMax = 2_520
    /// Fewer bars before it tell no usual size.
    static let windowMin = 20

    /// How many bars before it a bar is compared with. Left out: a year of daily bars, three of monthly ones.
    package var window: Int?
    /// Robust deviations from the usual beyond which a return or a volume is odd.
    package var outlier = 5.0
    package var volume = 6.0
    /// Equal closes in a row that are called stale. Left out: five daily or shorter bars, three longer ones.
    package var staleBars: Int?

    enum CodingKeys: String, CodingKey {
        case window, outlier, volume
        case staleBars = "stale_bars"
    }

    package init() {}

    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        window = try values.decodeIfPresent(Int.self, forKey: .window)
        outlier = try values.decodeIfPresent(Double.self, forKey: .outlier) ?? outlier
        volume = try values.decodeIfPresent(Double.self, forKey: .volume) ?? volume
        staleBars = try values.decodeIfPresent(Int.self, forKey: .staleBars)
    }

    /// - Throws: `DataFault` naming the first parameter that makes no sense.
    func check() throws {
        if let window, !(Self.windowMin...Self.windowMax).contains(window) { throw AnomalyAuditorErrors.window(window) }
        guard (3...100).contains(outlier) else { throw AnomalyAuditorErrors.limit("outlier", outlier) }
        guard (3...100).contains(volume) else { throw AnomalyAuditorErrors.limit("volume", volume) }
        if let staleBars, !(2...1_000).contains(staleBars) { throw AnomalyAuditorErrors.stale(staleBars) }
    }

    func window(_ interval: String?) -> Int {
        window ?? (["weekly": 104, "monthly": 36, "quarterly": 20, "yearly": 20][interval ?? ""] ?? 252)
    }

    func staleBars(_ interval: String?) -> Int {
        staleBars ?? (["weekly", "monthly", "quarterly", "yearly"].contains(interval ?? "") ? 3 : 5)
    }
}
