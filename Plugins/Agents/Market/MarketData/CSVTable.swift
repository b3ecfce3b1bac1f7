// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// RFC 4180 records with the line each starts on, read leniently where people's files differ from the RFC:
/// any line ending, blanks around cells, quotes inside unquoted cells.
struct CSVTable {
    struct Record {
        let line: Int
        let cells: [String]
    }

    private(set) var records: [Record] = []
    private(set) var blankLines = 0
    let delimiter: UInt8
    private var comments = 0

    /// - Throws: `DataFault` for a quote that is never closed, or more records than are read.
    init(_ bytes: [UInt8], dialect: CSVDialect) throws {
        delimiter = dialect.delimiter
        var scanner = CSVScanner(bytes: bytes, delimiter: dialect.delimiter)
        while let record = try scanner.next() {
            if record.cells.allSatisfy(\.isEmpty) {
                blankLines += 1
            } else if record.cells[0].hasPrefix("#") || (records.isEmpty && record.cells[0].hasPrefix("sep=")) {
                comments += 1
            } else {
                guard records.count <= MarketDataErrors.rowsMax else {
                    throw MarketDataErrors.tooManyRows(line: record.line)
                }
                records.append(record)
            }
        }
        guard !records.isEmpty else { throw MarketDataErrors.empty() }
    }

    var notes: [String] {
        var notes: [String] = []
        if comments > 0 { notes.append("Skipped \(Figures.count(comments, "comment line")).") }
        if blankLines > 0 { notes.append("Skipped \(Figures.count(blankLines, "blank line")).") }
        return notes
    }
}

/// One pass over the bytes; state is where it stands.
private struct CSVScanner {
    let bytes: [UInt8]
    let delimiter: UInt8
    private var position = 0
    private var line = 1
    private var cell: [UInt8] = []

    init(bytes: [UInt8], delimiter: UInt8) {
        self.bytes = bytes
        self.delimiter = delimiter
    }

    mutating func next() throws -> CSVTable.Record? {
        guard position < bytes.count else { return nil }
        let start = line
        var cells: [String] = []
        while true {
            skipBlanks()
            if position < bytes.count, bytes[position] == 34 { try readQuoted() }
            readPlain()
            cells.append(takeCell())
            guard cells.count <= MarketDataErrors.cellsMax else { throw MarketDataErrors.tooManyCells(line: start) }
            guard position < bytes.count, bytes[position] == delimiter else { break }
            position += 1
        }
        endLine()
        return CSVTable.Record(line: start, cells: cells)
    }

    private mutating func skipBlanks() {
        while position < bytes.count, bytes[position] == 32 || (bytes[position] == 9 && delimiter != 9) {
            position += 1
        }
    }

    private mutating func readQuoted() throws {
        let opened = line
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == 34 {
                guard position < bytes.count, bytes[position] == 34 else { return }
                position += 1
            } else if byte == 10 || (byte == 13 && !(position < bytes.count && bytes[position] == 10)) {
                line += 1
            }
            cell.append(byte)
        }
        throw MarketDataErrors.openQuote(line: opened)
    }

    private mutating func readPlain() {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == delimiter || byte == 10 || byte == 13 { return }
            cell.append(byte)
            position += 1
        }
    }

    private mutating func takeCell() -> String {
        defer { cell.removeAll(keepingCapacity: true) }
        while let last = cell.last, last == 32 || last == 9 { cell.removeLast() }
        return String(decoding: cell, as: UTF8.self)
    }

    private mutating func endLine() {
        guard position < bytes.count else { return }
        if bytes[position] == 13, position + 1 < bytes.count, bytes[position + 1] == 10 { position += 1 }
        position += 1
        line += 1
    }
}
