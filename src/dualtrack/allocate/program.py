"""The program of an allocation: columns, rows, and flows by month where the months matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from dualtrack.allocate.book import BoolArray, FloatArray, IntArray, OrderBook
from dualtrack.allocate.columns import Columns, patterns
from dualtrack.allocate.linear import Linear
from dualtrack.allocate.rows import Rows

Sparse = Any


@dataclass(frozen=True)
class Program:
    """A linear program whose first variables are the units of each column.

    Most columns are delivered in one month, in which they take up least (`best_months`). Where that is not
    settled, flows follow: units of a group of columns in a month. A group are the columns with one window that
    the rows do not tell apart.

    Attributes:
        month: Month in which a column without flows is delivered, -1 with flows.
        group: Group of each column, -1 for one without flows.
        flow_group, flow_month: What each flow is about.
    """

    columns: Columns
    linear: Linear
    month: IntArray
    group: IntArray
    flow_group: IntArray
    flow_month: IntArray

    def spread(self, by_column: FloatArray) -> FloatArray:
        """An amount of each column as one of each variable, 0 for flows."""
        return np.concatenate([by_column, np.zeros(len(self.flow_group))])

    def earliness(self, months: int) -> FloatArray:
        """What a unit of each variable is worth if a month of waiting costs less than half a unit."""
        on_columns = np.where(self.month >= 0, 2.0 * months - self.month, 0.0)
        return np.concatenate([on_columns, 2.0 * months - self.flow_month])

    def members(self, rows: Rows) -> Sparse:
        """Which columns a row may hold in this program, shape (row, column)."""
        entries = self.columns.weight.tocoo()
        month = self.month[entries.col]
        held = (month < 0) | rows.months[entries.row, month]
        where = entries.row[held], entries.col[held]
        return sparse.csr_matrix((entries.data[held], where), shape=entries.shape)


def build_program(book: OrderBook, rows: Rows, columns: Columns, *, every_month: bool = False) -> Program:
    """The program of these columns under these rows.

    Args:
        every_month: Keep the months in which a column takes up more, too.
    """
    first, last = book.first_month[columns.first_order], book.last_month[columns.first_order]
    entries = columns.weight.tocoo()
    counted = months_counted(rows, first, last, entries.row, entries.col)
    whole = np.ones(len(rows), dtype=bool)
    np.logical_and.at(whole, entries.row, counted == (last - first + 1)[entries.col])
    by_month = columns.weight[~whole]
    found = np.column_stack([patterns(by_month), first, last])
    _, stands_for, group = np.unique(found, axis=0, return_index=True, return_inverse=True)
    group = group.ravel()
    windows = first[stands_for], last[stands_for]
    if every_month:
        months = [tuple(range(begin, end + 1)) for begin, end in zip(*windows, strict=True)]
    else:
        months = best_months(rows.months[~whole], by_month[:, stands_for], *windows)
    alone = np.array([len(some) == 1 for some in months])
    month = np.where(alone, np.array([some[-1] for some in months]), -1)[group]
    number = np.where(alone, -1, np.cumsum(~alone) - 1)
    group, stands_for = number[group], stands_for[~alone]
    several = [some for some, one in zip(months, alone, strict=True) if not one]
    flow_group = np.repeat(np.arange(len(several)), [len(some) for some in several])
    flow_month = np.array([one for some in several for one in some], dtype=int)

    counts = whole[entries.row] | ((month >= 0)[entries.col] & rows.months[entries.row, month[entries.col]])
    on_columns = sparse.csr_matrix(
        (entries.data[counts], (entries.row[counts], entries.col[counts])), shape=entries.shape
    )
    on_flows = flow_rows(rows, columns.weight[:, stands_for], flow_group, flow_month, ~whole)
    inside, flows = np.flatnonzero(group >= 0), len(flow_group)
    link = sparse.csr_matrix(
        (
            np.concatenate([np.ones(inside.size), -np.ones(flows)]),
            (
                np.concatenate([group[inside], flow_group]),
                np.concatenate([inside, len(columns) + np.arange(flows)]),
            ),
        ),
        shape=(len(stands_for), len(columns) + flows),
    )
    linear = Linear(
        sparse.hstack([on_columns, on_flows], format="csr"),
        rows.room,
        link,
        np.zeros(len(stands_for)),
        np.concatenate([columns.promised, np.zeros(flows)]),
        np.concatenate([columns.units, np.full(flows, np.inf)]),
    )
    return Program(columns, linear, month, group, flow_group, flow_month)


def best_months(months: BoolArray, weight: Sparse, first: IntArray, last: IntArray) -> list[tuple[int, ...]]:
    """For each group the months that can be best to deliver in; the others take up all that one of these does.

    A month is left out if another one of the window counts in no row that it does not count in itself. So where
    all rows count from the first month on, the last month of the window is left.

    Args:
        months: Which months each row counts, shape (row, month).
        weight: Shape (row, group).
    """
    by_group = weight.tocsc()
    masks = [sum(1 << int(month) for month in np.flatnonzero(row)) for row in months]
    seen: dict[tuple[int, int, frozenset[int]], tuple[int, ...]] = {}
    found = []
    for group in range(by_group.shape[1]):
        begin, end = int(first[group]), int(last[group])
        window = (1 << (end + 1)) - (1 << begin)
        rows = by_group.indices[by_group.indptr[group] : by_group.indptr[group + 1]]
        key = begin, end, frozenset(masks[row] & window for row in rows)
        if key not in seen:
            seen[key] = _undominated(*key)
        found.append(seen[key])
    return found


def _undominated(begin: int, end: int, masks: frozenset[int]) -> tuple[int, ...]:
    counted = {
        month: frozenset(mask for mask in masks if mask >> month & 1) for month in range(begin, end + 1)
    }
    return tuple(
        month
        for month, rows in counted.items()
        if not any(other < rows or (other == rows and later > month) for later, other in counted.items())
    )


def flows_of(first: IntArray, last: IntArray) -> tuple[IntArray, IntArray]:
    """The group and month of every flow, with all months of each group's window."""
    length = last - first + 1
    group = np.repeat(np.arange(len(first)), length)
    start = np.concatenate([[0], np.cumsum(length)[:-1]])
    return group, np.arange(group.size) - start[group] + first[group]


def flow_rows(
    rows: Rows, weight: Sparse, flow_group: IntArray, flow_month: IntArray, chosen: BoolArray
) -> Sparse:
    """The chosen rows over flows, shape (row, flow); the others are empty.

    Args:
        weight: Of each group, shape (row, group).
        flow_group: In rising order.
    """
    entries = (sparse.diags(chosen.astype(float)) @ weight).tocoo()
    starts = np.searchsorted(flow_group, np.arange(weight.shape[1] + 1))
    length = np.diff(starts)
    each = length[entries.col]
    row = np.repeat(entries.row, each)
    offset = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    flow = np.repeat(starts[entries.col], each) + offset
    data = np.repeat(entries.data, each)
    counts = rows.months[row, flow_month[flow]] & (data > 0)
    return sparse.csr_matrix((data[counts], (row[counts], flow[counts])), shape=(len(rows), len(flow_group)))


def months_counted(rows: Rows, first: IntArray, last: IntArray, row: IntArray, column: IntArray) -> IntArray:
    """In how many months of its window a column counts in a row, for each pair of them."""
    before = np.zeros((len(rows), 1), dtype=int)
    counted = np.concatenate([before, np.cumsum(rows.months, axis=1)], axis=1)
    return np.asarray(counted[row, last[column] + 1] - counted[row, first[column]])
