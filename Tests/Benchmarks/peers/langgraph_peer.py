# SPDX-License-Identifier: Apache-2.0
"""LangGraph's side of the chain and the fan-out: the same graphs as Chain.swift and FanOut.swift, one JSON line a number.

Usage: langgraph_peer.py chain|fan-out SCRATCH REPETITIONS
"""
import asyncio
import importlib.metadata
import json
import operator
import os
import sqlite3
import statistics
import sys
import time
from typing import Annotated, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

STEPS = 100
BRANCHES = 1000
PEER = "langgraph " + importlib.metadata.version("langgraph")


class ChainState(TypedDict):
    i: int
    s: str


class FanState(TypedDict):
    n: int
    values: Annotated[list, operator.add]


def payload(i):
    unit = f"{i:08d}:"
    return (unit * (1024 // len(unit) + 1))[:1024]


def report(workload, metric, seconds, scale, unit):
    values = sorted(value * scale for value in seconds)
    line = {"w": workload, "peer": PEER, "metric": metric, "value": statistics.median(values), "unit": unit,
            "min": values[0], "max": values[-1], "n": len(values)}
    print(json.dumps(line), flush=True)


def count(workload, metric, value, unit):
    line = {"w": workload, "peer": PEER, "metric": metric, "value": value, "unit": unit, "min": value, "max": value,
            "n": 1}
    print(json.dumps(line), flush=True)


def configuration(name):
    return {"configurable": {"thread_id": name}, "recursion_limit": STEPS + 10}


def stored_bytes(path):
    return sum(os.path.getsize(path + end) for end in ("", "-wal") if os.path.exists(path + end))


def chain(saver):
    graph = StateGraph(ChainState)

    def step(state):
        return {"i": state["i"] + 1, "s": payload(state["i"] + 1)}

    previous = START
    for number in range(STEPS):
        graph.add_node(f"n{number}", step)
        graph.add_edge(previous, f"n{number}")
        previous = f"n{number}"
    graph.add_edge(previous, END)
    return graph.compile(checkpointer=saver)


def time_chain(metric, saver, durability, repetitions):
    app = chain(saver)
    options = {"durability": durability} if durability else {}
    taken = []
    for repetition in range(repetitions + 1):
        start = time.perf_counter()
        end = app.invoke({"i": 0, "s": payload(0)}, configuration(f"run{repetition}"), **options)
        taken.append(time.perf_counter() - start)
        assert end["i"] == STEPS
    report("chain", metric, taken[1:], 1e6 / STEPS, "us/step")


def chains(scratch, repetitions):
    time_chain("none", None, None, repetitions)
    for metric, durability, synchronous in [
        ("sqlite async", "async", None), ("sqlite sync", "sync", None), ("sqlite sync FULL", "sync", "FULL"),
    ]:
        path = os.path.join(scratch, metric.replace(" ", "-") + ".db")
        connection = sqlite3.connect(path, check_same_thread=False)
        saver = SqliteSaver(connection)
        saver.setup()
        if synchronous:
            connection.execute(f"PRAGMA synchronous={synchronous}")
        time_chain(metric, saver, durability, repetitions)
        count("chain", metric + " stored", stored_bytes(path) / (STEPS * (repetitions + 1)), "B/step")
        connection.close()


def fan(saver):
    async def branch(state):
        return {"values": [state["k"] + 1]}

    graph = StateGraph(FanState)
    graph.add_node("branch", branch)
    graph.add_node("join", lambda state: {"n": sum(state["values"])})
    graph.add_conditional_edges(START, lambda state: [Send("branch", {"k": k}) for k in range(state["n"])], ["branch"])
    graph.add_edge("branch", "join")
    graph.add_edge("join", END)
    return graph.compile(checkpointer=saver)


async def time_fan(metric, saver, repetitions):
    app = fan(saver)
    taken = []
    for repetition in range(repetitions + 1):
        start = time.perf_counter()
        end = await app.ainvoke({"n": BRANCHES, "values": []}, configuration(f"run{repetition}"))
        taken.append(time.perf_counter() - start)
        assert end["n"] == BRANCHES * (BRANCHES + 1) // 2
    report("fan-out", metric, taken[1:], 1e3, "ms")


async def fans(scratch, repetitions):
    await time_fan("none", None, repetitions)
    path = os.path.join(scratch, "fan.db")
    async with AsyncSqliteSaver.from_conn_string(path) as saver:
        await time_fan("sqlite", saver, repetitions)
    count("fan-out", "sqlite stored", stored_bytes(path) / (BRANCHES * (repetitions + 1)), "B/branch")


if __name__ == "__main__":
    workload, scratch, repetitions = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if workload == "chain":
        chains(scratch, repetitions)
    else:
        asyncio.run(fans(scratch, repetitions))
