// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Where each column stands, where the data begins and which symbol is read.
struct ColumnLayout {
    private(set) var index: [ColumnRole: Int] = [:]
    private(set) var header: [String]
    /// The first record that is data.
    private(set) var dataStart: Int
    private(set) var symbol = ""
    private(set) var notes: [String] = []

    /// Header text per role, for the report.
    var names: ColumnNames {
        var names = ColumnNames()
        for (role, column) in index {
            let isNamed = header.indices.contains(column) && !header[column].isEmpty
            names[role] = isNamed ? MarketDataErrors.clipped(header[column]) : "column \(column + 1)"
        }
        return names
    }

    init(_ table: CSVTable, request: PriceFile.Request) throws {
        let records = table.records
        let firstDated = records.prefix(50).firstIndex { $0.cells.contains { DateText.read($0) != nil } }
        let headerRow = Self.headerRow(records, firstDated: firstDated)
        header = headerRow.map { records[$0].cells } ?? []
        dataStart = headerRow.map { $0 + 1 } ?? 0
        if Self.isYahooTable(records) {
            try readYahooTable(records, wanted: request.symbol)
        } else if headerRow == nil {
            try placeByPosition(records, firstDated: firstDated)
        } else {
            try placeByName(request.columns)
        }
        let sample = Array(records.dropFirst(dataStart).prefix(50))
        try findDate(sample)
        try findClose(sample)
        if let headerRow, headerRow > 0 {
            notes.append("Skipped \(Figures.count(headerRow, "line")) above the header.")
        }
        noteUnusedColumns()
        if symbol.isEmpty { symbol = try chooseSymbol(records, wanted: request.symbol) }
    }

    // MARK: Header

    /// The closest line above the first dated one that holds a known header and a second cell, else the line before.
    private static func headerRow(_ records: [CSVTable.Record], firstDated: Int?) -> Int? {
        let candidates = records.prefix(firstDated ?? min(records.count, 50))
        if let named = candidates.lastIndex(where: { $0.cells.count > 1 && knownCells($0.cells) > 0 }) { return named }
        guard let firstDated else { return 0 }
        return firstDated > 0 && records[firstDated - 1].cells.count > 1 ? firstDated - 1 : nil
    }

    private static func knownCells(_ cells: [String]) -> Int {
        cells.map(ColumnRole.normalised).count { name in ColumnRole.allCases.contains { $0.rank(name) != nil } }
    }

    /// yfinance since 2024 writes three header lines: `Price,Close,…`, `Ticker,AAPL,…`, `Date,,…`.
    private static func isYahooTable(_ records: [CSVTable.Record]) -> Bool {
        guard records.count > 3 else { return false }
        let starts = records.prefix(3).map { ColumnRole.normalised($0.cells[0]) }
        return starts[0] == "price" && starts[1] == "ticker" && (starts[2] == "date" || starts[2] == "datetime")
    }

    private mutating func readYahooTable(_ records: [CSVTable.Record], wanted: String?) throws {
        header = records[0].cells
        dataStart = 3
        let tickers = records[1].cells
        let available = Self.distinct(tickers.dropFirst())
        let wantedTicker = wanted.flatMap { name in available.first { $0.lowercased() == name.lowercased() } }
        guard let ticker = wantedTicker ?? (available.count == 1 ? available[0] : nil) else {
            throw MarketDataErrors.symbolMissing(wanted, available)
        }
        if let wanted, wantedTicker == nil { throw MarketDataErrors.symbolMissing(wanted, available) }
        let normalised = header.map(ColumnRole.normalised)
        for role in ColumnRole.allCases where role != .symbol && role != .time && role != .date {
            index[role] = header.indices.dropFirst().first { column in
                role.rank(normalised[column]) != nil && tickers.indices.contains(column) && tickers[column] == ticker
            }
        }
        index[.date] = 0
        symbol = ticker
    }

    // MARK: Columns

    private mutating func placeByName(_ named: ColumnNames?) throws {
        let normalised = header.map(ColumnRole.normalised)
        for role in ColumnRole.allCases {
            if let name = named?[role] {
                guard let column = header.firstIndex(of: name) else {
                    throw MarketDataErrors.unknownColumn(role, name, header)
                }
                index[role] = column
            } else if let column = Self.bestColumn(role, normalised) {
                index[role] = column
            }
        }
        // "time" alone is the date column; beside a date it is the time of day.
        if index[.time] == index[.date] { index[.time] = nil }
    }

    private static func bestColumn(_ role: ColumnRole, _ names: [String]) -> Int? {
        let ranked = names.indices.compactMap { column in role.rank(names[column]).map { (rank: $0, column: column) } }
        return ranked.min { ($0.rank, $0.column) < ($1.rank, $1.column) }?.column
    }

    private mutating func placeByPosition(_ records: [CSVTable.Record], firstDated: Int?) throws {
        guard let firstDated else { throw MarketDataErrors.noDateColumn(records[0].cells) }
        let cells = records[firstDated].cells
        guard cells.count > 1, DateText.read(cells[0]) != nil else { throw MarketDataErrors.noDateColumn(cells) }
        let orders: [Int: [ColumnRole]] = [
            2: [.date, .close], 5: [.date, .open, .high, .low, .close],
            6: [.date, .open, .high, .low, .close, .volume],
            7: [.date, .open, .high, .low, .close, .adjustedClose, .volume],
        ]
        guard let order = orders[cells.count] else { throw MarketDataErrors.unplacedColumns(cells.count) }
        for (column, role) in order.enumerated() { index[role] = column }
        dataStart = 0
        let roles = order.map(\.rawValue).joined(separator: ", ")
        notes.append("The file has no header line; its columns were taken as \(roles).")
    }

    /// Unnamed first columns (pandas writes the index that way) are recognised by what stands in them.
    private mutating func findDate(_ sample: [CSVTable.Record]) throws {
        guard index[.date] == nil else { return }
        let taken = Set(index.values)
        let column = header.indices.first { column in
            !taken.contains(column) && sample.contains { Self.cell($0, column).flatMap(DateText.read) != nil }
        }
        guard let column else { throw MarketDataErrors.noDateColumn(header) }
        index[.date] = column
        let name = header[column].isEmpty ? "without a name" : "\"\(MarketDataErrors.clipped(header[column]))\""
        notes.append("The column \(name) was taken as the date: dates stand in it.")
    }

    private mutating func findClose(_ sample: [CSVTable.Record]) throws {
        guard index[.close] == nil else { return }
        if let adjusted = index[.adjustedClose] {
            index[.close] = adjusted
            index[.adjustedClose] = nil
            notes.append("There is no plain close; the adjusted close stands in for it.")
            return
        }
        let taken = Set(index.values)
        let numeric = header.indices.filter { column in
            !taken.contains(column) && sample.contains { Self.cell($0, column).map(NumberText.looksNumeric) ?? false }
        }
        guard numeric.count == 1 else { throw MarketDataErrors.noCloseColumn(header) }
        index[.close] = numeric[0]
        let name = MarketDataErrors.clipped(header[numeric[0]])
        notes.append("The column \"\(name)\" was taken as the close: it is the only one with numbers.")
    }

    private mutating func noteUnusedColumns() {
        let used = Set(index.values)
        let unused = header.indices.filter { !used.contains($0) && !header[$0].isEmpty }
        guard !unused.isEmpty else { return }
        notes.append("Columns not used: \(MarketDataErrors.list(unused.map { header[$0] })).")
    }

    // MARK: Symbol

    private func chooseSymbol(_ records: [CSVTable.Record], wanted: String?) throws -> String {
        let asked = wanted.flatMap { $0.isEmpty ? nil : $0 }
        guard let column = index[.symbol] else { return asked ?? "Prices" }
        let available = Self.distinct(records.dropFirst(dataStart).compactMap { Self.cell($0, column) }[...])
        if let asked {
            guard let match = available.first(where: { $0.lowercased() == asked.lowercased() }) else {
                throw MarketDataErrors.symbolMissing(asked, available)
            }
            return match
        }
        guard available.count == 1 else { throw MarketDataErrors.symbolMissing(nil, available) }
        return available[0]
    }

    static func cell(_ record: CSVTable.Record, _ column: Int) -> String? {
        record.cells.indices.contains(column) ? record.cells[column] : nil
    }

    /// In order of appearance.
    private static func distinct(_ names: ArraySlice<String>) -> [String] {
        var seen: Set<String> = []
        return names.filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}
