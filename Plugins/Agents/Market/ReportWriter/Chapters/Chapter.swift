// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// A part of the report that both pages can write: sentences, lists, tables and charts, free of HTML and Markdown.
struct Chapter {
    struct Cell {
        let text: String
        /// Colours the text; words and signs carry the meaning.
        var tone = Analysis.Direction.neutral
        /// −1 to +1: a bar from the middle, beside the text.
        var meter: Double?

        init(_ text: String, tone: Analysis.Direction = .neutral, meter: Double? = nil) {
            self.text = text
            self.tone = tone
            self.meter = meter
        }

        /// Up or down by its sign.
        static func signed(_ text: String, _ value: Double) -> Cell {
            Cell(text, tone: value > 0 ? .bullish : value < 0 ? .bearish : .neutral)
        }
    }

    struct Table {
        let header: [String]
        let rows: [[Cell]]
        /// From this column on cells are aligned like numbers.
        var numbersFrom = Int.max
        /// With it the table waits for a click where there are clicks.
        var summary: String?
    }

    enum Part {
        case text(String)
        case list([String])
        case table(Table)
        case chart(Chart)
    }

    let heading: String
    let parts: [Part]
}
