// SPDX-License-Identifier: Apache-2.0

/// Findings as JSON, in the words of the agents that give them.
enum Desk {
    static let findings = """
        {
          "decision": {
            "symbol": "S&P 500", "action": "buy", "weight": 0.4, "score": 0.31, "confidence": 0.62, "coverage": 0.8,
            "clarity": 0.5, "size": {"bound": "volatility", "text": "a volatility of 19.0% a year allows 52%"},
            "contributions": [
              {"factor": "trend", "value": 1, "weight": 0.4, "contribution": 0.4, "confidence": 1, "reason": "the trend is up"},
              {"factor": "risk", "value": -0.9, "weight": 0.1, "contribution": -0.09, "reason": "the Sharpe ratio is low"}
            ],
            "absences": ["seasonality"], "overruled": null,
            "changed": {
              "is_flip": true, "previous_action": "sell", "text": "The decision was sell; it is now buy.",
              "movers": [{"factor": "trend", "before": -0.4, "now": 0.4}]
            },
            "memory": "The last decision is from memory.", "summary": "Buy S&P 500 with 40% of the capital."
          },
          "compliance": {
            "verdict": "allow", "decision": {"action": "buy", "weight": 0.4}, "summary": "Allowed.",
            "rules": [
              {"rule": "position", "outcome": "pass", "value": "40.0%", "limit": "at most 60.0%", "text": "It is."},
              {"rule": "group", "outcome": "not_applicable", "value": "no group", "limit": "100%", "text": "None."}
            ]
          },
          "risk": {
            "returns": 5030, "basis": "adjusted_close", "annual_return": 0.036, "annual_volatility": 0.19, "sharpe": 0.28,
            "value_at_risk": [
              {"level": 0.99, "historical": 0.033, "parametric": 0.028, "historical_shortfall": 0.047, "observations": 51}
            ],
            "max_drawdown": {"depth": -0.57, "peak": "2007-10-09", "trough": "2009-03-09"}, "summary": "It moved."
          },
          "regime": {
            "trend": {
              "rule": "up while above", "current": "up", "since": "2018-01-02", "bars": 250,
              "states": [{"state": "up", "share": 0.7, "spells": 20, "median_bars": 148, "stays": 0.99}],
              "transitions": [{"from": "up", "to": "sideways", "count": 20, "share": 1}],
              "spells": [{"state": "down", "from": "2017-01-03", "to": "2017-12-29"},
                         {"state": "up", "from": "2018-01-02", "to": "2018-12-31"}]
            },
            "summary": "The trend is up."
          },
          "seasonality": {
            "families": [{"name": "month", "unit": "month", "effects": [
              {"name": "May", "count": 20, "mean": 0.01, "difference": 0.02, "low": -0.01, "high": 0.05, "p": 0.01,
               "holm": 0.04, "benjamini_hochberg": 0.04, "is_significant": true}]}],
            "summary": "May holds."
          },
          "backtests": [{
            "strategy": {"name": "sma_cross", "fast": 50, "slow": 200}, "fills": "next_open",
            "result": {"annual_return": 0.06, "annual_volatility": 0.11, "max_drawdown": -0.2, "sharpe": 0.57},
            "buy_and_hold": {"annual_return": 0.036, "annual_volatility": 0.19, "max_drawdown": -0.57, "sharpe": 0.28},
            "exposure": 0.67, "trades_closed": 10, "win_rate": 0.8, "side": 1,
            "curve": {"date": ["2018-01-02", "2018-01-03", "2018-01-04"], "worth": [100000, 101000, 0],
                      "buy_and_hold": [100000, 99000, 102000]},
            "summary": "It made more."
          }, null],
          "anomalies": {
            "grade": "A", "score": 92, "findings_total": 1, "summary": "Grade A.",
            "counts": [{"rule": "gap", "count": 1, "worst": "warning", "points": 1}],
            "findings": [{"date": "2001-09-17", "rule": "gap", "severity": "warning", "text": "4 weekdays missing"}]
          }
        }
        """

    /// The second symbol is hostile and blocked.
    static let ranking = """
        {
          "histories": [
            {"symbol": "<b>", "count": 40, "last": "2024-01-31", "bars": {"close": [1, 2]}},
            {"symbol": "AAA", "count": 50, "last": "2024-02-29", "bars": {"close": [3]}}
          ],
          "decisions": [
            {"symbol": "<b>", "action": "buy", "weight": 0.5, "score": 0.2, "confidence": 0.5, "contributions": [],
             "summary": "Buy <b>."},
            {"symbol": "AAA", "action": "buy", "weight": 0.3, "score": 0.6, "confidence": 0.7, "contributions": [],
             "summary": "Buy AAA."}
          ],
          "compliance": [
            {"verdict": "block", "decision": {"action": "blocked", "weight": 0}, "rules": [], "summary": "Blocked: <b>."},
            {"verdict": "allow", "decision": {"action": "buy", "weight": 0.3}, "rules": [], "summary": "Allowed."}
          ],
          "risks": [null, null], "left_out": ["ZZZ (3 bars)"]
        }
        """
}
