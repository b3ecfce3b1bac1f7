# SPDX-License-Identifier: Apache-2.0
"""Computes expected backtests another way and writes reference.json beside this file.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 TA-Lib==0.8.2
    venv/bin/python Tests/BacktesterTests/reference/make_reference.py

There is no account here: with fractional units an account's worth is a product of factors. A bar held through from close
to close multiplies by close/close; an entry at the open by close/open/(1 + c); an exit by open/close(1 - c).
Rules come from TA-Lib and array comparisons, not from state machines over bars.
"""
import csv, json, pathlib
import numpy as np
import talib

here = pathlib.Path(__file__).resolve().parent
prices = here.parents[2] / "Plugins/Flows/market-review/sp500-daily.csv"
rows = list(csv.DictReader(prices.open()))
opens, closes = (np.array([float(row[name]) for row in rows]) for name in ("Open", "Close"))
n, c, year = len(closes), 0.001, 252


def filled(events, start=0):
    """Carries the last event forward; nan = no event."""
    side, out = start, []
    for event in events:
        side = side if np.isnan(event) else event
        out.append(side)
    return np.array(out)


def averages(below):
    fast, slow = talib.SMA(closes, 50), talib.SMA(closes, 200)
    return np.where(np.isnan(slow), 0, np.where(fast > slow, 1, below))


def breakout():
    high = np.array([closes[max(0, i - 55):i].max() if i >= 55 else np.nan for i in range(n)])
    low = np.array([closes[max(0, i - 20):i].min() if i >= 55 else np.nan for i in range(n)])
    return filled(np.where(closes > high, 1.0, np.where(closes < low, 0.0, np.nan)))


def reversion():
    rsi = talib.RSI(closes, 14)
    before = np.concatenate([[np.nan], rsi[:-1]])
    return filled(np.where((before <= 30) & (rsi > 30), 1.0, np.where(rsi >= 70, 0.0, np.nan)))


def run(sides):
    worth, out, entries = 1.0, [1.0], 0
    for i in range(1, n):
        old, new = (sides[i - 2] if i > 1 else 0), sides[i - 1]
        if old == new:
            worth *= closes[i] / closes[i - 1] if old > 0 else 1
        else:
            if old > 0:
                worth *= opens[i] / closes[i - 1] * (1 - c)
            if new > 0:
                worth *= closes[i] / opens[i] / (1 + c)
                entries += 1
        out.append(worth)
    out = np.array(out)
    returns = out[1:] / out[:-1] - 1
    return {
        "total_return": out[-1] - 1, "annual_return": out[-1] ** (year / (n - 1)) - 1, "entries": entries,
        "max_drawdown": (out / np.maximum.accumulate(out) - 1).min(),
        "sharpe": returns.mean() / returns.std(ddof=1) * np.sqrt(year), "exposure": float((sides[:-1] != 0).sum() / n),
    }


reference = {
    "sma_cross": run(averages(0)), "breakout": run(breakout()), "rsi_reversion": run(reversion()),
    "buy_and_hold": run(np.ones(n)),
}
(here / "reference.json").write_text(json.dumps(reference, indent=1, default=float) + "\n")
