"""Print the rows of docs/performance.md about studies: every figure is measured in this run, on this machine.

Usage: python benchmarks/studies.py [STUDY ...] [--quick] [--repeat N]

Every study runs as a user runs it: a command in a process of its own, start of Python and of workers included. Of several
repeats the fastest counts, because what else the machine does can only slow one down; the slowest is shown beside it, and the CPU
time of all its processes, which a busy machine moves less.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable

CALL = "from dualtrack.cli import main; main()"


def seconds(words: list[str], repeat: int) -> tuple[float, float, float]:
    """Fastest and slowest wall time of a command, and its least CPU time."""
    taken, used = [], []
    for _ in range(repeat):
        began, before = time.perf_counter(), _cpu_of_children()
        subprocess.run([sys.executable, "-c", CALL, *words], stdout=subprocess.DEVNULL, check=True)
        taken.append(time.perf_counter() - began)
        used.append(_cpu_of_children() - before)
    return min(taken), max(taken), min(used)


def _cpu_of_children() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def row(what: str, found: tuple[float, float, float], wanted: str) -> None:
    fastest, slowest, used = found
    spread = "" if slowest < 1.05 * fastest else f" (to {slowest:.1f})"
    print(f"| {what} | {fastest:.1f} s{spread} | {used:.1f} s | {wanted} |", flush=True)


def sweep(quick: bool, repeat: int) -> None:
    """The two-key sweep on one process and on two, and where the time of a point goes."""
    side, paths = (7, 200) if quick else (21, 1000)
    words = [
        "sweep",
        "h200-truce",
        "--over",
        f"us.share_limit=0:1:{side}",
        "--over",
        f"china.ratio=0:3:{side}",
    ]
    words += ["--paths", str(paths), "--json"]
    what = f"sweep, {side} x {side} points, {paths:,} paths, 36 months"
    two = seconds([*words, "--workers", "2"], repeat)
    one = seconds(words, repeat)
    row(f"{what}, two processes", two, "under 90 s")
    row(f"{what}, one process", one, "")
    print(f"| two processes against one | {one[0] / two[0]:.2f} times | | at least 1.7 |")
    for part, taken in point_parts(paths).items():
        print(f"| a point's part: {part} | | {1000 * taken:.0f} ms | |")


def point_parts(paths: int, repeat: int = 5) -> dict[str, float]:
    """CPU seconds of the parts of one point, the fastest of some repeats."""
    from dualtrack.facts.book import load_book
    from dualtrack.measures.outcomes import outcomes
    from dualtrack.scenarios.scenario import load_scenario
    from dualtrack.simulate.inputs import Draws, draw
    from dualtrack.simulate.kernel import run_numpy
    from dualtrack.simulate.model import vary
    from dualtrack.simulate.run import prepare

    book = load_book()

    def load(ratio: str = "1") -> object:
        return load_scenario("h200-truce", book, changes=[f"china.ratio={ratio}"], run={"paths": paths})

    scenario = load()
    task = prepare(scenario, book)
    kept = Draws(task.model, task.model.block(0, paths))
    changed = {"china.ratio": load("2").settings["china.ratio"]}
    model = vary(task.model, changed)
    drawn = kept.drawn(changed)
    months = run_numpy(model, drawn)
    steps: dict[str, Callable[[], object]] = {
        "a scenario loaded (a sweep does it once)": load,
        "made ready (once)": lambda: prepare(scenario, book),
        "all draws of a block (once for each block and process)": lambda: draw(
            task.model, task.model.block(0, paths)
        ),
        "draws of a point": lambda: kept.drawn(changed),
        "months of a point": lambda: run_numpy(model, drawn),
        "measures of a point": lambda: outcomes(model, task.history, drawn, months),
    }
    found = {}
    for name, step in steps.items():
        taken = []
        for _ in range(repeat):
            began = time.process_time()
            step()
            taken.append(time.process_time() - began)
        found[name] = min(taken)
    return found


def compare(quick: bool, repeat: int) -> None:
    """Two scenarios, path by path."""
    paths = 500 if quick else 10_000
    words = ["compare", "h200-truce", "no-imports", "--paths", str(paths), "--json"]
    row(f"compare, 2 scenarios, {paths:,} paths, 36 months", seconds(words, repeat), "under 10 s")


def drivers(quick: bool, repeat: int) -> None:
    """Sobol' indices over all uncertain inputs, on two processes."""
    base = 16 if quick else 1024
    words = ["drivers", "h200-truce", "--base", str(base), "--workers", "2", "--json"]
    if quick:
        words += ["--paths", "200"]
    row(f"drivers, all inputs, N = {base:,}, two processes", seconds(words, 1), "under 300 s")


def claims(quick: bool, repeat: int) -> None:
    """The fourteen statements, with the five runs that they need."""
    words = ["claims", "--paths", "200" if quick else "2000", "--json"]
    row(f"claims, 14 statements, {words[2]} paths", seconds(words, repeat), "")


def backtest(quick: bool, repeat: int) -> None:
    """Three origins and the stop of April 2025."""
    words = ["backtest", "--paths", "200" if quick else "10000", "--json"]
    row(f"backtest, 3 origins, {words[2]} paths", seconds(words, repeat), "")


STUDIES: dict[str, Callable[[bool, int], None]] = {
    "sweep": sweep,
    "compare": compare,
    "drivers": drivers,
    "claims": claims,
    "backtest": backtest,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "studies", nargs="*", metavar="STUDY", help=f"which ones: {', '.join(STUDIES)}; all if none is named"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--repeat", type=int, default=3, help="how often each command is run")
    asked = parser.parse_args()
    for name in asked.studies:
        if name not in STUDIES:
            parser.error(f"there is no study {name!r}. Wanted: {', '.join(STUDIES)}")
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}{load}\n")
    print("| study | measured | CPU | wanted |\n|---|---|---|---|")
    for name in asked.studies or STUDIES:
        STUDIES[name](asked.quick, 1 if asked.quick else asked.repeat)


if __name__ == "__main__":
    main()
