"""Tables as one workbook: a sheet for each, with a frozen bold header and columns as wide as they need."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

WIDEST = 60
WHOLE, LARGE, SMALL = "#,##0", "#,##0.00", "0.0000"


def workbook(sheets: Mapping[str, Sequence[Mapping[str, Any]]], title: str, on: str) -> bytes:
    """A workbook of rows under their own names, one sheet for each name. It needs XlsxWriter.

    Args:
        on: The day in the file's properties; a fixed one keeps two files of one result equal byte for byte.
    """
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": title, "created": datetime.fromisoformat(on)})
    head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    formats = {pattern: book.add_format({"num_format": pattern}) for pattern in (WHOLE, LARGE, SMALL)}
    for name, rows in sheets.items():
        _write_sheet(book.add_worksheet(name), rows, head, formats)
    book.close()
    return target.getvalue()


def _write_sheet(
    sheet: Any, rows: Sequence[Mapping[str, Any]], head: Any, formats: Mapping[str, Any]
) -> None:
    columns = list(rows[0]) if rows else ["(none)"]
    for place, column in enumerate(columns):
        texts = [column, *(str(row[column]) for row in rows)]
        sheet.set_column(place, place, min(max(map(len, texts)) + 2, WIDEST))
        sheet.write_string(0, place, column, head)
        for line, row in enumerate(rows, 1):
            value = row[column]
            if isinstance(value, bool):
                sheet.write_boolean(line, place, value)
            elif isinstance(value, int | float):
                pattern = WHOLE if isinstance(value, int) else SMALL if abs(value) < 10 else LARGE
                sheet.write_number(line, place, value, formats[pattern])
            elif value is not None:
                sheet.write_string(line, place, str(value))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
