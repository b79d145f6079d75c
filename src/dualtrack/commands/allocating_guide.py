"""The generated parts of the guide to `dualtrack allocate`: its example as printed, the columns of its tables, its picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from dualtrack.allocate.asking import EXAMPLES, Settings, share_files
from dualtrack.allocate.document import Document
from dualtrack.allocate.reading import ORDER_COLUMNS, STOCK_COLUMNS
from dualtrack.facts.book import load_book
from dualtrack.tables import Column

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "allocate.md"
PICTURE = ROOT / "docs" / "images" / "allocate.png"
WIDTH = 100
LEFT_OUT = ("Numbers beside the law", "Notes", "Sources")
MEANINGS = {
    "order": "its id",
    "buyer": "id in the catalogue, or of the limits file; case does not matter",
    "chip": "id or alias in the catalogue: `nvidia.h200_sxm`, `H200`",
    "units": "ordered; in a stock, what comes in during the month",
    "price": "USD for a unit; empty: the middle price of the catalogue, and said so",
    "priority": "1 is served first by policy `priority`; empty: the buyer's in the catalogue",
    "domestic": "domestic chips bought or promised with the order; they count for the ratio",
    "destination": "Hong Kong counts as China for the US rules and is outside the Chinese ones",
    "end_use": "what the chips are for",
    "promised": "least units that must be delivered",
    "from": "first month of delivery",
    "by": "last month of delivery",
    "month": "in which the units come in; what is left over stays for later months",
    "note": "passed over",
}


def allocate_parts() -> dict[str, str]:
    """The generated parts of the page, by name."""
    return {
        "orders": _columns(ORDER_COLUMNS),
        "stock": _columns(STOCK_COLUMNS),
        "example": f"```text\n{_printed(example())}```",
    }


def example() -> Document:
    """The document of the example with its limits file, by value."""
    orders, stock, limits = (EXAMPLES / name for name in ("orders.csv", "stock.csv", "limits.yaml"))
    return share_files(orders, stock, limits, Settings(), load_book())


def picture() -> bytes:
    """The example's chart."""
    from dualtrack.report.allocation import flow_chart
    from dualtrack.report.theme import render_png

    return render_png(flow_chart(example()), scale=1.25)


def _printed(document: Document) -> str:
    from dualtrack.report.allocation_page import allocation_sections
    from dualtrack.report.sections import print_sections

    text = io.StringIO()
    shown = [section for section in allocation_sections(document) if section.title not in LEFT_OUT]
    print_sections(shown, Console(file=text, width=WIDTH, highlight=False))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _columns(columns: Sequence[Column]) -> str:
    lines = ["| column | takes | if left out | meaning |", "|---|---|---|---|"]
    for column in columns:
        left_out = (
            "must be there" if column.required else "" if column.default is None else f"{column.default}"
        )
        lines.append(f"| `{column.name}` | {column.wanted} | {left_out} | {MEANINGS[column.name]} |")
    return "\n".join(lines)
