"""Whole lots: every order gets a whole number of lots in every month, and nothing of a remainder."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from dualtrack.allocate.book import FloatArray, OrderBook
from dualtrack.allocate.columns import Columns, merge
from dualtrack.allocate.linear import Infeasible, WholeSolution, maximise_whole
from dualtrack.allocate.policies import Policy, Shares, Task, in_sequence
from dualtrack.allocate.program import Program, build_program
from dualtrack.allocate.timing import deliver_whole, timed_as

# Sums of the same amounts in another order differ by less than this part.
ROUNDING = 1e-12
# Part of the time that the search for the number of lots may take; the rest is for their months.
FOR_TOTALS = 0.7


class NoTime(Exception):
    """No whole number of lots was found in the time given."""


@dataclass(frozen=True)
class Lots:
    """Units by order and month in whole lots, and how far from the best they can be."""

    units: FloatArray
    gap: float
    notes: tuple[str, ...]


def in_lots(task: Task, lot: int) -> Task:
    """The same task counted in lots: what is asked for rounded down, what is promised rounded up."""
    book = task.book
    counted = replace(
        book,
        units=np.floor(book.units / lot),
        promised=np.ceil(book.promised / lot),
        price=book.price * lot,
    )
    rows = replace(task.rows, room=task.rows.room / lot)
    return replace(
        task, book=counted, rows=rows, live=task.live & (counted.units > 0), h100e=task.h100e * lot
    )


def whole_lots(task: Task, policy: Policy, linear: Shares, lot: int, seconds: float) -> Lots:
    """A policy's allocation in whole lots.

    For `value` and `compute` the best there is, but for the gap. For the others the nearest to the linear
    allocation: what that gives in whole lots is kept before anything else, then orders get one lot more, then
    what is left, by the policy's order and the greatest remainder first. No lot is left that would fit.

    Raises:
        Infeasible: What is promised cannot all be delivered in whole lots.
        NoTime: Nothing was found in the time given.
    """
    began = time.monotonic()
    counted = in_lots(task, lot)
    if not counted.live.any():
        return Lots(np.zeros((len(task.book), task.rows.months.shape[1])), 0.0, ())
    if policy in ("value", "compute"):
        program, best = _most(counted, policy, seconds * FOR_TOTALS)
        totals = in_sequence(counted.book, program.columns, best.x[: len(program.columns)])
        notes: tuple[str, ...] = ()
    else:
        program, best = _nearest(counted, policy, linear, lot, seconds * FOR_TOTALS)
        totals = _by_order(counted.book, program, best)
        below = int((np.floor(linear.totals / lot + 1e-6) > totals + 0.5).sum())
        notes = (
            (f"{below} orders get less than the linear allocation rounded down to lots.",) if below else ()
        )
    left = max(seconds - (time.monotonic() - began), 1.0)
    units = deliver_whole(counted.book, counted.rows, totals, left)
    if units is None:
        units = timed_as(program, counted.book, totals, best.x, task.rows.months.shape[1])
        notes = (*notes, "The months of delivery were not made as early as they can be: time ran out.")
    return Lots(units * lot, best.gap, notes)


def _most(task: Task, policy: Policy, seconds: float) -> tuple[Program, WholeSolution]:
    began = time.monotonic()
    columns = merge(task.book, task.rows, task.live, (task.book.price, task.book.priority))
    program = build_program(task.book, task.rows, columns)
    whole = np.ones(program.linear.variables, dtype=bool)
    gains = [program.spread(gain[columns.first_order]) for gain in (*task.gains(policy), task.urgency)]
    best = maximise_whole(program.linear, gains[0], whole, seconds)
    if best is None:
        raise NoTime
    linear = program.linear
    for place, (earlier, gain) in enumerate(pairwise(gains), 1):
        reached = float(earlier @ best.x)
        linear = linear.with_rows(-earlier[None], np.array([-reached]))
        left = seconds - (time.monotonic() - began)
        try:
            next_best = maximise_whole(linear, gain, whole, left) if left > 0 else None
        except Infeasible:
            next_best = None
        # A tie-break may not cost what it breaks ties of: solvers hold rows to a tolerance.
        if next_best is None or any(
            kept @ next_best.x < (kept @ best.x) * (1.0 - ROUNDING) for kept in gains[:place]
        ):
            break
        best = replace(best, x=next_best.x)
    return program, best


def _nearest(
    task: Task, policy: Policy, linear: Shares, lot: int, seconds: float
) -> tuple[Program, WholeSolution]:
    """The point nearest to the linear allocation.

    Each order has three columns: the lots that the linear allocation gives whole, one lot more, and the rest.
    A lot of an earlier one outweighs any lot of a later one; within one, orders are ranked by the policy.
    """
    book = task.book
    orders = np.flatnonzero(task.live)
    in_full = linear.totals[orders] / lot
    base = np.minimum(np.floor(in_full + 1e-6), book.units[orders])
    promised = book.promised[orders]
    base = np.maximum(base, promised)
    more = np.minimum(book.units[orders] - base, 1.0)
    rest = book.units[orders] - base - more
    thrice = np.concatenate([orders, orders, orders])
    none = np.zeros(2 * len(orders))
    of_order = np.full(len(book), -1)
    of_order[orders] = np.arange(len(orders))
    columns = Columns(
        of_order,
        thrice,
        np.concatenate([base, more, rest]),
        np.concatenate([promised, none]),
        task.rows.weight[:, thrice],
    )
    program = build_program(book, task.rows, columns)
    remainder = in_full - np.floor(in_full + 1e-6)
    keys = {
        "pro-rata": (orders, -remainder),
        "priority": (orders, -remainder, book.priority[orders]),
        "max-min": (orders, -remainder, linear.level[orders]),
    }[policy]
    place = np.empty(len(orders))
    place[np.lexsort(keys)] = np.arange(len(orders))
    by_turn = 1.0 - place / (len(orders) + 1.0)
    gain = program.spread(np.concatenate([4.0 + by_turn, 2.0 + by_turn, by_turn]))
    best = maximise_whole(program.linear, gain, np.ones(program.linear.variables, dtype=bool), seconds)
    if best is None:
        raise NoTime
    return program, best


def _by_order(book: OrderBook, program: Program, best: WholeSolution) -> FloatArray:
    columns = program.columns
    return np.bincount(columns.first_order, best.x[: len(columns)], len(book)).astype(np.float64)
