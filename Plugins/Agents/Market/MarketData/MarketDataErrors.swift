// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// Every sentence with which this agent refuses a file.
enum MarketDataErrors {
    static let bytesMax = 64 * 1024 * 1024
    static let rowsMax = 250_000
    /// Wide tables of many tickers have hundreds of columns; a line of a million commas is not one of them.
    static let cellsMax = 4_000

    static func empty() -> DataFault {
        DataFault("the price file is empty", hint: "export the prices again, with a header line and one row per bar")
    }

    static func tooLarge(_ bytes: Int) -> DataFault {
        DataFault(
            "the price file is too large: \(Figures.count(bytes, "byte")), "
                + "at most \(Figures.grouped(bytesMax)) are read",
            hint: "cut the file to the period you need, or use coarser bars")
    }

    static func tooManyRows(line: Int) -> DataFault {
        DataFault(
            "the price file has more than \(Figures.grouped(rowsMax)) rows (reached at line \(line))",
            hint: "cut the file to the period you need, or use coarser bars")
    }

    static func tooManyCells(line: Int) -> DataFault {
        DataFault(
            "line \(line) has more than \(Figures.grouped(cellsMax)) cells",
            hint: "is this a price table? one row per bar is expected")
    }

    static func binary(offset: Int, byte: UInt8) -> DataFault {
        DataFault(
            "the price file is not text: byte \(byte) at offset \(offset)",
            hint: "export the prices as CSV; spreadsheets (.xlsx) and archives (.zip) are not read, gzip (.gz) is")
    }

    static func gzip(_ what: String) -> DataFault {
        DataFault("cannot unpack the gzip file: \(what)", hint: "check it with `gzip -t FILE`, or download it again")
    }

    static func inflatesTooFar() -> DataFault {
        DataFault(
            "the gzip file unpacks to more than \(Figures.grouped(bytesMax)) bytes",
            hint: "cut the file to the period you need, or use coarser bars")
    }

    static func openQuote(line: Int) -> DataFault {
        DataFault(
            "the quote opened on line \(line) is never closed",
            hint: "remove the stray \" on line \(line), or double it")
    }

    static func noDateColumn(_ header: [String]) -> DataFault {
        DataFault(
            "found no date column among \(list(header))",
            hint: "name it: set the input columns to {\"date\": \"<header>\"}; dates look like 2024-01-31 or 1/31/2024")
    }

    static func noCloseColumn(_ header: [String]) -> DataFault {
        DataFault(
            "found no close column among \(list(header))",
            hint: "name it: set the input columns to {\"close\": \"<header>\"}")
    }

    static func unknownColumn(_ role: ColumnRole, _ name: String, _ header: [String]) -> DataFault {
        DataFault(
            "no column is named \"\(clipped(name))\" (wanted as \(role.rawValue)); the file has \(list(header))",
            hint: "set \(role.rawValue) in the input columns to one of these headers")
    }

    static func unplacedColumns(_ count: Int) -> DataFault {
        DataFault(
            "the file has no header line and \(Figures.count(count, "column")), which fit no usual order",
            hint: "add a header line such as Date,Open,High,Low,Close,Volume")
    }

    static func symbolMissing(_ wanted: String?, _ available: [String]) -> DataFault {
        let asked = wanted.map { "no row is for symbol \"\(clipped($0))\"" } ?? "the file holds several symbols"
        return DataFault("\(asked); the file has \(list(available))", hint: "set the input symbol to one of these")
    }

    static func noUsableRows(_ log: RowLog) -> DataFault {
        let first = log.listed.first { !$0.used }.map { "; line \($0.line): \($0.reason)" } ?? ""
        let rows = Figures.count(log.rejected, "row")
        return DataFault(
            "no usable rows: \(rows) read, none can be used\(first)",
            hint: "each row needs a date and a close, such as 2024-01-31,4845.65")
    }

    /// At most 20 names, each short: a hostile header must not become a hostile message.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(20).map { "\"\(clipped($0))\"" }.joined(separator: ", ")
        guard !names.isEmpty else { return "no columns" }
        return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
    }

    static func clipped(_ text: String) -> String {
        let safe = String(text.unicodeScalars.prefix(40).map { $0.value < 32 ? " " : Character($0) })
        return text.unicodeScalars.count > 40 ? safe + "…" : safe
    }
}
