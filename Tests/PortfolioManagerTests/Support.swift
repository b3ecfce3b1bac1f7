// SPDX-License-Identifier: Apache-2.0
import Foundation

@testable import PortfolioManager

enum Sample {
    static func file(_ path: String) throws -> Data {
        try Data(contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: path))
    }

    static func evidence(_ json: String) throws -> Evidence {
        try JSONDecoder().decode(Evidence.self, from: Data(json.utf8))
    }

    /// Everybody says buy.
    static let bullish = """
        {"technical": {"symbol": "X", "as_of": "2024-05-31", "close": 10, "score": 0.6, "confidence": 0.8},
         "risk": {"symbol": "X", "annual_return": 0.08, "annual_volatility": 0.2, "sharpe": 0.5, "confidence": 1},
         "regime": {"trend": {"current": "up", "since": "2024-01-05"}, "volatility": {"current": "calm", "measure": 0.1},
                    "drawdown": {"current": "near_high"}, "periods_per_year": {"value": 252}, "confidence": 1},
         "anomalies": {"grade": "A"}}
        """

    static let bearish = bullish.replacing("0.6", with: "-0.6").replacing("\"up\"", with: "\"down\"")
        .replacing("calm", with: "turbulent").replacing("near_high", with: "bear")
        .replacing("\"sharpe\": 0.5", with: "\"sharpe\": -0.5").replacing("2024-05-31", with: "2024-08-30")
}
