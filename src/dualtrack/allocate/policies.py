"""The five policies: how many units each order gets, what each limit is worth to them, and what stopped whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
from scipy import sparse

from dualtrack.allocate.book import BoolArray, FloatArray, IntArray, OrderBook
from dualtrack.allocate.columns import Columns, merge
from dualtrack.allocate.linear import NO_PRICE, Infeasible, Linear, Solution, maximise, optimal_face, settled
from dualtrack.allocate.max_min import fill, maximise_above
from dualtrack.allocate.program import Program, build_program
from dualtrack.allocate.rows import Rows
from dualtrack.allocate.timing import deliver, timed_as

Policy = Literal["value", "compute", "max-min", "pro-rata", "priority"]
Level = Literal["share", "units"]
POLICIES: Final[tuple[Policy, ...]] = ("value", "compute", "max-min", "pro-rata", "priority")

_THEN: Final = "the earliest months, then the lower priority number; then, of orders alike, the earlier row"
TIE_BREAKS: Final[Mapping[Policy, str]] = {
    "value": f"Of equal value: {_THEN}.",
    "compute": f"Of equal compute: most USD, then {_THEN}.",
    "max-min": f"Within what the least served leave: most USD, then {_THEN}.",
    "pro-rata": "None is needed for the units of an order. They are delivered in the earliest months.",
    "priority": "None is needed for the units of an order. They are delivered in the earliest months.",
}
_LOTS_THEN: Final = "the lower priority number; the lots are delivered in the earliest months"
TIE_BREAKS_IN_LOTS: Final[Mapping[Policy, str]] = {
    "value": f"Of equal value: {_LOTS_THEN}.",
    "compute": f"Of equal compute: most USD, then {_LOTS_THEN}.",
    "max-min": "The lots next to the linear allocation: to the least served buyer, then by greatest remainder.",
    "pro-rata": "The lots next to the linear allocation: by greatest remainder, then the earlier row.",
    "priority": "The lots next to the linear allocation: by priority, then by greatest remainder.",
}


@dataclass(frozen=True)
class Task:
    """What is shared out: the book and its rows.

    Attributes:
        live: The orders that no rule bars.
        h100e: H100 equivalents of a unit, by order.
    """

    book: OrderBook
    rows: Rows
    live: BoolArray
    h100e: FloatArray

    @property
    def urgency(self) -> FloatArray:
        """Greater for a lower priority number, 1 for the last, by order."""
        _, rank = np.unique(self.book.priority, return_inverse=True)
        return np.asarray(rank.max() - rank + 1, dtype=np.float64)

    def gains(self, policy: Policy) -> tuple[FloatArray, ...]:
        """What a unit of each order is worth to a policy, and then to decide between its optima."""
        if policy == "compute":
            return (self.h100e, self.book.price)
        return (self.book.price,)


@dataclass(frozen=True)
class Shares:
    """What a policy gives.

    Attributes:
        totals: Units by order.
        units: The same by month.
        level: Level at which an order stopped, for policies that fill; NaN for the others.
        price: Gain of the objective for one more unit of room of each row.
        price_unit: The objective's unit.
        stopped: Which orders a row keeps from getting more, shape (row, order).
        rounds: How many programs were solved.
    """

    totals: FloatArray
    units: FloatArray
    level: FloatArray
    price: FloatArray
    price_unit: str
    stopped: Any
    rounds: int


def share_out(task: Task, policy: Policy, level: Level) -> Shares:
    """Units of each order by a policy.

    Raises:
        Infeasible: What is promised cannot all be delivered.
    """
    if not task.live.any():
        return _nothing(task)
    if policy in ("value", "compute"):
        return _most(task, policy)
    if policy == "max-min":
        return _max_min(task, level)
    return _by_rate(task, policy == "priority")


def _nothing(task: Task) -> Shares:
    orders, rows = len(task.book), len(task.rows)
    none = np.zeros(orders)
    units = np.zeros((orders, task.rows.months.shape[1]))
    return Shares(
        none, units, np.full(orders, np.nan), np.zeros(rows), "", sparse.csr_matrix((rows, orders)), 0
    )


def _most(task: Task, policy: Policy) -> Shares:
    program = _told_apart(task)
    first, x, rounds = _best(task, program, program.linear, task.gains(policy), 0)
    priced = first.price > NO_PRICE * (float(first.price.max(initial=0.0)) or 1.0)
    held = sparse.diags(priced.astype(float)) @ program.members(task.rows)
    return Shares(
        *_handed_out(task, program, x),
        np.full(len(task.book), np.nan),
        first.price,
        "USD" if policy == "value" else "H100e",
        _of_orders(program.columns, held),
        rounds,
    )


def _told_apart(task: Task) -> Program:
    """The program that tells orders apart by price and priority, and every month from the next."""
    columns = merge(task.book, task.rows, task.live, (task.book.price, task.book.priority))
    return build_program(task.book, task.rows, columns, every_month=True)


def _best(
    task: Task, program: Program, linear: Linear, gains: Sequence[FloatArray], floors: int
) -> tuple[Solution, FloatArray, int]:
    """The optimum of the first gain; of its optima that with the most of the next gains, then the earliest.

    Args:
        floors: How many of the last rows hold levels reached before.
    """
    first_order = program.columns.first_order
    by_variable = [program.spread(gain[first_order]) for gain in gains]
    by_variable.append(program.earliness(task.rows.months.shape[1]))
    by_variable.append(program.spread(task.urgency[first_order]))
    linear, first = maximise_above(linear, by_variable[0], floors)
    solution = first
    rounds = 1
    for earlier, gain in pairwise(by_variable):
        linear = optimal_face(linear, earlier, solution)
        try:
            solution = maximise(linear, gain)
        except Infeasible:
            # The solution found lies on the face, so it is rounding that hides it: it is kept.
            break
        rounds += 1
    return first, solution.x, rounds


def _handed_out(task: Task, program: Program, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Units of each order, in all and by month."""
    x = settled(x)
    totals = in_sequence(task.book, program.columns, x[: len(program.columns)])
    return totals, timed_as(program, task.book, totals, x, task.rows.months.shape[1])


def _max_min(task: Task, level: Level) -> Shares:
    columns = merge(task.book, task.rows, task.live)
    program = build_program(task.book, task.rows, columns)
    buyers, claims = _claims(task.book, program)
    size: FloatArray = np.ones(len(buyers))
    if level == "share":
        size = np.bincount(task.book.buyer, task.book.units * task.live)[buyers].astype(np.float64)
    filled = fill(program.linear, claims, size, [np.arange(len(buyers))])

    finer = _told_apart(task)
    floors = finer.linear.with_rows(-_claims(task.book, finer)[1], -filled.level * size)
    _, x, rounds = _best(task, finer, floors, task.gains("value"), len(buyers))
    by_buyer = np.full(len(task.book.buyers), np.nan)
    by_buyer[buyers] = filled.level
    of_buyer = np.searchsorted(buyers, task.book.buyer[columns.first_order])
    stopped = _pairs(filled.stopped, of_buyer, len(task.rows))
    return Shares(
        *_handed_out(task, finer, x),
        by_buyer[task.book.buyer],
        filled.price[: len(task.rows)],
        "served share of the buyers it stops" if level == "share" else "units of the buyers it stops",
        _of_orders(columns, program.members(task.rows).multiply(stopped)),
        filled.rounds + rounds,
    )


def _claims(book: OrderBook, program: Program) -> tuple[IntArray, Any]:
    """The buyers of a program's columns, and which variables count for each, shape (buyer, variable)."""
    of_column = book.buyer[program.columns.first_order]
    buyers, row = np.unique(of_column, return_inverse=True)
    shape = (len(buyers), program.linear.variables)
    return buyers, sparse.csr_matrix((np.ones(len(row)), (row.ravel(), np.arange(len(row)))), shape=shape)


def _by_rate(task: Task, by_priority: bool) -> Shares:
    """All orders rise at one rate until a row stops them; by priority one class after the other."""
    book = task.book
    promised_part = np.divide(book.promised, book.units, out=np.zeros(len(book)), where=book.units > 0)
    keys = (promised_part, book.priority) if by_priority else (promised_part,)
    columns = merge(book, task.rows, task.live, keys)
    program = build_program(book, task.rows, columns)
    count = len(columns)
    claims = sparse.eye(count, program.linear.variables, format="csr")
    rank = book.priority[columns.first_order]
    turns = [np.flatnonzero(rank == one) for one in np.unique(rank)] if by_priority else [np.arange(count)]
    filled = fill(program.linear, claims, columns.units, turns)
    level = np.where(columns.of_order >= 0, filled.level[columns.of_order], np.nan)
    stopped = _pairs(filled.stopped, np.arange(count), len(task.rows))
    totals = settled(np.where(columns.of_order >= 0, np.maximum(book.units * level, book.promised), 0.0))
    return Shares(
        totals,
        deliver(book, task.rows, totals),
        level,
        filled.price[: len(task.rows)],
        "served share of the orders it stops",
        _of_orders(columns, program.members(task.rows).multiply(stopped)),
        filled.rounds + 1,
    )


def in_sequence(book: OrderBook, columns: Columns, units: FloatArray) -> FloatArray:
    """Each column's units handed to its orders: what was promised, then by priority and row of the book."""
    inside = np.flatnonzero(columns.of_order >= 0)
    column = columns.of_order[inside]
    order = np.lexsort((inside, book.priority[inside], column))
    inside, column = inside[order], column[order]
    room = book.units[inside] - book.promised[inside]
    before = np.cumsum(room) - room
    start = np.searchsorted(column, np.arange(len(columns)))
    before -= before[start][column]
    extra = (units - columns.promised)[column]
    totals = np.zeros(len(book))
    totals[inside] = book.promised[inside] + np.clip(extra - before, 0.0, room)
    return totals


def _pairs(stopped: Sequence[IntArray], claimant: IntArray, rows: int) -> Any:
    """Which columns the rows that stopped their claimants may have stopped, shape (row, column)."""
    lists = [stopped[one] for one in claimant]
    column = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    row = np.concatenate([np.zeros(0, dtype=int), *lists])
    inside = row < rows
    return sparse.csr_matrix((np.ones(inside.sum()), (row[inside], column[inside])), shape=(rows, len(lists)))


def _of_orders(columns: Columns, matrix: Any) -> Any:
    """Entries above zero over columns as entries over orders, shape (row, order)."""
    inside = np.flatnonzero(columns.of_order >= 0)
    shape = (len(columns), len(columns.of_order))
    spread = sparse.csr_matrix((np.ones(inside.size), (columns.of_order[inside], inside)), shape=shape)
    return sparse.csr_matrix((sparse.csr_matrix(matrix) > 0).astype(float) @ spread)
