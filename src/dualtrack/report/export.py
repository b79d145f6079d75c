"""The run as tables for other tools: tidy rows by quarter, CSV, and a workbook."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dualtrack.errors import ResultFault
from dualtrack.report.assumptions import Seal, numbered_sources, source_numbers
from dualtrack.report.headline import Document, headline, marks, run_months
from dualtrack.report.numbers import setting

SPREAD = ("mean", "p_zero", "p05", "p10", "p25", "p50", "p75", "p90", "p95")
QUARTERLY = ("outcome", "label", "unit", "kind", "quarter", "months", "partial", *SPREAD)
NUMBER_FORMATS = {"fraction": "0.0%", "ratio": "0.0", "months": "0.0", "flop": "0.0E+00"}


def quarterly_rows(document: Document) -> list[dict[str, Any]]:
    """One row for each outcome and quarter; undefined numbers are None.

    `months` says how many of the quarter's months the run holds, `partial` whether that is fewer than three.
    """
    rows = []
    for name, outcome in document["outcomes"].items():
        for quarter, found in outcome["by_quarter"].items():
            row = {
                "outcome": name,
                "label": outcome["label"],
                "unit": outcome["unit"],
                "kind": outcome["kind"],
                "quarter": quarter,
                "months": found["months"],
                "partial": found["partial"],
            }
            rows.append(row | {level: found[level] for level in SPREAD})
    return rows


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows under their own names; undefined numbers are empty fields."""
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, fieldnames=list(listed[0]) if listed else list(QUARTERLY), lineterminator="\n"
        )
        writer.writeheader()
        for row in listed:
            writer.writerow(
                {key: str(value).lower() if isinstance(value, bool) else value for key, value in row.items()}
            )


def write_xlsx(path: Path, document: Document, settings: Sequence[Mapping[str, Any]] = ()) -> None:
    """Write the workbook: headline, quarterly, monthly medians, assumptions, sources.

    Raises:
        ResultFault: XlsxWriter is not installed.
    """
    try:
        import xlsxwriter
    except ModuleNotFoundError as error:
        raise ResultFault(
            f"{path} cannot be written: workbooks need XlsxWriter.\n  Install it with: pip install 'dualtrack[excel]'"
        ) from error
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    # A fixed date keeps two files of one run equal byte for byte.
    book.set_properties(
        {"title": document["title"], "comments": _about(document), "created": _known_by(document)}
    )
    sheets = _Sheets(book)
    _headline_sheet(sheets, document)
    _quarterly_sheet(sheets, document)
    _monthly_sheet(sheets, document)
    _assumptions_sheet(sheets, document, settings)
    _sources_sheet(sheets, document, settings)
    book.close()


def _known_by(document: Document) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(document["known_by"])


def _about(document: Document) -> str:
    manifest = document["manifest"]
    return (
        f"dualtrack {manifest['version']}, scenario {document['scenario']}, known by {document['known_by']}, "
        f"{document['paths']} paths, seed {document['seed']}, facts {manifest['facts_sha256'][:12]}"
    )


class _Sheets:
    """Sheets with a frozen bold header, set widths, and a number format for each unit."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.formats: dict[str, Any] = {}

    def number(self, pattern: str) -> Any:
        if pattern not in self.formats:
            self.formats[pattern] = self.book.add_format({"num_format": pattern, "valign": "top"})
        return self.formats[pattern]

    def unit(self, unit: str) -> Any:
        return self.number(NUMBER_FORMATS.get(unit, "#,##0"))

    def add(self, name: str, columns: Sequence[tuple[str, float]], fixed: int = 1) -> Any:
        sheet = self.book.add_worksheet(name)
        for place, (title, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, title, self.head)
        sheet.freeze_panes(1, fixed)
        return sheet

    def write(self, sheet: Any, row: int, column: int, value: Any, cell_format: Any = None) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, (int, float)):
            sheet.write_number(row, column, value, cell_format)
        else:
            sheet.write_string(row, column, str(value), cell_format or self.wrap)


def _headline_sheet(sheets: _Sheets, document: Document) -> None:
    columns = [("Outcome", 36.0), ("Unit", 10.0), ("Period", 18.0)]
    for mark, month in marks(document):
        columns += [
            (f"{level}, {mark} months ({month})", 13.0)
            for level in ("period", "median", "p10", "p90", "mean", "share of zero paths")
        ]
    sheet = sheets.add("headline", columns)
    for place, row in enumerate(headline(document), 1):
        period = "month end" if row.kind == "stock" else f"{row.quarters} quarter"
        for column, text in enumerate((row.label, row.unit, period)):
            sheets.write(sheet, place, column, text)
        column = 3
        for cell in row.cells:
            partial = " (incomplete)" if cell.found.get("partial") else ""
            sheets.write(sheet, place, column, cell.period + partial)
            for offset, level in enumerate(("p50", "p10", "p90", "mean"), 1):
                sheets.write(sheet, place, column + offset, cell.found[level], sheets.unit(row.unit))
            sheets.write(sheet, place, column + 5, cell.found["p_zero"], sheets.number("0.0%"))
            column += 6
    notes = [
        "Flows are sums over the quarter that holds the month; where the run holds only a part of it, the whole "
        "quarter before it.",
        _about(document),
    ]
    for offset, note in enumerate(notes):
        sheet.write_string(len(headline(document)) + 2 + offset, 0, note)


def _quarterly_sheet(sheets: _Sheets, document: Document) -> None:
    widths = {"outcome": 30.0, "label": 36.0}
    sheet = sheets.add("quarterly", [(name, widths.get(name, 12.0)) for name in QUARTERLY], fixed=2)
    rows = quarterly_rows(document)
    for place, row in enumerate(rows, 1):
        for column, name in enumerate(QUARTERLY):
            shown = (
                sheets.number("0.0%")
                if name == "p_zero"
                else sheets.unit(row["unit"])
                if name in SPREAD
                else None
            )
            sheets.write(sheet, place, column, row[name], sheets.number("0") if name == "months" else shown)
    sheet.autofilter(0, 0, len(rows), len(QUARTERLY) - 1)


def _monthly_sheet(sheets: _Sheets, document: Document) -> None:
    names = list(document["outcomes"])
    columns = [("month", 10.0)]
    columns += [(f"{name} ({document['outcomes'][name]['unit']})", 16.0) for name in names]
    sheet = sheets.add("monthly medians", columns)
    for place, month in enumerate(run_months(document), 1):
        sheets.write(sheet, place, 0, month)
        for column, name in enumerate(names, 1):
            outcome = document["outcomes"][name]
            sheets.write(
                sheet, place, column, outcome["by_month"][month]["p50"], sheets.unit(outcome["unit"])
            )


def _assumptions_sheet(sheets: _Sheets, document: Document, settings: Sequence[Mapping[str, Any]]) -> None:
    columns = [
        ("key", 32.0),
        ("what", 55.0),
        ("unit", 12.0),
        ("value", 36.0),
        ("uncertain", 10.0),
        ("assumption", 60.0),
        ("note", 40.0),
        ("confidence", 12.0),
        ("changed by", 18.0),
        ("sources", 10.0),
        ("facts", 50.0),
    ]
    sheet = sheets.add("assumptions", columns)
    numbers = source_numbers(document, settings)
    for place, row in enumerate(settings, 1):
        used = sorted({numbers[fact] for fact in row["facts"] if fact in numbers})
        values = (
            row["key"],
            row["what"],
            row["unit"],
            setting(row["value"], row["unit"]),
            row["uncertain"],
            row["assumption"],
            row["note"],
            row["confidence"],
            row["changed_by"],
            ", ".join(map(str, used)),
            ", ".join(row["facts"]),
        )
        for column, value in enumerate(values):
            sheets.write(sheet, place, column, value)


def _sources_sheet(sheets: _Sheets, document: Document, settings: Sequence[Mapping[str, Any]]) -> None:
    columns = [
        ("number", 8.0),
        ("publisher", 28.0),
        ("title", 60.0),
        ("address", 60.0),
        ("published", 12.0),
        ("known by", 12.0),
        ("hindsight", 10.0),
        ("facts", 60.0),
    ]
    sheet = sheets.add("sources", columns)
    for place, source in enumerate(numbered_sources(document, settings, Seal()), 1):
        values = (
            source.number,
            source.publisher,
            source.title,
            source.address,
            source.published,
            source.known_by,
            source.hindsight,
            ", ".join(source.facts),
        )
        for column, value in enumerate(values):
            sheets.write(sheet, place, column, value)
