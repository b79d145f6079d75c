"""The cells of a CSV or XLSX file as texts, with the row each stands in; `dualtrack.tables` says what they mean."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dualtrack.errors import Fault, raise_gathered
from dualtrack.table_faults import MOST_LISTED, TableFault

SEPARATORS = (",", ";", "\t")
# How the first bytes of a workbook of today, and of one of before 2007 or with a password, begin.
WORKBOOK = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
LONGEST_HEADER = 1 << 16


@dataclass(frozen=True)
class Cells:
    """The texts of a table's columns by name, in lower case; a blank cell is empty."""

    path: Path
    columns: Mapping[str, NDArray[np.object_]]
    row_numbers: NDArray[np.int64]


def read_cells(path: Path, wanted: Sequence[str], what: str) -> Cells:
    """Every cell of the file.

    Args:
        wanted: Names of columns, to tell a header from a file without one.

    Raises:
        TableFault: The file is missing, empty, in an unknown format, or ragged.
    """
    content = _content(path)
    if content.startswith(OLD_WORKBOOK):
        raise TableFault(
            f"{path} is an old workbook (.xls) or has a password.\n  Save it as .xlsx without one, or as CSV."
        )
    rows = _workbook_rows(path, content, what) if content.startswith(WORKBOOK) else None
    text = _text(path, content) if rows is None else ""
    header = rows[0] if rows else _first_record(path, text)
    names = _names(path, header, wanted, what)
    columns = _columns(rows[1:], len(names)) if rows else _csv_columns(path, content, text, len(names))
    return _cells(path, names, columns)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except IsADirectoryError as error:
        raise TableFault(f"{path} is a folder. Wanted: a CSV or XLSX file.") from error
    except OSError as error:
        raise TableFault(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    if not content.strip():
        raise TableFault(f"{path} is empty. Wanted: a header row, and a row for each entry.")
    return content


def _text(path: Path, content: bytes) -> str:
    hint = "Save it as CSV UTF-8, or as .xlsx."
    if content.startswith(UTF_16):
        raise TableFault(f"{path} is in UTF-16. {hint}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise TableFault(
            f"{path}, row {row}: byte {content[error.start]:#04x} is not UTF-8. {hint}"
        ) from error
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise TableFault(f"{path}, row {row}: a null character; this is not a text file. {hint}")
    return text.rstrip("\r\n")


def _separator(text: str) -> str:
    """The separator that the header has most of."""
    header = text[: text.find("\n")] if "\n" in text else text
    return max(SEPARATORS, key=header.count)


def _records(path: Path, text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    row = 0
    try:
        for row, record in enumerate(reader, 1):  # noqa: B007
            yield record
    except csv.Error as error:
        what = "a quotation mark is not closed" if "end of data" in str(error) else str(error)
        raise TableFault(f"{path}, row {row + 1}: not CSV: {what}.") from error


def _first_record(path: Path, text: str) -> list[str]:
    # A copy of the whole of a long file would cost more than reading the header.
    return next(_records(path, text[:LONGEST_HEADER]))


def _names(path: Path, header: Sequence[str], wanted: Sequence[str], what: str) -> list[str]:
    """The names of the columns in lower case; an empty name where a column has none."""
    names = [name.strip().lower() for name in header]
    if not any(name in wanted for name in names):
        seen = ", ".join(name or "(empty)" for name in names[:8])
        raise TableFault(
            f"{path}, row 1: not the header of the {what}: {seen[:200]}.\n"
            f"  Wanted in the first row: names of columns ({', '.join(wanted)})."
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    faults = [Fault("stands twice. Keep one.", str(path), key=f"row 1, {name}") for name in twice]
    raise_gathered(faults, TableFault, f"The header of the {what} does not fit.")
    return names


def _csv_columns(path: Path, content: bytes, text: str, width: int) -> list[NDArray[np.object_]]:
    separator = _separator(text)
    records = text.count("\n") + 1 if "\n" in text else text.count("\r") + 1
    # A right count without quotes means that every row is whole; the slow look finds the rows that are not.
    if '"' in text or text.count(separator) != records * (width - 1):
        _check_widths(path, text, width)
    import pandas

    try:
        frame = pandas.read_csv(
            # Bytes are read a third faster than text.
            io.BytesIO(content.rstrip(b"\r\n")),
            sep=separator,
            header=None,
            skiprows=1,
            names=range(width),
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            index_col=False,
        )
    except pandas.errors.EmptyDataError:
        return [np.empty(0, dtype=object) for _ in range(width)]
    except pandas.errors.ParserError as error:
        _check_widths(path, text, width)
        raise TableFault(f"{path}: not CSV: {error}.") from error
    return [frame[place].to_numpy() for place in range(width)]


def _check_widths(path: Path, text: str, width: int) -> None:
    faults: list[Fault] = []
    for row, record in enumerate(_records(path, text), 1):
        if len(record) in (0, width) or not any(cell.strip() for cell in record):
            continue
        if len(record) > width and not any(cell.strip() for cell in record[width:]):
            continue
        faults.append(
            Fault(f"{len(record)} cells where the header has {width}.", str(path), key=f"row {row}")
        )
    listed = faults[:MOST_LISTED]
    more = (
        f"; {len(faults) - len(listed)} rows beyond these are not listed" if len(faults) > len(listed) else ""
    )
    hint = "Put cells that hold the separator in quotation marks"
    raise_gathered(listed, TableFault, f"Rows are not as wide as the header. {hint}{more}.")


def _workbook_rows(path: Path, content: bytes, what: str) -> list[list[str]]:
    try:
        from openpyxl import load_workbook
    except ModuleNotFoundError as error:
        raise TableFault(
            f"{path} cannot be read: workbooks need openpyxl.\n"
            "  Install it with: pip install 'dualtrack[excel]', or save the table as CSV."
        ) from error
    with warnings.catch_warnings():
        # What openpyxl leaves out (styles, validation of cells) is nothing that a table needs.
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = _sheet(path, book, what)
            # Some programs write a size that leaves cells out, or one of the whole sheet.
            sheet.reset_dimensions()
            rows = [[_cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        except TableFault:
            raise
        except Exception as error:
            # The library has no family of errors of its own for a damaged file.
            raise TableFault(
                f"{path} is no workbook that can be read ({error}). Save it anew as .xlsx."
            ) from error
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise TableFault(
            f"{path}, sheet {sheet.title!r} is empty. Wanted: a header row, and a row for each entry."
        )
    width = max((n for n, name in enumerate(rows[0], 1) if name), default=0)
    for number, row in enumerate(rows, 1):
        if any(row[width:]):
            raise TableFault(
                f"{path}, row {number}: a cell right of the header's last column. Give it a name."
            )
    return [row[:width] for row in rows]


def _sheet(path: Path, book: Any, what: str) -> Any:
    """The only sheet, or the one named as the table."""
    by_name = {str(sheet.title).strip().lower(): sheet for sheet in book.worksheets}
    if len(by_name) == 1:
        return next(iter(by_name.values()))
    if what.lower() not in by_name:
        names = ", ".join(repr(sheet.title) for sheet in book.worksheets)
        raise TableFault(
            f"{path} has {len(by_name)} sheets: {names}.\n  Name the one that holds the {what} {what!r}."
        )
    return by_name[what.lower()]


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _columns(rows: Sequence[Sequence[str]], width: int) -> list[NDArray[np.object_]]:
    columns = [np.empty(len(rows), dtype=object) for _ in range(width)]
    for place, column in enumerate(columns):
        column[:] = [row[place] if place < len(row) else "" for row in rows]
    return columns


def _cells(path: Path, names: Sequence[str], columns: Sequence[NDArray[np.object_]]) -> Cells:
    """The named columns, without the rows that are blank."""
    nameless = [n for n, name in enumerate(names) if not name and any(str(c).strip() for c in columns[n])]
    faults = [
        Fault("has cells and no name. Give it one.", str(path), key=f"row 1, column {n + 1}")
        for n in nameless
    ]
    raise_gathered(faults, TableFault, "The header does not fit.")
    row_numbers = np.arange(2, len(columns[0]) + 2, dtype=np.int64)
    # A row can be blank only where its first cell is.
    suspects = np.flatnonzero(columns[0] == "") if columns[0].size else np.empty(0, dtype=np.int64)
    blank = [n for n in suspects if not any(str(column[n]).strip() for column in columns)]
    kept = {name: column for name, column in zip(names, columns, strict=True) if name}
    if blank:
        kept = {name: np.delete(column, blank) for name, column in kept.items()}
        row_numbers = np.delete(row_numbers, blank)
    return Cells(path, kept, row_numbers)
