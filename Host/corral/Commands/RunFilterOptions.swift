// SPDX-License-Identifier: Apache-2.0
// RunFilterOptions: which runs a list shows. All that is given must hold; the host finds them by its indexes.

import ArgumentParser
import CorralBase
import CorralConfig
import CorralControl
import Foundation

struct RunFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only runs on behalf of this user.", valueName: "user"))
    var user: String?
    @Option(help: ArgumentHelp("Only runs for this feature.", valueName: "feature"))
    var feature: String?
    @Option(help: ArgumentHelp("Only runs of this session.", valueName: "session"))
    var session: String?
    @Option(help: ArgumentHelp("Only runs of this kind of work.", valueName: "type"))
    var taskType: String?
    @Option(help: ArgumentHelp("Only runs of this complexity.", valueName: "complexity"))
    var complexity: String?
    @Option(
        help: ArgumentHelp(
            "Only runs none of whose results stated less; those that stated nothing are left out.", valueName: "0…1"))
    var minConfidence: Double?
    @Option(help: ArgumentHelp("Only runs of which some result stated this or less.", valueName: "0…1"))
    var maxConfidence: Double?
    @Option(help: ArgumentHelp("Only runs with a result that changed something of this class.", valueName: "class"))
    var changes: String?
    @Option(
        help: ArgumentHelp(
            "Only runs started since: 90m, 7d, 2026-11-25 or 2026-11-25T08:00:00Z.", valueName: "time"))
    var since: String?

    /// - Throws: `usage` for what cannot be.
    func apply(to request: inout RunsListRequest) throws {
        request.user = user
        request.feature = feature
        request.session = session
        request.taskType = taskType
        request.complexity = complexity
        request.confidenceMin = try confidence(minConfidence, "--min-confidence")
        request.confidenceMax = try confidence(maxConfidence, "--max-confidence")
        request.changes = changes
        request.sinceMilliseconds = try since.map { try Self.milliseconds($0, now: Date()) }
    }

    private func confidence(_ value: Double?, _ option: String) throws -> Double? {
        guard let value else { return nil }
        guard (0...1).contains(value) else {
            throw CorralError.usage("\(option) \(value) is out of range", hint: "confidence is a number from 0 to 1")
        }
        return value
    }

    /// A duration back from now, a day (its midnight UTC) or a moment.
    static func milliseconds(_ text: String, now: Date) throws -> UInt64 {
        let date: Date
        if let duration = DurationText.parse(text) {
            date = now.addingTimeInterval(-(duration / .seconds(1)))
        } else if let moment = try? Date(text, strategy: .iso8601) {
            date = moment
        } else if let day = try? Date(text + "T00:00:00Z", strategy: .iso8601) {
            date = day
        } else {
            throw CorralError.usage(
                "\"\(text)\" is no time",
                hint: "give a duration such as 90m or 7d, a day such as 2026-11-25, or a moment")
        }
        return UInt64(max(0, date.timeIntervalSince1970) * 1000)
    }
}
