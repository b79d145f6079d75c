"""`dualtrack allocate`: share out a stock among orders."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from dualtrack.allocate.asking import read_settings, share_files
from dualtrack.allocate.document import Document
from dualtrack.commands.output import console, print_json
from dualtrack.errors import ResultFault
from dualtrack.facts.book import load_book
from dualtrack.report.allocation_tables import TABLE_FORMATS, allocation_file
from dualtrack.results.folder import write_one

PICTURE_FORMATS = (".svg", ".png")


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
    settings = read_settings(options)
    makers = _makers(out, plot, (orders, stock, limits))
    document = share_files(orders, stock, limits, settings, load_book(facts))
    if not document.get("feasible", True):
        _print_conflict(document, as_json)
        return False
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
        makers[path] = partial(_picture if suffix in PICTURE_FORMATS else allocation_file, suffix)
    return makers


def _picture(suffix: str, document: Document) -> bytes:
    from dualtrack.report.allocation import flow_chart
    from dualtrack.report.theme import render_png, render_svg

    chart = flow_chart(document)
    return render_svg(chart).encode() if suffix == ".svg" else render_png(chart)


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)
