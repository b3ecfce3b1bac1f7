// SPDX-License-Identifier: Apache-2.0

/// Which header stands for which column: named by a caller whose file's own headers say nothing, or found in a file.
package struct ColumnNames: Codable, Sendable, Equatable {
    package var date: String?
    package var time: String?
    package var open: String?
    package var high: String?
    package var low: String?
    package var close: String?
    package var adjustedClose: String?
    package var volume: String?
    package var symbol: String?

    enum CodingKeys: String, CodingKey {
        case date, time, open, high, low, close, volume, symbol
        case adjustedClose = "adjusted_close"
    }

    package init(
        date: String? = nil, time: String? = nil, open: String? = nil, high: String? = nil, low: String? = nil,
        close: String? = nil, adjustedClose: String? = nil, volume: String? = nil, symbol: String? = nil
    ) {
        self.date = date
        self.time = time
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.adjustedClose = adjustedClose
        self.volume = volume
        self.symbol = symbol
    }
}
