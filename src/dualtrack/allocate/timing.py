"""When units are delivered: as early as the rows let them, given how many each order gets."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from dualtrack.allocate.book import BoolArray, FloatArray, IntArray, OrderBook
from dualtrack.allocate.columns import patterns
from dualtrack.allocate.linear import Infeasible, Linear, maximise, maximise_whole, settled
from dualtrack.allocate.program import Program, flow_rows, flows_of, months_counted
from dualtrack.allocate.rows import Rows

# Units by which rounding may have carried the totals beyond the rows.
SLACK = 1e-6


def deliver(book: OrderBook, rows: Rows, totals: FloatArray) -> FloatArray:
    """Units by order and month with the given totals, with the least months of waiting in sum.

    Among orders that the rows do not tell apart the lower priority number, then the earlier row of the book,
    is served in the earlier month.

    Args:
        totals: Units of each order, which some timing satisfies.
    """
    if not (totals > 0).any():
        return np.zeros((len(book), rows.months.shape[1]))
    found = _Timing(book, rows, totals, SLACK)
    return found.handed_out(maximise(found.problem, found.gain).x)


def deliver_whole(book: OrderBook, rows: Rows, totals: FloatArray, seconds: float) -> FloatArray | None:
    """The same in whole numbers; None where none were found in time."""
    if not (totals > 0).any():
        return np.zeros((len(book), rows.months.shape[1]))
    found = _Timing(book, rows, totals, 0.0)
    try:
        # The linear program often has whole numbers by itself, and is solved in no time.
        x = settled(maximise(found.problem, found.gain).x)
        if (x == np.round(x)).all():
            return found.handed_out(x)
        best = maximise_whole(found.problem, found.gain, np.ones(len(x), dtype=bool), seconds)
    except Infeasible:
        return None
    return None if best is None else found.handed_out(best.x)


def timed_as(program: Program, book: OrderBook, totals: FloatArray, x: FloatArray, months: int) -> FloatArray:
    """Units by order and month with the given totals, in the months of a point of the program."""
    out = np.zeros((len(book), months))
    served = np.flatnonzero(totals > 0)
    column = program.columns.of_order[served]
    group, month = program.group[column], program.month[column]
    alone = served[group < 0]
    out[alone, month[group < 0]] = totals[alone]
    served, group = served[group >= 0], group[group >= 0]
    if not served.size:
        return out
    by_group = np.zeros((int(program.flow_group.max()) + 1, months))
    by_group[program.flow_group, program.flow_month] = x[len(program.columns) :]
    out[served] = _in_sequence(book, served, totals, group, by_group)[served]
    return out


class _Timing:
    """The program of all timings: units of a group of orders in a month.

    A group are the orders with one window that the rows do not tell apart.
    """

    def __init__(self, book: OrderBook, rows: Rows, totals: FloatArray, slack: float) -> None:
        self.book, self.totals = book, totals
        self.months = rows.months.shape[1]
        self.served = np.flatnonzero(totals > 0)
        first, last = book.first_month[self.served], book.last_month[self.served]
        weight = rows.weight[:, self.served]
        matters = _when_matters(rows, weight, first, last)
        found = np.column_stack([patterns(weight[matters]), first, last])
        _, stands_for, group = np.unique(found, axis=0, return_index=True, return_inverse=True)
        self.group = group.ravel()
        wanted = np.bincount(self.group, totals[self.served], len(stands_for)).astype(np.float64)
        self.flow_group, self.flow_month = flows_of(first[stands_for], last[stands_for])
        on_flows = flow_rows(rows, weight[:, stands_for], self.flow_group, self.flow_month, matters)[matters]
        flows = len(self.flow_group)
        shape = (len(wanted), flows)
        total = sparse.csr_matrix((np.ones(flows), (self.flow_group, np.arange(flows))), shape=shape)
        self.problem = Linear(
            sparse.vstack([on_flows, total, -total], format="csr"),
            np.concatenate([rows.room[matters], wanted, slack - wanted]),
            sparse.csr_matrix((0, flows)),
            np.zeros(0),
            np.zeros(flows),
            wanted[self.flow_group],
        )
        # Waiting costs at most half of what delivering gains, so the slack is never used to wait less.
        self.gain: FloatArray = np.asarray(2.0 * self.months - self.flow_month, dtype=np.float64)

    def handed_out(self, flow: FloatArray) -> FloatArray:
        """Units by order and month."""
        by_group = np.zeros((int(self.group.max()) + 1, self.months))
        by_group[self.flow_group, self.flow_month] = flow
        return _in_sequence(self.book, self.served, self.totals, self.group, by_group)


def _when_matters(rows: Rows, weight: Any, first: IntArray, last: IntArray) -> BoolArray:
    """Rows that count an order in some months of its window only; the totals settle the others."""
    entries = weight.tocoo()
    counted = months_counted(rows, first, last, entries.row, entries.col)
    partly = np.zeros(len(rows), dtype=bool)
    partly[entries.row[counted < (last - first + 1)[entries.col]]] = True
    return partly


def _in_sequence(
    book: OrderBook, served: IntArray, totals: FloatArray, group: IntArray, by_group: FloatArray
) -> FloatArray:
    """Each group's units by month, handed to its orders one after the other, shape (order, month)."""
    order = np.lexsort((served, book.priority[served], group))
    served, group = served[order], group[order]
    ends = np.cumsum(totals[served])
    begins = ends - totals[served]
    first_of_group = np.searchsorted(group, np.arange(len(by_group))).clip(max=len(group) - 1)
    start = begins[first_of_group][group]
    reached = np.concatenate([np.zeros((len(by_group), 1)), np.cumsum(by_group, axis=1)], axis=1)[group]
    # What rounding left over goes with the last month.
    after = np.arange(reached.shape[1])[None] > book.last_month[served][:, None]
    reached = np.where(after, np.inf, reached)
    part = np.minimum((ends - start)[:, None], reached[:, 1:])
    part -= np.maximum((begins - start)[:, None], reached[:, :-1])
    out = np.zeros((len(book), by_group.shape[1]))
    out[served] = np.maximum(part, 0.0)
    return out
