# SPDX-License-Identifier: Apache-2.0
"""Draws evidence at random and computes the decision that follows, by the rules of docs/trading-desk.md written down a
second time; writes reference.json beside this file.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6
    venv/bin/python Tests/PortfolioManagerTests/reference/make_reference.py
"""
import json, pathlib
import numpy as np

here = pathlib.Path(__file__).resolve().parent
rng = np.random.default_rng(20181231)
WEIGHTS = {"technical": 0.3, "trend": 0.25, "backtests": 0.2, "risk": 0.1, "volatility": 0.05, "drawdown": 0.05,
           "seasonality": 0.05}
TREND = {"up": 1, "sideways": 0, "down": -1}
SWING = {"calm": 0.5, "normal": 0, "turbulent": -1}
FALL = {"near_high": 0.5, "pullback": 0, "correction": -0.5, "bear": -1}
GRADE = {"A": 1, "B": 0.9, "C": 0.75, "D": 0.5, "F": 0}


def pick(options): return options[int(rng.integers(len(options)))]
def number(low, high): return round(float(rng.uniform(low, high)), 6)
def maybe(value, chance=0.85): return value if rng.uniform() < chance else None


def evidence():
    lean = rng.uniform(-1, 1)
    given = {
        "symbol": "X",
        "technical": maybe({"score": round(float(np.clip(lean + rng.normal() / 3, -1, 1)), 6), "confidence": number(0, 1)}),
        "risk": maybe({"annual_return": number(-0.1, 0.25), "annual_volatility": number(0.03, 0.6),
                       "sharpe": maybe(number(-1.5, 1.5)), "confidence": number(0, 1), "returns": 100}),
        "backtests": maybe([maybe({
            "strategy": {"name": pick(["sma_cross", "breakout", "buy_and_hold"])}, "side": pick([-1, 0, 1]),
            "result": {"sharpe": maybe(number(-0.5, 1.5))}, "buy_and_hold": {"sharpe": number(0, 0.6)},
            "confidence": number(0, 1)}) for _ in range(int(rng.integers(4)))]),
        "regime": maybe({
            "trend": maybe({"current": pick(list(TREND))}), "volatility": maybe({"current": pick(list(SWING)), "measure": number(0.02, 0.7)}),
            "drawdown": maybe({"current": pick(list(FALL))}), "periods_per_year": maybe({"value": 252}), "confidence": number(0, 1)}),
        "seasonality": maybe({
            "families": [{"name": "month", "effects": [{"name": "May", "difference": number(-0.06, 0.06), "is_significant": bool(rng.uniform() < 0.5)}]}],
            "next_month": pick(["May", "June"]), "tests": pick([0, 12]), "confidence": number(0, 1)}),
        "anomalies": maybe({"grade": pick(list(GRADE))}),
        "previous": maybe({"action": pick(["buy", "hold", "sell"]), "weight": number(0, 1)}, 0.4),
        "parameters": {"direction": pick(["long_only", "long_short"]), "risk_free": number(0, 0.04), "weight_max": number(0.3, 1.5)},
    }
    if given["regime"]:
        given["regime"] = {k: v for k, v in given["regime"].items() if v is not None}
    return {k: v for k, v in given.items() if v is not None}


def decide(e):
    votes = {}
    if t := e.get("technical"): votes["technical"] = (t["score"], t["confidence"])
    regime = e.get("regime", {})
    for factor, key, table in (("trend", "trend", TREND), ("volatility", "volatility", SWING), ("drawdown", "drawdown", FALL)):
        if key in regime: votes[factor] = (table[regime[key]["current"]], regime["confidence"])
    rules = [b for b in e.get("backtests", []) if b and b["strategy"]["name"] != "buy_and_hold"]
    if rules:
        voices = []
        for b in rules:
            edge = -1 if b["result"]["sharpe"] is None else b["result"]["sharpe"] - b["buy_and_hold"]["sharpe"]
            voices.append((1 if b["side"] > 0 else -1) * np.clip(edge / 0.5, 0, 1) * b["confidence"])
        votes["backtests"] = (np.mean(voices), np.mean([b["confidence"] for b in rules]))
    risk = e.get("risk")
    if risk and risk["sharpe"] is not None: votes["risk"] = (np.clip(risk["sharpe"], -1, 1), risk["confidence"])
    season = e.get("seasonality")
    if season and season["tests"]:
        hits = [f["difference"] for f in season["families"][0]["effects"] if f["name"] == season["next_month"] and f["is_significant"]]
        votes["seasonality"] = (np.clip(hits[0] / 0.03, -1, 1) if hits else 0, season["confidence"])
    total = sum(WEIGHTS[f] for f in votes)
    parts = {f: WEIGHTS[f] / total * v for f, (v, _) in votes.items()}
    score = sum(parts.values())
    grade = e.get("anomalies", {}).get("grade")
    quality = 0.8 if grade is None else GRADE[grade]
    held = e.get("previous", {}).get("weight", 0)
    p = e["parameters"]
    action = "buy" if score > 0.15 else "sell" if score < -0.15 else "hold"
    weight = held
    if action != "hold" and quality == 0:
        action = "hold"
    elif action == "sell" and p["direction"] == "long_only":
        weight = 0
    elif action != "hold":
        side = 1 if action == "buy" else -1
        vols = [risk["annual_volatility"]] if risk else []
        if "volatility" in regime and "periods_per_year" in regime: vols.append(regime["volatility"]["measure"])
        bounds = [p["weight_max"]]
        if vols: bounds.append(0.1 / max(vols))
        if risk:
            variance = risk["annual_volatility"] ** 2
            bounds.append(0.5 * max(0, side * (risk["annual_return"] + variance / 2 - p["risk_free"])) / variance)
        size = min(bounds) * min(1, abs(score) / 0.5) * quality if vols else 0
        if action == "buy" and round(size, 4) == 0: action = "hold"
        else: weight = side * size
    loud = sum(abs(v) for v in parts.values())
    clarity = max(0, 1 - abs(score) / 0.15) if action == "hold" else abs(score) / loud if loud else 0
    coverage = sum(WEIGHTS[f] * c for f, (_, c) in votes.items())
    return {"action": action, "weight": float(weight), "score": float(score),
            "confidence": float(coverage * quality * (0.5 + 0.5 * clarity)), "parts": {k: float(v) for k, v in parts.items()}}


cases = [{"evidence": given, "expected": decide(given)} for given in (evidence() for _ in range(60))]
lines = ",\n".join(json.dumps(case) for case in cases)
(here / "reference.json").write_text('{"numpy": "%s", "cases": [\n%s\n]}\n' % (np.__version__, lines))
