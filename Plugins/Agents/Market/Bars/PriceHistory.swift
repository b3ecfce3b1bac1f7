// SPDX-License-Identifier: Apache-2.0

/// What a price file held: its bars and how far they can be trusted.
package struct PriceHistory: Codable, Sendable, Equatable {
    package var symbol: String
    package var bars: Bars
    /// First and last date, as in `bars.date`.
    package var first: String
    package var last: String
    package var count: Int
    package var interval: String
    /// How many bars make a year; absent when neither the interval nor the dates say. What is measured a year needs it.
    package var perYear: Double?
    package var quality: DataQuality

    enum CodingKeys: String, CodingKey {
        case symbol, bars, first, last, count, interval, quality
        case perYear = "per_year"
    }

    package init(bars: Bars, quality: DataQuality) {
        self.symbol = bars.symbol
        self.bars = bars
        self.first = bars.date.first ?? ""
        self.last = bars.date.last ?? ""
        self.count = bars.count
        self.interval = bars.interval
        self.perYear = PeriodsPerYear(bars)?.value
        self.quality = quality
    }
}

/// The account of every row of a file. Counts are exact; lists are capped, the totals beside them are not.
package struct DataQuality: Codable, Sendable, Equatable {
    /// `total == used + bad + impossible + duplicates + other_symbols`.
    package struct Rows: Codable, Sendable, Equatable {
        package var total = 0
        package var used = 0
        /// Cells that are no date or number, or too few of them.
        package var bad = 0
        /// Readable but false: high below low, close outside the day's range, a price that is not positive.
        package var impossible = 0
        package var duplicates = 0
        /// Rows of symbols that were not asked for.
        package var otherSymbols = 0
        /// Used rows that stood out of order.
        package var disordered = 0
        /// Used rows with a doubtful value, such as an open outside the day's range.
        package var doubtful = 0
        package var blankLines = 0

        enum CodingKeys: String, CodingKey {
            case total, used, bad, impossible, duplicates, disordered, doubtful
            case otherSymbols = "other_symbols"
            case blankLines = "blank_lines"
        }

        package init() {}
    }

    package struct Issue: Codable, Sendable, Equatable {
        /// Counted from 1 in the uncompressed file.
        package var line: Int
        /// `bad`, `impossible`, `duplicate`, `disorder` or `doubtful`.
        package var kind: String
        package var reason: String
        /// Whether the row is among the bars nevertheless.
        package var used: Bool

        package init(line: Int, kind: String, reason: String, used: Bool) {
            self.line = line
            self.kind = kind
            self.reason = reason
            self.used = used
        }
    }

    package struct Gap: Codable, Sendable, Equatable {
        /// The dates on both sides.
        package var after: String
        package var before: String
        /// The line of the row after the gap.
        package var line: Int
        /// Bars one would expect in between.
        package var missing: Int

        package init(after: String, before: String, line: Int, missing: Int) {
            self.after = after
            self.before = before
            self.line = line
            self.missing = missing
        }
    }

    package struct Gaps: Codable, Sendable, Equatable {
        /// Expected bars that are not there, over all gaps, single missing business days included.
        package var missing: Int
        /// What is counted: business days, days, weeks, months, bars.
        package var unit: String
        package var total: Int
        /// The longest gaps, in order of time.
        package var listed: [Gap]

        package init(missing: Int, unit: String, total: Int, listed: [Gap]) {
            self.missing = missing
            self.unit = unit
            self.total = total
            self.listed = listed
        }
    }

    package var rows: Rows
    package var issues: [Issue]
    package var issuesTotal: Int
    package var gaps: Gaps
    /// Which header was taken for which column.
    package var columns: ColumnNames
    package var delimiter: String
    /// How day and month were told apart, as a sentence.
    package var dateOrder: String
    package var decimals: String
    package var notes: [String]

    enum CodingKeys: String, CodingKey {
        case rows, issues, gaps, columns, delimiter, decimals, notes
        case issuesTotal = "issues_total"
        case dateOrder = "date_order"
    }

    package init(
        rows: Rows, issues: [Issue], issuesTotal: Int, gaps: Gaps, columns: ColumnNames, delimiter: String,
        dateOrder: String, decimals: String, notes: [String]
    ) {
        self.rows = rows
        self.issues = issues
        self.issuesTotal = issuesTotal
        self.gaps = gaps
        self.columns = columns
        self.delimiter = delimiter
        self.dateOrder = dateOrder
        self.decimals = decimals
        self.notes = notes
    }
}
