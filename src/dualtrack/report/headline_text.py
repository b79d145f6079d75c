"""The headline table as text, for the brief and the explorer."""

from __future__ import annotations

from typing import Any

from dualtrack.report.headline import Cell, Document, headline
from dualtrack.report.numbers import UNDEFINED, interval, is_zero, quantity, unit_words


def headline_text(document: Document) -> dict[str, Any]:
    """Rows of ready text; the notes of cells whose period is not the month's are numbered once."""
    notes: dict[str, int] = {}
    rows = []
    for row in headline(document):
        period = {"flow": f"per {row.quarters} quarter", "stock": "at month end"}[row.kind]
        words = unit_words(row.unit)
        rows.append(
            {
                "label": row.label,
                "unit": f"{words}, {period}" if words else period,
                "cells": [cell_text(cell, row.unit, notes) for cell in row.cells],
            }
        )
    return {"rows": rows, "notes": list(notes)}


def cell_text(cell: Cell, unit: str, notes: dict[str, int]) -> dict[str, Any]:
    """Median, interval and, where the median is 0, mean; a note's number is its place in `notes`, which grows."""
    middle = quantity(cell.found["p50"], unit, with_unit=False)
    mark = notes.setdefault(cell.note, len(notes) + 1) if cell.note else 0
    mean = ""
    if is_zero(cell.found["p50"]) and not is_zero(cell.found["mean"]):
        mean = f"mean {quantity(cell.found['mean'], unit, with_unit=False)}"
    span = "" if middle == UNDEFINED else interval(cell.found, unit)
    return {"middle": middle, "interval": span, "mean": mean, "note": mark}
