"""Print the table of docs/performance.md: every row is measured in this run, on this machine.

Usage: python benchmarks/table.py [--quick]

Rows that need memory measured run in a process of their own. The one-path-at-a-time rows drive the very
same month step: in a plain loop, and as a model of EMA Workbench, whose users call a Python function once
per experiment.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import resource
import subprocess
import sys
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

SINGLE_PATHS = 40


def measured(paths: int, months: int, workers: int, backend: str) -> dict[str, float]:
    """Run in this process and say how long each part took and how much memory it needed."""
    from dualtrack.facts.book import load_book
    from dualtrack.parallel import Where
    from dualtrack.results.summary import summarise
    from dualtrack.scenarios.scenario import load_scenario
    from dualtrack.session import run_prepared
    from dualtrack.simulate.run import prepare

    book = load_book()
    options = {"paths": paths, "months": months}
    task = prepare(load_scenario("h200-truce", book, run=options), book, backend)
    if backend == "jax":
        # Compile on a block of the size that the run will use.
        task.block(0, min(paths, 8192))
    dataset = run_prepared(task, book, where=Where(workers))
    began = time.perf_counter()
    summarise(dataset)
    return {
        # Draws, months and measures of all paths, workers' start included.
        "simulation": float(dataset.attrs["seconds_simulation"]),
        "summary": time.perf_counter() - began,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def in_process(paths: int, months: int = 36, workers: int = 1, backend: str = "numpy") -> dict[str, float]:
    """The same, in a fresh process, so that its peak memory is its own."""
    code = f"import json; from table import measured; print(json.dumps(measured({paths},{months},{workers},{backend!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def parts(paths: int) -> dict[str, float]:
    """Seconds by part of one chunk-wise run."""
    from dualtrack.facts.book import load_book
    from dualtrack.measures.outcomes import outcomes
    from dualtrack.scenarios.scenario import load_scenario
    from dualtrack.simulate.inputs import draw
    from dualtrack.simulate.kernel import CHUNK_PATHS, run_numpy
    from dualtrack.simulate.run import prepare

    book = load_book()
    task = prepare(load_scenario("h200-truce", book), book)
    spent = {"draws": 0.0, "months": 0.0, "measures": 0.0}
    chunk = CHUNK_PATHS["numpy"]
    for start in range(0, paths, chunk):
        t0 = time.perf_counter()
        drawn = draw(task.model, task.model.block(start, min(chunk, paths - start)))
        t1 = time.perf_counter()
        out = run_numpy(task.model, drawn)
        t2 = time.perf_counter()
        outcomes(task.model, task.history, drawn, out)
        t3 = time.perf_counter()
        for name, seconds in zip(spent, (t1 - t0, t2 - t1, t3 - t2), strict=True):
            spent[name] += seconds
    return spent


def one_at_a_time() -> float:
    """Seconds per path when each path is simulated alone, in a plain loop."""
    from dualtrack.facts.book import load_book
    from dualtrack.scenarios.scenario import load_scenario
    from dualtrack.simulate.run import prepare

    book = load_book()
    task = prepare(load_scenario("h200-truce", book), book)
    task.block(0, 1)
    began = time.perf_counter()
    for path in range(SINGLE_PATHS):
        task.block(path, 1)
    return (time.perf_counter() - began) / SINGLE_PATHS


def with_ema_workbench() -> float | None:
    """Seconds per experiment when EMA Workbench calls the same block for one path."""
    if find_spec("ema_workbench") is None:
        return None
    import logging

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench import IntegerParameter, Model, ScalarOutcome, perform_experiments

    from dualtrack.facts.book import load_book
    from dualtrack.scenarios.scenario import load_scenario
    from dualtrack.simulate.run import prepare

    logging.disable(logging.CRITICAL)
    book = load_book()
    task = prepare(load_scenario("h200-truce", book), book)

    def truce(path: int = 0) -> dict[str, float]:
        totals = task.block(path, 1).totals
        return {"delivered": float(totals["h200_delivered_cum"][-1, 0])}

    model = Model("truce", function=truce)
    model.uncertainties = [IntegerParameter("path", 0, 100_000)]
    model.outcomes = [ScalarOutcome("delivered")]
    began = time.perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):
        perform_experiments(model, scenarios=SINGLE_PATHS)
    return (time.perf_counter() - began) / SINGLE_PATHS


def start_up() -> float:
    """Seconds of `dualtrack --help`, the best of five."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "dualtrack", "--help"], capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return min(times)


def row(label: str, paths: int, found: dict[str, float]) -> float:
    """Print one row; give its paths per second."""
    rate = paths / found["simulation"]
    print(
        f"| {label} | {found['simulation']:.2f} | {found['summary']:.2f} | {rate:,.0f} | {found['peak_mb']:,.0f} |",
        flush=True,
    )
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the run of 100,000 paths")
    quick = parser.parse_args().quick
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| run (default scenario) | simulation, s | summary, s | paths/s | peak memory, MB |")
    print("|---|---|---|---|---|")
    row("1,000 paths × 36 months, numpy", 1_000, in_process(1_000))
    base = row("10,000 paths × 36 months, numpy", 10_000, in_process(10_000))
    for months in (12, 24, 60):
        row(f"10,000 paths × {months} months, numpy", 10_000, in_process(10_000, months))
    row("10,000 paths × 36 months, numpy, 2 workers", 10_000, in_process(10_000, workers=2))
    if not quick:
        row("100,000 paths × 36 months, numpy", 100_000, in_process(100_000))
        row("100,000 paths × 36 months, numpy, 2 workers", 100_000, in_process(100_000, workers=2))
    if find_spec("jax"):
        row("10,000 paths × 36 months, jax on CPU, compiled", 10_000, in_process(10_000, backend="jax"))
    loop = one_at_a_time()
    print("\n| same step, one path at a time | s per path | times slower than numpy in blocks |")
    print("|---|---|---|")
    print(f"| plain loop | {loop:.4f} | {loop * base:,.0f} |")
    ema = with_ema_workbench()
    if ema is not None:
        print(f"| EMA Workbench, sequential | {ema:.4f} | {ema * base:,.0f} |")
    spent = parts(10_000)
    print("\n| part of 10,000 paths | s |\n|---|---|")
    for name, seconds in spent.items():
        print(f"| {name} | {seconds:.2f} |")
    print(f"\n`dualtrack --help`: {start_up():.2f} s")


if __name__ == "__main__":
    main()
