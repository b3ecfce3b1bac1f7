// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// One usable line of the file.
struct PriceRow: Equatable {
    let line: Int
    let moment: Moment
    var open: Double?
    var high: Double?
    var low: Double?
    var close: Double
    var adjustedClose: Double?
    var volume: Double?
}

/// Turns records into rows by the customs of the whole file, or into an entry of the log.
struct RowReader {
    let numbers: NumberText
    private let records: ArraySlice<CSVTable.Record>
    private let layout: ColumnLayout
    private let dates: [DateText.Reading?]
    private let order: DateOrder

    var dateOrder: String { order.reason }
    var notes: [String] { numbers == .comma ? ["Numbers are written with a decimal comma."] : [] }

    init(_ table: CSVTable, layout: ColumnLayout, request: PriceFile.Request) throws {
        let records = table.records.dropFirst(layout.dataStart)
        let dateColumn = layout.index[.date] ?? 0
        let timeColumn = layout.index[.time]
        dates = records.map { Self.date($0, dateColumn, timeColumn) }
        order = DateOrder.decide(dates.compactMap(\.self), asked: request.dateOrder)
        let numeric = ColumnRole.prices.compactMap { layout.index[$0] }
        let cells = records.prefix(2_000).flatMap { record in numeric.compactMap { ColumnLayout.cell(record, $0) } }
        numbers = NumberText.decide(cells, delimiter: table.delimiter)
        self.records = records
        self.layout = layout
    }

    private static func date(_ record: CSVTable.Record, _ column: Int, _ timeColumn: Int?) -> DateText.Reading? {
        guard let cell = ColumnLayout.cell(record, column) else { return nil }
        guard let reading = DateText.read(cell) ?? DateText.readEpoch(cell).map(DateText.Reading.exact) else {
            return nil
        }
        guard let timeColumn, let text = ColumnLayout.cell(record, timeColumn) else { return reading }
        guard let seconds = DateText.readTimeOfDay(text) else { return nil }
        switch reading {
        case .exact(var moment):
            moment.seconds = seconds
            return .exact(moment)
        case .numeric(let first, let second, let year, let isDotted, _, let offset):
            return .numeric(
                first: first, second: second, year: year, isDotted: isDotted, seconds: seconds, offset: offset)
        }
    }

    /// Rows in the order of the file. Each record ends here as a row or in the log.
    func rows(_ log: inout RowLog) throws -> [PriceRow] {
        var rows: [PriceRow] = []
        rows.reserveCapacity(records.count)
        for (record, reading) in zip(records, dates) {
            guard !isOtherSymbol(record) else {
                log.countOtherSymbol()
                continue
            }
            do throws(RowFlaw) {
                let row = try row(record, reading)
                try RowCheck.impossible(row)
                if let doubt = RowCheck.doubt(row) { log.add(record.line, .doubtful, doubt, isUsed: true) }
                rows.append(row)
            } catch {
                log.add(record.line, error.kind, error.reason, isUsed: false)
            }
        }
        return rows
    }

    private func isOtherSymbol(_ record: CSVTable.Record) -> Bool {
        guard let column = layout.index[.symbol] else { return false }
        return ColumnLayout.cell(record, column).map { $0.lowercased() != layout.symbol.lowercased() } ?? false
    }

    private func row(_ record: CSVTable.Record, _ reading: DateText.Reading?) throws(RowFlaw) -> PriceRow {
        let width = layout.header.count
        if width > 0, record.cells.count > width, record.cells[width...].contains(where: { !$0.isEmpty }) {
            throw .bad("has \(record.cells.count) cells, the header has \(width)")
        }
        guard let reading, let moment = order.resolve(reading) else {
            let column = layout.index[.date] ?? 0
            let text = ColumnLayout.cell(record, column) ?? ""
            throw .bad(text.isEmpty ? "has no date" : "\"\(MarketDataErrors.clipped(text))\" is not a date")
        }
        guard let close = try number(record, .close) else { throw .bad("has no close") }
        var row = PriceRow(line: record.line, moment: moment, close: close)
        row.open = try required(record, .open)
        row.high = try required(record, .high)
        row.low = try required(record, .low)
        row.adjustedClose = try number(record, .adjustedClose)
        row.volume = try number(record, .volume)
        return row
    }

    /// Open, high and low have no gaps: an indicator over a column with holes would be a different indicator.
    private func required(_ record: CSVTable.Record, _ role: ColumnRole) throws(RowFlaw) -> Double? {
        guard layout.index[role] != nil else { return nil }
        guard let value = try number(record, role) else { throw .bad("has no \(role.rawValue)") }
        return value
    }

    private func number(_ record: CSVTable.Record, _ role: ColumnRole) throws(RowFlaw) -> Double? {
        guard let column = layout.index[role], let cell = ColumnLayout.cell(record, column) else { return nil }
        switch numbers.read(cell) {
        case .number(let value): return value
        case .missing: return nil
        case .malformed: throw .bad("\(role.rawValue) \"\(MarketDataErrors.clipped(cell))\" is not a number")
        }
    }
}
