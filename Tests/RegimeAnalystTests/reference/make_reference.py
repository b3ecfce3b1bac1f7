# SPDX-License-Identifier: Apache-2.0
"""Computes the expected regimes with pandas and writes reference.json beside this file.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 pandas==3.1.1
    venv/bin/python Tests/RegimeAnalystTests/reference/make_reference.py

Averages, deviations and quantiles are those of pandas' rolling windows; labels and spells are plain loops over them.
"""
import itertools, json, pathlib
import numpy as np, pandas as pd

here = pathlib.Path(__file__).resolve().parent
table = pd.read_csv(here.parents[2] / "Plugins/Flows/market-review/sp500-daily.csv")
dates, price = table["Date"].tolist(), table["Adj Close"]
returns = price / price.shift(1) - 1
AVERAGE, SLOPE, WINDOW, HISTORY, LEAST, CONFIRM, YEAR = 200, 20, 21, 1260, 252, 5, 252

average = price.rolling(AVERAGE).mean()
before = average.shift(SLOPE)
trend = np.where((price > average) & (average > before), "up", np.where((price < average) & (average < before), "down", "sideways"))
trend = [state if not np.isnan(b) else None for state, b in zip(trend, before)]

volatility = returns.rolling(WINDOW).std(ddof=1) * np.sqrt(YEAR)
calm = volatility.rolling(HISTORY, min_periods=LEAST).quantile(0.25)
turbulent = volatility.rolling(HISTORY, min_periods=LEAST).quantile(0.75)
swing = [None if np.isnan(c) else "calm" if v < c else "turbulent" if v > t else "normal"
         for v, c, t in zip(volatility, calm, turbulent)]

depth = price / price.cummax() - 1
fall = ["bear" if d <= -0.2 else "correction" if d <= -0.1 else "pullback" if d <= -0.05 else "near_high" for d in depth]


def confirmed(raw):
    current, out = None, []
    for i, state in enumerate(raw):
        if state is not None:
            last = raw[max(0, i - CONFIRM + 1): i + 1]
            if current is None or (len(last) == CONFIRM and all(s == state for s in last)):
                current = state
        out.append(current)
    return out


def dimension(raw, measure):
    states = confirmed(raw)
    spells = []
    for state, group in itertools.groupby(range(len(states)), key=lambda i: states[i]):
        group = list(group)
        if state is not None:
            spells.append((state, group[0], group[-1]))
    known = sum(s is not None for s in states)
    summary = {}
    for name in {s for s in states if s is not None}:
        at = [i for i, s in enumerate(states) if s == name]
        follow = [i for i in at if i + 1 < len(states)]
        after = np.array([returns.iloc[i + 1] for i in follow])
        ended = [b - a + 1 for s, a, b in spells[:-1] if s == name]
        summary[name] = {
            "bars": len(at), "share": len(at) / known, "spells": sum(s == name for s, _, _ in spells),
            "stays": sum(states[i + 1] == name for i in follow) / len(follow), "median_bars": float(np.median(ended)),
            "annual_return": after.mean() * YEAR, "annual_volatility": after.std(ddof=1) * np.sqrt(YEAR),
        }
    moves = {}
    for (a, _, _), (b, _, _) in zip(spells, spells[1:]):
        moves[f"{a} {b}"] = moves.get(f"{a} {b}", 0) + 1
    return {
        "measure": float(measure.iloc[-1]), "states": summary, "transitions": moves,
        "spells": [[s, dates[a], dates[b], b - a + 1, float(price[b] / price[a] - 1)] for s, a, b in spells],
    }


reference = {
    "pandas": pd.__version__, "trend": dimension(trend, price / average - 1),
    "volatility": dimension(swing, volatility), "drawdown": dimension(fall, depth),
}
(here / "reference.json").write_text(json.dumps(reference, indent=1) + "\n")
