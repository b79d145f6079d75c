"""Print the table of allocations: seconds, peak memory, rows, columns, gap; every row is measured in this run.

Usage: python benchmarks/allocate.py [--quick] [--lots SECONDS]

Books are drawn at random with a fixed seed. Each row runs in a process of its own, so that its peak memory is
its own. The peer is the same program written down as it stands, one variable for each order and month and one
row for each limit and month, and given to the same solver (HiGHS) through scipy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

BUYERS, CHIPS, MONTHS = 40, 12, 12
DESTINATIONS = np.array(["mainland", "hong_kong", "offshore"])


def drawn(orders: int, law: str, windows: str = "whole", seed: int = 1) -> tuple[Any, ...]:
    """A book, its stock, the rulebook, laws by month and counts.

    Args:
        law: "quota": batches and the ratio by units. "tranche": six months of tranches, then as quota.
            "spend": as quota, with the ratio by money.
        windows: "whole": any month will do. "random": each order has a window of its own.
    """
    from dualtrack.allocate import Counts, OrderBook, Stock
    from dualtrack.entities import load_chips
    from dualtrack.facts.book import load_book
    from dualtrack.rules import CHINA_STATES, US_STATES, Amendment, load_rulebook, state_parameters

    random = np.random.default_rng(seed)
    chips = tuple(chip for chip in load_chips().values() if chip.country == "US" and chip.tpp and chip.h100e)[
        :CHIPS
    ]
    assert len(chips) == CHIPS
    units = np.ceil(random.lognormal(3.5, 1.2, orders))
    chip = random.integers(0, CHIPS, orders)
    buyer = random.integers(0, BUYERS, orders)
    first, last = np.zeros(orders, dtype=int), np.full(orders, MONTHS - 1)
    if windows == "random":
        ends = np.sort(random.integers(0, MONTHS, (orders, 2)), axis=1)
        first, last = ends[:, 0], ends[:, 1]
    book = OrderBook(
        tuple(f"order_{n}" for n in range(orders)),
        tuple(f"buyer_{n}" for n in range(BUYERS)),
        chips,
        buyer,
        chip,
        units,
        np.round(random.uniform(8_000, 40_000, orders)),
        random.integers(1, 6, orders),
        np.where(random.random(orders) < 0.02, np.floor(units * 0.1), 0.0),
        np.floor(units * random.uniform(0.0, 1.0, orders)),
        tuple(DESTINATIONS[random.choice(3, orders, p=(0.7, 0.1, 0.2))].tolist()),
        first,
        last,
        (None,) * orders,
        tuple(range(2, orders + 2)),
    )
    asked = np.bincount(chip, units, CHIPS)
    months = (*(f"2026-{month:02d}" for month in range(2, 13)), "2027-01")
    arrivals = np.floor(asked[:, None] * random.dirichlet(np.ones(MONTHS), CHIPS) * 0.6)
    stock = Stock(months, chips, arrivals)
    states = ["quota"] * MONTHS
    if law == "tranche":
        states[:6] = ["rationed"] * 6
    by_buyer = np.bincount(buyer, units, BUYERS)
    weight = 20_000.0 if law == "spend" else 1.0
    counts = Counts(
        us_committed=np.zeros(CHIPS),
        us_domestic=asked[:, None] * np.linspace(0.4, 1.2, MONTHS)[None],
        buyer_committed=np.zeros(BUYERS),
        cleared_this_month=np.zeros(BUYERS),
        cleared_of_batches=0.0,
        batches_released=np.floor(asked.sum() * np.linspace(0.05, 0.35, MONTHS)),
        ratio_cleared=np.zeros(BUYERS),
        ratio_credit=np.zeros(BUYERS),
        ratio_basis="spend" if law == "spend" else "units",
        domestic_weight=weight,
        china_gate=np.array([CHINA_STATES.index(state) for state in states]),
    )
    amended = load_rulebook(load_book()).amended(
        Amendment(
            "benchmark",
            {
                "us.buyer_cap.units": float(np.floor(by_buyer.mean() * 0.5)),
                "china.ratio.required": 1.0,
                "china.tranche.units": float(np.floor(by_buyer.mean() * 0.04)),
            },
            "drawn for the benchmark",
        )
    )
    published = amended.parameters_on(date(2026, 2, 1))
    review = np.array(US_STATES.index("review"))
    laws = [state_parameters(published, review, np.array(one), np.where) for one in counts.china_gate]
    return book, stock, amended, laws, counts


def measured(
    orders: int, law: str, windows: str, policy: str, lot: int | None, seconds: float
) -> dict[str, float]:
    """One allocation in this process."""
    from dualtrack.allocate import allocate
    from dualtrack.allocate.columns import merge
    from dualtrack.allocate.program import build_program
    from dualtrack.allocate.rows import build_rows

    problem = drawn(orders, law, windows)
    began = time.perf_counter()
    found = allocate(*problem, policy=policy, lot=lot, seconds=seconds)
    spent = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    book, stock, rulebook, laws, counts = problem
    ceilings = build_rows(book, stock, rulebook, laws, counts)
    apart = policy in ("value", "compute")
    columns = merge(book, ceilings.rows, ceilings.live, (book.price, book.priority) if apart else ())
    program = build_program(book, ceilings.rows, columns, every_month=apart and lot is None)
    return {
        "seconds": spent,
        "peak_mb": peak,
        "rows": program.linear.matrix.shape[0] + program.linear.equal.shape[0],
        "columns": program.linear.variables,
        "programs": found.programs,
        "value": found.objective.value,
        "gap": found.gap,
    }


def as_it_stands(orders: int, law: str, windows: str) -> dict[str, float]:
    """The linear program for value, one variable for each order and month, through the same solver."""
    from scipy import sparse
    from scipy.optimize import linprog

    from dualtrack.rules import CHINA_STATES, Environment
    from dualtrack.rules.fields import chip_fields, chip_spans

    book, stock, rulebook, laws, counts = drawn(orders, law, windows)
    began = time.perf_counter()
    months = len(stock.months)
    place = np.array(book.destination)
    variable_order, variable_month = np.divmod(np.arange(len(book) * months), months)
    data, row, column, room = [], [], [], []

    def add(orders_of: np.ndarray, weight: Any, in_months: np.ndarray, right: float) -> None:
        use = np.concatenate([orders_of * months + month for month in in_months])
        data.append(np.tile(np.broadcast_to(weight, len(orders_of)), len(in_months)))
        row.append(np.full(use.size, len(room)))
        column.append(use)
        room.append(right)

    arrived = np.cumsum(stock.units, axis=1)
    to_china, mainland = place != "offshore", place == "mainland"
    credit = np.bincount(book.buyer, book.domestic, BUYERS) * counts.domestic_weight
    weigh = book.price if counts.ratio_basis == "spend" else np.ones(len(book))
    for t, law_of_month in enumerate(laws):
        upto = np.arange(t + 1)
        about = {
            limit.id: np.array(
                [
                    limit.applies.truth(Environment({**chip_fields(chip), **chip_spans(chip)}, law_of_month))
                    is not False
                    for chip in book.chips
                ]
            )[book.chip]
            for limit in rulebook.limits
        }
        for chip in range(CHIPS):
            add(np.flatnonzero(book.chip == chip), 1.0, upto, arrived[chip, t])
            share = float(law_of_month["us.share.limit"]) * counts.us_domestic[chip, t]
            add(np.flatnonzero((book.chip == chip) & to_china & about["us.share_limit"]), 1.0, upto, share)
        in_quota = counts.china_gate[t] == CHINA_STATES.index("quota")
        if in_quota:
            counted = upto[counts.china_gate[: t + 1] == CHINA_STATES.index("quota")]
            batch = np.flatnonzero(mainland & about["china.batch_quota"])
            add(batch, 1.0, counted, counts.batches_released[t])
        for buyer in range(BUYERS):
            mine = book.buyer == buyer
            cap = float(law_of_month["us.buyer_cap.units"])
            add(np.flatnonzero(mine & about["us.buyer_cap"]), 1.0, upto, cap)
            if in_quota:
                here = np.flatnonzero(mine & mainland & about["china.domestic_ratio"])
                add(here, weigh[here], upto, float(credit[buyer]))
            else:
                tranche = float(law_of_month["china.tranche.units"])
                add(np.flatnonzero(mine & mainland & about["china.tranche"]), 1.0, np.array([t]), tranche)
    for order in range(len(book)):
        add(np.array([order]), 1.0, np.arange(months), book.units[order])
    for order in np.flatnonzero(book.promised > 0):
        add(np.array([order]), -1.0, np.arange(months), -book.promised[order])
    matrix = sparse.csr_matrix(
        (np.concatenate(data), (np.concatenate(row), np.concatenate(column))),
        shape=(len(room), len(book) * months),
    )
    inside = (variable_month >= book.first_month[variable_order]) & (
        variable_month <= book.last_month[variable_order]
    )
    upper = np.where(inside, np.inf, 0.0)
    built = time.perf_counter() - began
    found = linprog(
        -book.price[variable_order],
        A_ub=matrix,
        b_ub=np.array(room),
        bounds=np.column_stack([np.zeros(upper.size), upper]),
        method="highs",
    )
    return {
        "seconds": time.perf_counter() - began,
        "built": built,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
        "rows": matrix.shape[0],
        "columns": matrix.shape[1],
        "value": -found.fun,
    }


def in_process(call: str) -> dict[str, float]:
    """What a call of this module gives, in a fresh process."""
    code = f"import json; import allocate as b; print(json.dumps(b.{call}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parent,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def row(label: str, found: dict[str, float]) -> None:
    print(
        f"| {label} | {found['seconds']:.2f} | {found['peak_mb']:,.0f} | {found['rows']:,.0f} | "
        f"{found['columns']:,.0f} | {found.get('programs', 1):,.0f} | {found.get('gap', 0.0):.1e} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 orders, and no peer at full size")
    parser.add_argument("--lots", type=float, default=60.0, help="seconds for whole lots")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{BUYERS} buyers, {CHIPS} chips, {MONTHS} months\n")
    print("| book | s | peak memory, MB | rows | columns | programs | gap |")
    print("|---|---|---|---|---|---|---|")
    sizes = (1_000,) if options.quick else (1_000, 10_000)
    for orders in sizes:
        for law, windows in (
            ("quota", "whole"),
            ("tranche", "whole"),
            ("spend", "whole"),
            ("tranche", "random"),
        ):
            found = in_process(f"measured({orders}, {law!r}, {windows!r}, 'value', None, 60.0)")
            row(f"{orders:,} orders, {law}, windows {windows}, value", found)
    orders = sizes[-1]
    for policy in ("compute", "max-min", "pro-rata", "priority"):
        for law, windows in (("quota", "whole"), ("tranche", "whole"), ("tranche", "random")):
            found = in_process(f"measured({orders}, {law!r}, {windows!r}, {policy!r}, None, 60.0)")
            row(f"{orders:,} orders, {law}, windows {windows}, {policy}", found)
    for policy in ("value", "pro-rata"):
        for law in ("quota", "tranche"):
            found = in_process(f"measured({orders}, {law!r}, 'whole', {policy!r}, 8, {options.lots})")
            row(f"{orders:,} orders, {law}, lots of 8, {policy}", found)
    for law in ("quota", "tranche"):
        ours = in_process(f"measured({orders}, {law!r}, 'whole', 'value', None, 60.0)")
        peer = in_process(f"as_it_stands({orders}, {law!r}, 'whole')")
        row(f"{orders:,} orders, {law}, as it stands, value only", peer)
        print(
            f"\n{law}: {peer['seconds'] / ours['seconds']:.1f} times the seconds, optimum "
            f"{peer['value'] / ours['value']:.9f} of ours\n"
        )


if __name__ == "__main__":
    main()
