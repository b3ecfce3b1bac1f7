// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/market-data: a price file in, bars and an account of every row out.
package struct MarketDataAgent: Agent {
    package static let card = AgentCard(
        "corral/market-data", version: "1.0.0", role: "Reads price files and says how far they can be trusted")

    package struct Input: Codable, Sendable {
        /// CSV, also gzipped.
        package var prices: Artifact
        /// Chooses the rows of a file that holds several symbols; otherwise the name of the prices.
        package var symbol: String?
        /// Headers by name, for files whose own say nothing.
        package var columns: ColumnNames?
        /// `month_first` or `day_first`; decided from the file when absent.
        package var dateOrder: DateOrder.Choice?

        enum CodingKeys: String, CodingKey {
            case prices, symbol, columns
            case dateOrder = "date_order"
        }
    }

    package init() {}

    package func run(_ input: Input, _ context: AgentContext) async throws -> AgentResult<PriceHistory> {
        let request = PriceFile.Request(symbol: input.symbol, columns: input.columns, dateOrder: input.dateOrder)
        let bytes = try context.bytes(of: input.prices)
        let history: PriceHistory
        do {
            history = try PriceFile.read(bytes, request) { fraction, text in
                try context.checkCancellation()
                context.progress(fraction, text)
            }
        } catch let fault as DataFault {
            throw AgentError("unusable_prices", fault.description)
        }
        let rows = history.quality.rows
        // Rows of other symbols were not asked for; the share of the rest that could be used is how far to trust the bars.
        let asked = max(1, rows.total - rows.otherSymbols)
        return AgentResult(history, confidence: Double(rows.used) / Double(asked))
    }
}
