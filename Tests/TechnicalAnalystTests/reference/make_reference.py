# SPDX-License-Identifier: Apache-2.0
"""Computes the expected indicator values with TA-Lib and writes reference.json beside this file.

    python3 -m venv venv && venv/bin/pip install TA-Lib==0.8.2 numpy==2.4.6
    venv/bin/python Tests/TechnicalAnalystTests/reference/make_reference.py

Where definitions agree from the first value on (SMA, EMA, RSI, ATR, Bollinger, stochastic) early bars are recorded too.
Two seeds differ, and there only bars are recorded at which the seed has decayed below 1e-12:
  MACD  TA-Lib starts the fast EMA late, so that both EMAs begin on the same bar; ours starts each on its own first bar.
        The difference shrinks by 11/13 per bar.
  ADX   TA-Lib seeds the sums of +DM, -DM and TR with 13 values (period - 1) and smooths from the 14th on; Wilder's
        worksheet, and ours, sum 14. The difference shrinks by 13/14 per bar.
"""
import csv, json, pathlib
import numpy as np
import talib

here = pathlib.Path(__file__).resolve().parent
prices = here.parents[2] / "Plugins/Flows/market-review/sp500-daily.csv"
rows = list(csv.DictReader(prices.open()))
high, low, close = (np.array([float(row[name]) for row in rows]) for name in ("High", "Low", "Close"))

macd, signal, histogram = talib.MACD(close, 12, 26, 9)
upper, middle, lower = talib.BBANDS(close, 20, 2, 2, talib.MA_Type.SMA)
slow_k, slow_d = talib.STOCH(high, low, close, 14, 3, talib.MA_Type.SMA, 3, talib.MA_Type.SMA)
exact = {
    "sma_short": talib.SMA(close, 20), "sma_medium": talib.SMA(close, 50), "sma_long": talib.SMA(close, 200),
    "ema_fast": talib.EMA(close, 12), "ema_slow": talib.EMA(close, 26), "rsi": talib.RSI(close, 14),
    "atr": talib.ATR(high, low, close, 14), "bollinger_upper": upper, "bollinger_middle": middle,
    "bollinger_lower": lower, "stochastic_k": slow_k, "stochastic_d": slow_d,
}
decayed = {
    "macd": macd, "macd_signal": signal, "macd_histogram": histogram, "adx": talib.ADX(high, low, close, 14),
    "plus_di": talib.PLUS_DI(high, low, close, 14), "minus_di": talib.MINUS_DI(high, low, close, 14),
}
early = [19, 25, 33, 49, 60, 100, 199, 250]
late = [600, 1000, 1500, 2000, 2449, 2600, 3000, 4000, 4500, len(rows) - 1]

def points(line, bars):
    return [{"bar": bar, "value": float(line[bar])} for bar in bars if not np.isnan(line[bar])]

reference = {name: points(line, early + late) for name, line in exact.items()}
reference |= {name: points(line, late) for name, line in decayed.items()}
(here / "reference.json").write_text(json.dumps({"ta_lib": talib.__version__, "indicators": reference}, indent=1) + "\n")
