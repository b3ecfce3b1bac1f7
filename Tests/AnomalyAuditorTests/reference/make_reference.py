# SPDX-License-Identifier: Apache-2.0
"""Computes the expected outliers with NumPy and SciPy and writes reference.json beside this file.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python Tests/AnomalyAuditorTests/reference/make_reference.py

Each value is compared with the sorted copy of the window before it, every time anew.
"""
import csv, json, pathlib
import numpy as np, scipy
from scipy import stats

here = pathlib.Path(__file__).resolve().parent
rows = list(csv.DictReader((here.parents[2] / "Plugins/Flows/market-review/sp500-daily.csv").open()))
dates = [row["Date"] for row in rows]
close = np.array([float(row["Close"]) for row in rows])
volume = np.log(np.array([float(row["Volume"]) for row in rows]))


def scores(values, window, least, first):
    found = {}
    for i in range(first, len(values)):
        before = values[max(first, i - window):i]
        if len(before) >= least:
            found[i] = (values[i] - np.median(before)) / (1.4826 * stats.median_abs_deviation(before))
    return found


changes = np.concatenate([[np.nan], np.log(close[1:] / close[:-1])])
returns = scores(changes, 252, 20, 1)
volumes = scores(volume, 63, 20, 0)
reference = {
    "scipy": scipy.__version__,
    "outliers": {dates[i]: float(z) for i, z in returns.items() if abs(z) > 5},
    "volumes": {dates[i]: float(z) for i, z in volumes.items() if abs(z) > 6},
}
(here / "reference.json").write_text(json.dumps(reference, indent=1) + "\n")
