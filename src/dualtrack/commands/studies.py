"""What every study's command does with its document: print it, or write the folder of its files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dualtrack.commands.output import console, print_json
from dualtrack.results.folder import Writer, staging, write_all

if TYPE_CHECKING:
    from dualtrack.report.sections import Section
    from dualtrack.report.study_page import StudyPart

Document = dict[str, Any]


def present(
    make: Callable[[], Document],
    part_of: Callable[[Document], StudyPart],
    *,
    out: Path | None,
    as_json: bool,
    sections_of: Callable[[Document], list[Section]] | None = None,
) -> Document:
    """Make a study, write its files into `out` where one is given, and print it.

    Args:
        make: Gives the document; called once it is known that `out` can be written.
        part_of: The document's page.
        sections_of: What a terminal shows: the page without its charts, where making them takes long, or a
            shorter one.

    Returns:
        The document.
    """
    files: dict[str, Path] = {}
    part: StudyPart | None = None
    with staging(out) if out else nullcontext() as place:
        document = make()
        if out and place:
            from dualtrack.report.study_page import study_files

            part = part_of(document)
            contents = study_files(part, document)
            writers: dict[str, Writer] = {
                name: partial(_write, content) for name, content in contents.items()
            }
            files = write_all(out, place, writers)
    if as_json:
        print_json(document)
        return document
    from dualtrack.report.sections import Section, print_sections

    sections = sections_of(document) if sections_of else (part or part_of(document)).sections
    if files:
        sections.append(Section("Files", tuple(str(path) for path in files.values())))
    print_sections(sections, console())
    return document


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)
