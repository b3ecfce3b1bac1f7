# SPDX-License-Identifier: Apache-2.0
"""Computes the expected risk figures with NumPy and SciPy and writes reference.json beside this file.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python Tests/RiskManagerTests/reference/make_reference.py

The benchmark is the S&P 500 against itself with every third day left out and a second series that moves half as much:
real numbers whose beta nobody wrote by hand.
"""
import csv, json, pathlib
import numpy as np
from scipy import stats

here = pathlib.Path(__file__).resolve().parent
prices = here.parents[2] / "Plugins/Flows/market-review/sp500-daily.csv"
rows = list(csv.DictReader(prices.open()))
price = np.array([float(row["Adj Close"]) for row in rows])
high = np.array([float(row["High"]) for row in rows])
returns = price[1:] / price[:-1] - 1
year, risk_free = 252, 0.02
period = (1 + risk_free) ** (1 / year) - 1
mean, deviation = returns.mean(), returns.std(ddof=1)

levels = {}
for level in (0.9, 0.95, 0.99):
    quantile = np.quantile(returns, 1 - level)
    z = stats.norm.ppf(level)
    levels[str(level)] = {
        "historical": -quantile, "historical_shortfall": -returns[returns <= quantile].mean(),
        "parametric": -(mean - z * deviation),
        "parametric_shortfall": -(mean - deviation * stats.norm.pdf(z) / (1 - level)),
        "observations": int((returns <= quantile).sum()),
    }
drawdown = price / np.maximum.accumulate(price) - 1
trough = int(drawdown.argmin())
peak = int(price[: trough + 1].argmax())
recovered = trough + int(np.argmax(price[trough:] >= price[peak]))
annual = (price[-1] / price[0]) ** (year / len(returns)) - 1
downside = np.sqrt(np.mean(np.minimum(0, returns - period) ** 2))

keep = [i for i in range(len(price)) if i % 3 != 1]
own, other = price[keep], high[keep]
left, right = own[1:] / own[:-1] - 1, other[1:] / other[:-1] - 1
fit = stats.linregress(right - period, left - period)

figures = {
    "annual_return": annual, "annual_volatility": deviation * np.sqrt(year),
    "sharpe": (mean - period) / deviation * np.sqrt(year), "sortino": (mean - period) / downside * np.sqrt(year),
    "calmar": annual / -drawdown.min(), "depth": drawdown.min(), "beta": fit.slope, "correlation": fit.rvalue,
    "alpha": fit.intercept * year,
}
reference = {
    "numpy": np.__version__, "figures": {name: float(value) for name, value in figures.items()}, "levels": levels,
    "peak": peak, "trough": trough, "recovered": recovered, "paired": len(left),
}
(here / "reference.json").write_text(json.dumps(reference, indent=1) + "\n")
