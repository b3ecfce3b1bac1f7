# SPDX-License-Identifier: Apache-2.0
"""Computes the expected seasons with pandas, SciPy and statsmodels and writes reference.json beside this file.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 statsmodels==0.15.0
    venv/bin/python Tests/SeasonalityAnalystTests/reference/make_reference.py
"""
import json, pathlib
import numpy as np, pandas as pd, scipy, statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests

here = pathlib.Path(__file__).resolve().parent
root = here.parents[2]


def effects(families):
    tests = []
    for family, values, seasons in families:
        values = np.asarray(values)
        for name, mask in seasons:
            mask = np.asarray(mask)
            own, rest = values[mask], values[~mask]
            test = stats.ttest_ind(own, rest, equal_var=False)
            interval = test.confidence_interval(0.95)
            tests.append({
                "family": family, "name": name, "count": int(mask.sum()), "mean": own.mean(), "rest_mean": rest.mean(),
                "low": interval.low, "high": interval.high, "t": test.statistic, "degrees": test.df, "p": test.pvalue,
            })
    p = [test["p"] for test in tests]
    for test, holm, discovery in zip(tests, multipletests(p, method="holm")[1], multipletests(p, method="fdr_bh")[1]):
        test["holm"], test["benjamini_hochberg"] = holm, discovery
    return [{k: v if isinstance(v, (str, int)) else float(v) for k, v in test.items()} for test in tests]


MONTHS = pd.date_range("2001-01-01", periods=12, freq="MS").strftime("%B").tolist()
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]

table = pd.read_csv(root / "Plugins/Flows/market-review/sp500-daily.csv", parse_dates=["Date"])
price = pd.Series(table["Adj Close"].to_numpy(), index=table["Date"])
daily = price.pct_change().dropna()
monthly = price.resample("ME").last().pct_change().dropna()
period = price.index.to_period("M")
start = price.groupby(period).cumcount() + 1
end = price.groupby(period).cumcount(ascending=False) + 1
turn = ((end <= 1) | ((start <= 3) & (period != period[0])))
# The first month of the file may have begun before it: its days count only where they are its last.
known = ((period != period[0]) | (end <= 1))
turn, known = np.asarray(turn)[1:], np.asarray(known)[1:]
sp500 = effects([
    ("month", monthly, [(name, monthly.index.month == i + 1) for i, name in enumerate(MONTHS)]),
    ("weekday", daily, [(name, daily.index.day_of_week == i) for i, name in enumerate(DAYS)]),
    ("turn_of_month", daily[known], [("turn of the month (last 1 and first 3 trading days)", turn[known])]),
])

stocks = pd.read_csv(root / "Tests/MarketDataTests/Fixtures/us-stocks-monthly-2000-2010.csv")
apple = stocks[stocks["symbol"] == "AAPL"]
apple = pd.Series(apple["price"].to_numpy(), index=pd.to_datetime(apple["date"], format="%b %d %Y")).pct_change().dropna()
aapl = effects([("month", apple, [(name, apple.index.month == i + 1) for i, name in enumerate(MONTHS)])])

grid = [(t, nu) for t in (0.001, 0.5, 1.7, 2.5, 6.0, 40.0) for nu in (1.0, 2.5, 7.3, 30.0, 1234.5, 250000.0)]
reference = {
    "scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "sp500": sp500, "aapl": aapl,
    "student": [{"t": t, "degrees": nu, "two_sided": float(2 * stats.t.sf(t, nu)),
                 "central95": float(stats.t.ppf(0.975, nu))} for t, nu in grid],
}
(here / "reference.json").write_text(json.dumps(reference, indent=1) + "\n")
