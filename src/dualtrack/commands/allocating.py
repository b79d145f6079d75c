"""`dualtrack allocate`: share out a stock among orders."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from dualtrack.allocate import POLICIES, AllocationConflict, AllocationFault, compare
from dualtrack.allocate.document import Document, allocation_document, conflict_document
from dualtrack.allocate.policies import Level
from dualtrack.allocate.problem import read_problem
from dualtrack.commands.output import console, print_json
from dualtrack.errors import ResultFault, nearest
from dualtrack.facts.book import load_book
from dualtrack.months import parse_day
from dualtrack.results.folder import write_one

TABLE_FORMATS = (".csv", ".xlsx", ".json")
PICTURE_FORMATS = (".svg", ".png")
MOST_IN_LOT = 1_000_000


def allocate(
    orders: Path,
    stock: Path,
    limits: Path | None,
    *,
    options: Mapping[str, str | None],
    facts: tuple[Path, ...],
    out: Path | None,
    plot: Path | None,
    as_json: bool,
) -> bool:
    """Print the allocation and write the files asked for; say whether there is one.

    Args:
        options: policy, level, lot, seconds and on, as they were typed.
    """
    policy = _choice("--policy", options["policy"] or "value", POLICIES)
    level = _choice("--level", options["level"] or "share", get_args(Level))
    lot = _whole("--lot", options["lot"])
    seconds = _seconds(options["seconds"])
    makers = _makers(out, plot, (orders, stock, limits))
    book = load_book(facts)
    problem = read_problem(orders, stock, limits, _day(options["on"]), book)
    given = (problem.book, problem.stock, problem.rulebook, problem.laws, problem.counts)
    try:
        found = compare(*given, level=level, lot=lot, seconds=seconds)
    except AllocationConflict as conflict:
        _print_conflict(conflict_document(problem, conflict), as_json)
        return False
    document = allocation_document(problem, found, policy, book)
    # All is made before anything is written, so that a fault leaves every file as it was.
    contents = {path: make(document) for path, make in makers.items()}
    for path, content in contents.items():
        write_one(path, partial(_write, content))
    if as_json:
        print_json(document)
    else:
        _print(document, list(contents))
    return True


def _print(document: Document, files: list[Path]) -> None:
    from dualtrack.report.allocation_page import allocation_sections
    from dualtrack.report.sections import Section, print_sections

    sections = allocation_sections(document)
    if files:
        sections.append(Section("Files", tuple(str(path) for path in files)))
    print_sections(sections, console())


def _print_conflict(document: Document, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    from dualtrack.report.allocation_page import conflict_sections
    from dualtrack.report.sections import print_sections

    print_sections(conflict_sections(document), console())


def _makers(
    out: Path | None, plot: Path | None, inputs: tuple[Path | None, ...]
) -> dict[Path, Callable[[Document], bytes]]:
    """How each file that was asked for is made; refused before any work where it cannot be written."""
    makers: dict[Path, Callable[[Document], bytes]] = {}
    for option, path, formats in (("--out", out, TABLE_FORMATS), ("--plot", plot, PICTURE_FORMATS)):
        if path is None:
            continue
        suffix = path.suffix.lower()
        if suffix not in formats:
            raise ResultFault(f"{option} {path}: wanted a name that ends in {', '.join(formats)}.")
        if suffix == ".xlsx" and find_spec("xlsxwriter") is None:
            raise ResultFault(
                f"{option} {path}: workbooks need XlsxWriter.\n  Install it with: pip install 'dualtrack[excel]'"
            )
        if path.is_dir():
            raise ResultFault(f"{option} {path} is a folder. Wanted: the name of a file.")
        if not path.parent.is_dir():
            raise ResultFault(
                f"{option} {path}: there is no folder {path.parent}. Make it, or choose another."
            )
        if not os.access(path.parent, os.W_OK):
            raise ResultFault(f"{option} {path}: the folder {path.parent} is read-only. Choose another.")
        if any(given is not None and given.resolve() == path.resolve() for given in inputs):
            raise ResultFault(f"{option} {path} is one of the files read. Choose another name.")
        makers[path] = partial(_picture if suffix in PICTURE_FORMATS else _table, suffix)
    return makers


def _table(suffix: str, document: Document) -> bytes:
    from dualtrack.report.allocation_tables import allocation_tables, delivery_lines
    from dualtrack.report.workbook import workbook

    if suffix == ".json":
        return (json.dumps(document, allow_nan=False, ensure_ascii=False, indent=1) + "\n").encode()
    if suffix == ".csv":
        return delivery_lines(document).encode()
    return workbook(allocation_tables(document), "Allocation", document["law_on"])


def _picture(suffix: str, document: Document) -> bytes:
    from dualtrack.report.allocation import flow_chart
    from dualtrack.report.theme import render_png, render_svg

    chart = flow_chart(document)
    return render_svg(chart).encode() if suffix == ".svg" else render_png(chart)


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _choice(option: str, text: str, known: tuple[str, ...]) -> Any:
    word = text.strip().lower().replace("_", "-")
    if word not in known:
        raise AllocationFault(
            f"{option} {text!r} is not known.{nearest(word, known)} Known: {', '.join(known)}."
        )
    return word


def _whole(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST_IN_LOT:
        raise AllocationFault(f"{option} {text!r}: wanted a whole number from 1 to {MOST_IN_LOT:,}.")
    return number


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or "60")
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:
        raise AllocationFault(f"--seconds {text!r}: wanted a number above 0, at most 86400.")
    return seconds


def _day(text: str | None) -> date | None:
    return parse_day(text) if text else None
