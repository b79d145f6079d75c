"""Tables of a user's own, CSV or XLSX: declared columns in, arrays out, and every fault of the file told at once.

Columns of text come back factored: one label for each different cell, and for each row the place of its label,
so that a check is made once per label and a million rows stay cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dualtrack.errors import DataFault, Fault, nearest, raise_gathered
from dualtrack.months import parse_day, parse_month
from dualtrack.table_faults import MOST_LISTED, TableFault, TableFaults
from dualtrack.table_files import Cells, read_cells

__all__ = [
    "BLANK",
    "Column",
    "Factored",
    "Table",
    "TableFault",
    "TableFaults",
    "gather_table",
    "quoted",
    "raise_together",
    "read_table",
]

Kind = Literal["plain", "text", "number", "choice", "yes_no", "date", "month"]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

BLANK = -1
LONGEST_QUOTED = 40
YES_NO = {"yes": 1, "true": 1, "y": 1, "1": 1, "no": 0, "false": 0, "n": 0, "0": 0}


@dataclass(frozen=True)
class Column:
    """What one column of a table may hold.

    Args:
        kind: `plain` is text that is only passed on, not factored; `date` is a day, `month` YYYY-MM; `yes_no` leaves a blank cell undeclared.
        required: The column must be there and filled in every row.
        default: What a blank cell of a column that is not required means; None leaves it blank.
        least, most: Bounds of a number, themselves allowed.
        whole: No fractions.
        choices: The words that a `choice` takes; case and hyphens do not matter.
        unique: No two rows may have the same.
    """

    name: str
    kind: Kind = "text"
    required: bool = True
    default: float | str | None = None
    least: float | None = None
    most: float | None = None
    whole: bool = False
    choices: tuple[str, ...] = ()
    unique: bool = False

    @property
    def wanted(self) -> str:
        """What a cell should be, in words."""
        if self.kind == "number":
            words = "a whole number" if self.whole else "a number"
            words += f" from {self.least:,.12g}" if self.least is not None else ""
            return words + (f" to {self.most:,.12g}" if self.most is not None else "")
        if self.kind == "choice":
            return " or ".join(self.choices)
        words = {
            "plain": "any text",
            "text": "a name",
            "yes_no": "yes or no, empty where not declared",
            "date": "a day such as 2026-01-31",
            "month": "a month such as 2026-02",
        }[self.kind]
        return f"{words}, each once" if self.unique else words


@dataclass(frozen=True)
class Factored:
    """A column of labels: `labels[codes[row]]` is the row's; BLANK where the cell is.

    The labels are texts in the order they are first met, the choices as declared, (False, True) for `yes_no`,
    dates, or months as whole numbers (see `dualtrack.months`).
    """

    codes: IntArray
    labels: tuple[Any, ...]

    def values(self, blank: Any = None) -> list[Any]:
        """The label of every row, `blank` where there is none."""
        labels = (*self.labels, blank)
        return [labels[code] for code in self.codes]


@dataclass(frozen=True)
class Table:
    """The columns of a file as arrays of shape (row,); blank rows of the file are left out.

    Attributes:
        row_numbers: Where each row stands in the file; its header is row 1.
        given: The columns that the file has.
    """

    path: Path
    what: str
    row_numbers: IntArray
    given: frozenset[str]
    _numbers: Mapping[str, FloatArray] = field(repr=False)
    _labels: Mapping[str, Factored] = field(repr=False)
    _plain: Mapping[str, NDArray[np.object_]] = field(repr=False)

    @property
    def rows(self) -> int:
        return int(self.row_numbers.size)

    def numbers(self, name: str) -> FloatArray:
        """A number column; NaN where a cell is blank and no default was declared."""
        return self._numbers[name]

    def plain(self, name: str) -> NDArray[np.object_]:
        """A plain column as it stands in the file; empty texts where it has none."""
        return self._plain[name]

    def labels(self, name: str) -> Factored:
        """A column of any other kind."""
        return self._labels[name]


def read_table(
    path: Path, columns: Sequence[Column], what: str = "table", *, may_be_empty: bool = False
) -> Table:
    """The declared columns of a CSV or XLSX file.

    A workbook of several sheets must have one named as `what`. Columns in any order, in upper or lower
    case; thousands separators are refused, since 1,000 and 1.000 mean different things to different readers.

    Raises:
        TableFault: The file cannot be read or does not fit; all faults are told, with row and column.
    """
    table, faults = gather_table(path, columns, what, may_be_empty=may_be_empty)
    faults.raise_any()
    return table


def gather_table(
    path: Path, columns: Sequence[Column], what: str = "table", *, may_be_empty: bool = False
) -> tuple[Table, TableFaults]:
    """As `read_table`, with the faults of cells handed back, for a caller that has more to check.

    A cell at fault counts as blank.

    Raises:
        TableFault: The file cannot be read, or its header does not fit.
    """
    cells = read_cells(path, [column.name for column in columns], what)
    if not cells.row_numbers.size and not may_be_empty:
        raise TableFault(f"{path} has a header and no rows. Wanted: a row for each entry of the {what}.")
    _check_header(cells, columns, what)
    faults = TableFaults(path, what, cells.row_numbers)
    numbers: dict[str, FloatArray] = {}
    labels: dict[str, Factored] = {}
    plain: dict[str, NDArray[np.object_]] = {}
    for column in columns:
        if column.kind == "plain":
            none = np.full(cells.row_numbers.size, "", dtype=object)
            plain[column.name] = cells.columns.get(column.name, none)
            continue
        if column.name not in cells.columns:
            codes = np.broadcast_to(np.int64(BLANK), cells.row_numbers.size)
            found: tuple[str, ...] = ()
        else:
            codes, found = _factored(cells.columns[column.name])
            if column.required:
                faults.add_rows(column.name, codes == BLANK, f"is empty. Wanted: {column.wanted}.")
        if column.unique:
            _check_unique(column, codes, found, faults)
        if column.kind == "number":
            numbers[column.name] = _numbers(column, codes, found, faults)
        else:
            labels[column.name] = _labels(column, codes, found, faults)
    table = Table(path, what, cells.row_numbers, frozenset(cells.columns), numbers, labels, plain)
    return table, faults


def quoted(text: str) -> str:
    """A cell as a message shows it, cut short where it is long."""
    return repr(text if len(text) <= LONGEST_QUOTED else text[: LONGEST_QUOTED - 1] + "…")


def raise_together(*steps: Callable[[], object]) -> None:
    """Take every step, and raise the faults of all that fail as one error.

    Raises:
        TableFault: A step raised one.
    """
    errors = []
    for step in steps:
        try:
            step()
        except TableFault as error:
            errors.append(str(error))
    if errors:
        raise TableFault("\n".join(errors))


def _check_header(cells: Cells, columns: Sequence[Column], what: str) -> None:
    known = [column.name for column in columns]
    label = str(cells.path)
    faults = [
        Fault(f"there is no such column.{nearest(name, known)} Known: {', '.join(known)}.", label, None, name)
        for name in cells.columns
        if name not in known
    ]
    faults += [
        Fault(f"the column is missing. Wanted: {column.wanted}.", label, None, column.name)
        for column in columns
        if column.required and column.name not in cells.columns
    ]
    raise_gathered(faults, TableFault, f"The header of the {what} (row 1) does not fit.")


def _factored(cells: NDArray[np.object_]) -> tuple[IntArray, tuple[str, ...]]:
    """The place of every cell's text, stripped, among the different ones."""
    import pandas

    codes, found = pandas.factorize(cells)
    texts = found.tolist()
    stripped = [text.strip() for text in texts]
    if stripped == texts and "" not in texts:
        return codes.astype(np.int64), tuple(texts)
    order = {text: n for n, text in enumerate(dict.fromkeys(text for text in stripped if text))}
    places = np.array([order.get(text, BLANK) for text in stripped], dtype=np.int64)
    return places[codes], tuple(order)


def _check_unique(column: Column, codes: IntArray, found: Sequence[str], faults: TableFaults) -> None:
    order = np.argsort(codes, kind="stable")
    ranked = codes[order]
    again = np.flatnonzero((ranked[1:] == ranked[:-1]) & (ranked[1:] != BLANK)) + 1
    starts = np.searchsorted(ranked, ranked[again])
    rows = order[again]
    for n in np.argsort(rows)[:MOST_LISTED]:
        first = faults.row_number(int(order[starts[n]]))
        what = f"{quoted(found[ranked[again[n]]])} stands in row {first} already. Give every row its own."
        faults.add(column.name, int(rows[n]), what)
    faults.leave_out(rows.size - MOST_LISTED)


def _numbers(column: Column, codes: IntArray, found: Sequence[str], faults: TableFaults) -> FloatArray:
    values = _parsed(found)
    wrong = {
        "": ~np.isfinite(values),
        "whole": np.isfinite(values) & (values != np.round(values)) if column.whole else None,
        "least": values < column.least if column.least is not None else None,
        "most": values > column.most if column.most is not None else None,
    }
    for bad in wrong.values():
        if bad is not None:
            values = np.where(bad, np.nan, values)
            faults.add_labels(column.name, codes, np.flatnonzero(bad), lambda n: _not_it(column, found[n]))
    blank = float(column.default) if column.default is not None else np.nan
    return np.append(values, blank)[codes]


def _parsed(found: Sequence[str]) -> FloatArray:
    """The number of each text, NaN where it is none."""
    try:
        return np.array(found, dtype=object).astype(np.float64)
    except ValueError:
        return np.array([_number(text) for text in found])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _not_it(column: Column, text: str) -> str:
    """Why a text is not the number wanted."""
    plain = text.replace(",", "").replace(" ", "").replace("'", "").replace("’", "").replace("\u00a0", "")
    hint = ""
    if np.isnan(_number(text)) and np.isfinite(_number(plain)):
        hint = f" Write {plain} without separators, with a point before decimals."
    return f"{quoted(text)} does not fit. Wanted: {column.wanted}.{hint}"


def _labels(column: Column, codes: IntArray, found: Sequence[str], faults: TableFaults) -> Factored:
    if column.kind == "text":
        labels: tuple[Any, ...] = tuple(found)
        places = np.arange(len(labels), dtype=np.int64)
    else:
        labels, places = _understood(column, found)
        bad = np.flatnonzero(places == BLANK)
        faults.add_labels(column.name, codes, bad, lambda n: _not_understood(column, found[n]))
    blank = BLANK
    if column.default is not None:
        if column.default not in labels:
            labels = (*labels, column.default)
        blank = labels.index(column.default)
    if not found:
        return Factored(np.broadcast_to(np.int64(blank), codes.shape), labels)
    if blank == BLANK and column.kind == "text":
        return Factored(codes, labels)
    # A cell at fault has been told of, and counts as blank.
    places = np.where(places == BLANK, blank, places)
    return Factored(np.append(places, blank)[codes], labels)


def _understood(column: Column, found: Sequence[str]) -> tuple[tuple[Any, ...], IntArray]:
    """The labels of a column that is not free text, and where each text stands among them."""
    if column.kind == "yes_no":
        return (False, True), np.array([YES_NO.get(text.lower(), BLANK) for text in found], dtype=np.int64)
    if column.kind == "choice":
        places = {_word(choice): n for n, choice in enumerate(column.choices)}
        return column.choices, np.array([places.get(_word(text), BLANK) for text in found], dtype=np.int64)
    read = _day if column.kind == "date" else _month
    values = [read(text) for text in found]
    order = {
        value: n for n, value in enumerate(dict.fromkeys(value for value in values if value is not None))
    }
    return tuple(order), np.array([order.get(value, BLANK) for value in values], dtype=np.int64)


def _not_understood(column: Column, text: str) -> str:
    known = column.choices if column.kind == "choice" else ()
    return f"{quoted(text)} does not fit.{nearest(text, known)} Wanted: {column.wanted}."


def _word(text: str) -> str:
    return text.lower().replace("-", "_").replace(" ", "_")


def _day(text: str) -> Any:
    """The day, None for what is not one: a month or a quarter is not a day."""
    try:
        return parse_day(text)
    except DataFault:
        return None


def _month(text: str) -> int | None:
    try:
        return parse_month(text)
    except DataFault:
        return None
