"""What is wrong with a table of the user's, told in one go, with the row and the column of each fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dualtrack.errors import DataFault, Fault, raise_gathered

IntArray = NDArray[np.int64]
MOST_LISTED = 20


class TableFault(DataFault):
    """A table of the user's cannot be read, or a cell of it does not fit."""


class TableFaults:
    """Faults of one table, gathered so that they can be told together, in the order of its rows."""

    def __init__(self, path: Path, what: str, row_numbers: IntArray) -> None:
        self.path = path
        self.what = what
        self._row_numbers = row_numbers
        self._found: list[tuple[int, Fault]] = []
        self._unlisted = 0

    def row_number(self, row: int) -> int:
        """Where a row (counted from 0) stands in the file."""
        return int(self._row_numbers[row])

    def leave_out(self, count: int) -> None:
        """Count faults that are not worth listing beside those that are."""
        self._unlisted += max(count, 0)

    def add(self, column: str, row: int, what: str, others: int = 0) -> None:
        """Note a fault of a row (counted from 0) that `others` rows below it have too."""
        more = f" ({others} more row{'s' if others > 1 else ''} as well)" if others else ""
        place = f"row {self.row_number(row)}{', ' if column else ''}{column}"
        self._found.append((row, Fault(what + more, str(self.path), key=place)))

    def add_rows(self, column: str, rows: NDArray[np.bool_] | IntArray, what: str) -> None:
        """Note one fault that several rows share; none where there are no rows."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        if places.size:
            self.add(column, int(places[0]), what, int(places.size) - 1)

    def add_labels(self, column: str, codes: IntArray, bad: IntArray, what: Callable[[int], str]) -> None:
        """Note one fault for each bad label, where it is first met."""
        if not bad.size:
            return
        counts = np.bincount(codes[codes >= 0], minlength=int(bad.max()) + 1)
        first = np.zeros(counts.size, dtype=np.int64)
        places = np.flatnonzero(codes >= 0)[::-1]
        first[codes[places]] = places
        for code in sorted(bad, key=first.__getitem__)[:MOST_LISTED]:
            self.add(column, int(first[code]), what(int(code)), int(counts[code]) - 1)
        self.leave_out(bad.size - MOST_LISTED)

    def raise_any(self, kind: type[DataFault] = TableFault) -> None:
        """Raise one error with all of them; do nothing where there is none."""
        listed = [fault for _, fault in sorted(self._found, key=lambda found: found[0])]
        left_out = len(listed[MOST_LISTED:]) + self._unlisted
        title = f"The {self.what} cannot be used."
        if left_out:
            title = f"The {self.what} cannot be used; {left_out} faults beyond these are not listed."
        raise_gathered(listed[:MOST_LISTED], kind, title)
