"""A run at the terminal: the headline numbers, the probabilities that matter, one buyer, and where the files are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dualtrack.report.headline import (
    REASON_WORDS,
    Document,
    headline,
    marks,
    mean_share_of_months,
    run_months,
)
from dualtrack.report.numbers import is_zero, median_and_interval, percent, quantity, with_unit_words
from dualtrack.results.outputs import buyer_outputs_table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

# From this width on, a median and its interval stand on one line.
WIDE = 150
# On narrow screens horizons are left out, these first, so that the labels keep room.
LEFT_OUT_FIRST = (24, 6, 3, 36)
LABEL_WIDTH = 24
CELL_WIDTH = 16


def print_summary(document: Document, console: Console, files: Mapping[str, Path]) -> None:
    """The headline outcomes by horizon, gates and limits, and the files written."""
    months = run_months(document)
    console.print(document["title"], style="bold", markup=False, highlight=False)
    console.print(
        f"{document['scenario']} · known by {document['known_by']} · {months[0]} to {months[-1]} · "
        f"{document['paths']} paths · seed {document['seed']} · {document['seconds']:.1f} s",
        markup=False,
        highlight=False,
    )
    console.print()
    _print_headline(document, console)
    console.print()
    _print_probabilities(document, console)
    if files:
        console.print()
        console.print("Files", style="bold")
        for path in files.values():
            console.print(f"  {path}", markup=False, highlight=False, soft_wrap=True)


def _print_headline(document: Document, console: Console) -> None:
    rows = headline(document)
    notes: dict[str, str] = {}
    shown = _fitting(document, console.width)
    table = _table(document, "Median (80 % interval)", shown)
    for kind, title in (("stock", "At month end"), ("flow", "In the quarter (sum)")):
        chosen = [row for row in rows if row.kind == kind]
        if not chosen:
            continue
        table.add_row(f"[bold]{title}[/bold]", end_section=False)
        for row in chosen:
            cells = []
            for cell in (row.cells[place] for place in shown):
                mark = notes.setdefault(cell.note, "*" * (len(notes) + 1)) if cell.note else ""
                cells.append(_cell(cell.found, row.unit, console.width, mark))
            table.add_row(
                with_unit_words(row.label, row.unit, _quarter_words(row.kind, row.quarters)), *cells
            )
        table.add_section()
    console.print(table)
    if any(row.kind == "flow" for row in rows):
        console.print(
            "In the quarter: the whole calendar or fiscal quarter that holds the month.", style="dim"
        )
    for note, mark in notes.items():
        console.print(f"{mark} {note}", markup=False, highlight=False)


def _quarter_words(kind: str, quarters: str) -> str:
    return "fiscal quarter" if kind == "flow" and quarters == "fiscal" else ""


def _fitting(document: Document, width: int) -> list[int]:
    """Which of the horizons fit beside the labels."""
    found = marks(document)
    room = max((width - LABEL_WIDTH) // CELL_WIDTH, 1)
    shown = list(range(len(found)))
    for mark in LEFT_OUT_FIRST:
        if len(shown) <= room:
            break
        shown = [place for place in shown if found[place][0] != mark]
    return shown


def _table(document: Document, title: str, shown: Sequence[int]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column(title, min_width=LABEL_WIDTH, overflow="fold")
    for mark, month in (marks(document)[place] for place in shown):
        table.add_column(f"{mark} months\n{month}", justify="right", no_wrap=True)
    return table


def _cell(found: Mapping[str, Any], unit: str, width: int, mark: str = "") -> str:
    """Median, interval, and the mean where the median is zero and the mean is not."""
    separator = "  " if width >= WIDE else "\n"
    text = median_and_interval(found, unit, separator=mark + separator)
    if is_zero(found.get("p50")) and not is_zero(found.get("mean")):
        text += f"\nmean {quantity(found.get('mean'), unit, with_unit=False)}"
    return text


def _print_probabilities(document: Document, console: Console) -> None:
    probabilities = document["probabilities"]
    found = marks(document)
    month = next((m for mark, m in found if mark == 12), found[-1][1])
    delivered = ", ".join(f"{percent(probabilities['any_delivery_by'][m])} by {m}" for _, m in found)
    limits = list(mean_share_of_months(document, "binding_limit").items())[:3]
    lines = (
        ("Any delivery", delivered),
        (f"US gate, {month}", _states(probabilities["us_gate"][month])),
        (f"China gate, {month}", _states(probabilities["china_gate"][month])),
        (
            "What binds",
            ", ".join(f"{REASON_WORDS[name]} {percent(share)}" for name, share in limits if share > 0),
        ),
    )
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, text in lines:
        table.add_row(name, text)
    console.print(table, highlight=False)
    console.print("What binds: share of all months of all paths.", style="dim")


def _states(found: Mapping[str, float]) -> str:
    return ", ".join(f"{state} {percent(share)}" for state, share in found.items())


def print_buyer(document: Document, buyer: str, console: Console) -> None:
    """One buyer's deliveries, obligations, domestic purchases and power by horizon."""
    found = document["by_buyer"][buyer]
    console.print()
    found_marks = marks(document)
    shown = [found_marks[place][1] for place in _fitting(document, console.width)]
    table = _table(document, buyer, _fitting(document, console.width))
    for name, row in buyer_outputs_table().items():
        if name in found:
            cells = [_cell(found[name][month], row.unit, console.width) for month in shown]
            table.add_row(with_unit_words(row.label, row.unit), *cells)
    console.print(table)


def print_exceedance(rows: Sequence[Mapping[str, Any]], console: Console) -> None:
    """The probabilities asked for: outcome above a value in a period."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("Probability", justify="right", no_wrap=True)
    table.add_column("that", overflow="fold")
    for row in rows:
        table.add_row(
            percent(row["probability"]),
            f"{row['outcome']} > {quantity(row['value'], row['unit'], digits=4)} in {row['period']}",
        )
    console.print()
    console.print(table, highlight=False)
