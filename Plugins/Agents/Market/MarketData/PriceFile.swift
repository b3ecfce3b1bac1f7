// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Turns the bytes of a price file, as people have it, into `Bars` and an account of every line.
///
/// The promise is that no row vanishes: each is used, or counted and listed with its line number and the reason.
/// The stages run in order and each decides for the whole file, because one line alone cannot say whether 3/4 is in
/// March or April, or whether 1,234 is a thousand or a bit more than one.
package enum PriceFile {
    package struct Request: Sendable {
        /// Chooses the rows of a file that holds several symbols; otherwise only a label.
        package var symbol: String?
        package var columns: ColumnNames?
        package var dateOrder: DateOrder.Choice?

        package init(symbol: String? = nil, columns: ColumnNames? = nil, dateOrder: DateOrder.Choice? = nil) {
            self.symbol = symbol
            self.columns = columns
            self.dateOrder = dateOrder
        }
    }

    /// - Throws: `DataFault` for a file without usable prices, or `CancellationError` from `checkpoint`.
    /// - Parameter checkpoint: Called between stages with the fraction done; may throw to stop the work.
    package static func read(
        _ bytes: [UInt8], _ request: Request = Request(), checkpoint: (Double, String) throws -> Void = { _, _ in }
    ) throws -> PriceHistory {
        let text = try PriceText(bytes)
        try checkpoint(0.2, "reading \(Figures.count(text.bytes.count, "byte"))")
        let dialect = CSVDialect.detect(in: text.bytes)
        let table = try CSVTable(text.bytes, dialect: dialect)
        try checkpoint(0.5, "detecting columns in \(Figures.count(table.records.count, "line"))")
        let layout = try ColumnLayout(table, request: request)
        let reader = try RowReader(table, layout: layout, request: request)
        var log = RowLog()
        let rows = try reader.rows(&log)
        try checkpoint(0.8, "checking \(Figures.count(rows.count, "row"))")
        let ordered = Sequencing.order(rows, &log)
        guard !ordered.isEmpty else { throw MarketDataErrors.noUsableRows(log) }
        let continuity = Continuity(ordered)
        let bars = assemble(ordered, layout: layout, interval: continuity.interval)
        let notes = text.notes + table.notes + layout.notes + reader.notes + log.notes
        var tally = log.tally(used: ordered.count)
        tally.blankLines = table.blankLines
        let quality = DataQuality(
            rows: tally, issues: log.listed, issuesTotal: log.total, gaps: continuity.report,
            columns: layout.names, delimiter: dialect.name, dateOrder: reader.dateOrder,
            decimals: reader.numbers.rawValue, notes: notes + continuity.notes + columnNotes(bars))
        return PriceHistory(bars: bars, quality: quality)
    }

    private static func assemble(_ rows: [PriceRow], layout: ColumnLayout, interval: String) -> Bars {
        let datesOnly = rows.allSatisfy { $0.moment.seconds == rows[0].moment.seconds } && !interval.isWithinADay
        func column(_ role: ColumnRole, _ value: (PriceRow) -> Double?) -> [Double]? {
            layout.index[role] == nil ? nil : rows.compactMap(value)
        }
        return Bars(
            symbol: layout.symbol, interval: interval,
            date: rows.map { datesOnly ? $0.moment.date.iso : $0.moment.iso },
            open: column(.open, \.open), high: column(.high, \.high), low: column(.low, \.low),
            close: rows.map(\.close),
            adjustedClose: layout.index[.adjustedClose] == nil ? nil : rows.map(\.adjustedClose),
            volume: layout.index[.volume] == nil ? nil : rows.map(\.volume))
    }

    private static func columnNotes(_ bars: Bars) -> [String] {
        var notes: [String] = []
        let absent = [("open", bars.open), ("high", bars.high), ("low", bars.low)].filter { $0.1 == nil }.map(\.0)
        if !absent.isEmpty { notes.append("The file has no column for \(absent.joined(separator: ", ")).") }
        if bars.volume == nil { notes.append("The file has no volume.") }
        for (name, values) in [("adjusted close", bars.adjustedClose), ("volume", bars.volume)] {
            guard let missing = values?.count(where: { $0 == nil }), missing > 0 else { continue }
            notes.append("\(Figures.count(missing, "used row")) had no \(name); the value is null there.")
        }
        return notes
    }
}

extension String {
    /// Whether an interval name means several bars a day.
    var isWithinADay: Bool { self == "hourly" || hasSuffix("-hour") || hasSuffix("-minute") }
}
