// SPDX-License-Identifier: Apache-2.0

/// Which character separates the cells.
struct CSVDialect: Equatable {
    let delimiter: UInt8

    var name: String {
        switch delimiter {
        case 44: return "comma"
        case 59: return "semicolon"
        case 9: return "tab"
        default: return "bar"
        }
    }

    /// Chooses the separator that cuts most lines of the start of the file into the same number of cells.
    ///
    /// In a file with decimal commas the comma cuts evenly too, but the header line holds none, and the header is
    /// among the lines that must agree; on equal terms the order of preference below decides.
    static func detect(in bytes: [UInt8]) -> CSVDialect {
        let lines = sample(bytes)
        var best = (delimiter: UInt8(44), agreeing: 0, cells: 0)
        for delimiter in [UInt8(59), 9, 124, 44] {
            let counts = lines.map { count($0, delimiter) }
            var frequency: [Int: Int] = [:]
            for count in counts where count > 0 { frequency[count, default: 0] += 1 }
            guard let top = frequency.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { continue }
            let headerAgrees = counts.first == top.key ? 1 : 0
            let agreeing = top.value + headerAgrees
            if agreeing > best.agreeing || (agreeing == best.agreeing && top.key > best.cells) {
                best = (delimiter, agreeing, top.key)
            }
        }
        return CSVDialect(delimiter: best.delimiter)
    }

    /// The first 50 lines that hold anything.
    private static func sample(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        let start = bytes.prefix(64 * 1024)
        let lines = start.split(maxSplits: 200, whereSeparator: { $0 == 10 || $0 == 13 })
        return Array(lines.prefix(50))
    }

    private static func count(_ line: ArraySlice<UInt8>, _ delimiter: UInt8) -> Int {
        var isQuoted = false
        var count = 0
        for byte in line {
            if byte == 34 {
                isQuoted.toggle()
            } else if byte == delimiter && !isQuoted {
                count += 1
            }
        }
        return count
    }
}
