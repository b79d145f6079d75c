"""Columns of the program: orders that no row and no policy tells apart, taken together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from dualtrack.allocate.book import BoolArray, FloatArray, IntArray, OrderBook
from dualtrack.allocate.rows import Rows


@dataclass(frozen=True)
class Columns:
    """Columns, in the order of their first orders.

    Attributes:
        of_order: Column of each order, -1 for an order that gets nothing anyway.
        first_order: One order of each column, which stands for all.
        units: Units asked for in the column, and `promised` the least that must be delivered.
        weight: Of the rows, shape (row, column).
    """

    of_order: IntArray
    first_order: IntArray
    units: FloatArray
    promised: FloatArray
    weight: Any

    def __len__(self) -> int:
        return len(self.first_order)

    def sums(self, by_order: FloatArray) -> FloatArray:
        """An amount of every order, summed by column."""
        inside = self.of_order >= 0
        return np.bincount(self.of_order[inside], by_order[inside], len(self)).astype(np.float64)


def merge(book: OrderBook, rows: Rows, live: BoolArray, told_apart_by: Sequence[Any] = ()) -> Columns:
    """The live orders of a book by what tells them apart: buyer, chip, window, weights, and more keys by order."""
    orders = np.flatnonzero(live)
    keys = (book.buyer, book.chip, book.first_month, book.last_month, *told_apart_by)
    found = np.column_stack([patterns(rows.weight)[orders], *(np.asarray(key)[orders] for key in keys)])
    _, first, inverse = np.unique(found, axis=0, return_index=True, return_inverse=True)
    place = np.argsort(np.argsort(first))
    of_order = np.full(len(book), -1)
    of_order[orders] = place[inverse.ravel()]
    first_order = orders[np.sort(first)]
    columns = Columns(of_order, first_order, np.zeros(0), np.zeros(0), rows.weight[:, first_order])
    return Columns(
        of_order, first_order, columns.sums(book.units), columns.sums(book.promised), columns.weight
    )


def patterns(matrix: Any) -> IntArray:
    """A number for each column of a sparse matrix, the same for columns with the same entries."""
    by_column = sparse.csc_matrix(matrix)
    by_column.sort_indices()
    seen: dict[tuple[bytes, bytes], int] = {}
    starts, row, value = by_column.indptr, by_column.indices, by_column.data
    return np.array(
        [
            seen.setdefault((row[start:end].tobytes(), value[start:end].tobytes()), len(seen))
            for start, end in pairwise(starts)
        ],
        dtype=int,
    )
