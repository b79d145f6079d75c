"""A page as sections of text and tables, shown in a terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Section:
    """A heading with sentences and a table below it; each may be empty.

    Attributes:
        numeric: Columns whose cells are set to the right.
        whole: Columns whose cells are never broken.
    """

    title: str
    text: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numeric: tuple[int, ...] = ()
    whole: tuple[int, ...] = ()


# Whether a finding holds; open where something is not declared.
FINDING_MARKS = {True: "✓", False: "✗", None: "?"}
MARK_STYLES = {"✓": "green", "✗": "red", "?": "yellow"}


def print_sections(sections: Sequence[Section], screen: Console) -> None:
    """Print every section below the other."""
    for number, section in enumerate(sections):
        if number:
            screen.print()
        screen.print(Text(section.title, style="bold"))
        for sentence in section.text:
            screen.print(Padding(Text(sentence), (0, 0, 0, 2)))
        if section.rows:
            screen.print(Padding(_table(section), (0, 0, 0, 1)))


def words(name: str) -> str:
    """An outcome or a place as a reader writes it."""
    return name.replace("_", " ")


def _table(section: Section) -> Table:
    table = Table(
        box=None, show_header=bool(section.header), header_style="dim", pad_edge=False, padding=(0, 1)
    )
    for place in range(len(section.rows[0])):
        heading = section.header[place] if section.header else ""
        justify = "right" if place in section.numeric else "left"
        table.add_column(heading, justify=justify, overflow="fold", no_wrap=place in section.whole)  # type: ignore[arg-type]
    for row in section.rows:
        style = MARK_STYLES.get(row[0], "")
        table.add_row(*(Text(cell, style=style if not place else "") for place, cell in enumerate(row)))
    return table


def markdown(sections: Sequence[Section], level: int = 1) -> str:
    """The sections as Markdown; the first has the highest heading."""
    parts = []
    for number, section in enumerate(sections):
        lines = [f"{'#' * (level if not number else level + 1)} {section.title}", ""]
        lines += [line for sentence in section.text for line in (sentence, "")]
        if section.rows:
            header = section.header or ("",) * len(section.rows[0])
            rule = ["---:" if place in section.numeric else "---" for place in range(len(header))]
            lines += [_row(header), _row(rule), *(_row(row) for row in section.rows), ""]
        parts.append("\n".join(lines))
    return "\n".join(parts).rstrip() + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
