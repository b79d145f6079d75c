"""The page of a study: sections and figures in the order of a reader, as a page of its own or inside the brief."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dualtrack.report.pages import templates
from dualtrack.report.sections import Section, markdown
from dualtrack.report.theme import page_svg, render_png, render_svg
from dualtrack.version import __version__

if TYPE_CHECKING:
    import altair as alt

Document = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Figure:
    """A chart and what it says.

    Attributes:
        name: Stem of its files.
        reading: What it shows, in a sentence with its numbers.
        how_to_read: What lines, bands and marks are.
    """

    name: str
    title: str
    reading: str
    how_to_read: str
    chart: alt.TopLevelMixin


@dataclass(frozen=True)
class StudyPart:
    """What a study shows.

    Attributes:
        study: Its name, as the command's: `compare`.
        items: Sections and figures in order; the first section holds the answer.
        tables: Rows by the stem of the CSV file they go to; columns are the keys of the first row.
    """

    study: str
    title: str
    items: tuple[Section | Figure, ...]
    tables: Mapping[str, Rows]

    @property
    def sections(self) -> list[Section]:
        return [item for item in self.items if isinstance(item, Section)]

    @property
    def figures(self) -> list[Figure]:
        return [item for item in self.items if isinstance(item, Figure)]


def study_html(part: StudyPart, command: str) -> str:
    """One self-contained page."""
    return (
        templates()
        .get_template("study.html.j2")
        .render(part=part, items=page_items(part), command=command, version=__version__)
    )


def page_items(part: StudyPart) -> list[dict[str, Any]]:
    """The items as the templates take them, pictures drawn."""
    return [
        {"section": item}
        if isinstance(item, Section)
        else {"figure": item, "svg": page_svg(item.chart, f"Chart: {item.title}. {item.reading}")}
        for item in part.items
    ]


def study_markdown(part: StudyPart, command: str) -> str:
    """The page as Markdown, with the pictures as the files beside it."""
    images = {figure.name: f"{picture_name(part, figure)}.svg" for figure in part.figures}
    return (
        f"# {part.title}\n\n{items_markdown(part, level=2, images=images)}\n"
        f"## How to run it again\n\n```\n{command}\n```\n\ndualtrack {__version__}.\n"
    )


def items_markdown(part: StudyPart, level: int, images: Mapping[str, str]) -> str:
    """Sections and figures as Markdown.

    Args:
        level: Of the sections' headings.
        images: Where a figure's picture is found, by its name; a figure without one is told in words.
    """
    parts = []
    for item in part.items:
        if isinstance(item, Section):
            parts.append(markdown([item], level=level))
            continue
        parts.append(f"**{item.title}.** {item.reading}\n")
        if item.name in images:
            alternative = f"{item.title}. {item.how_to_read}".replace("]", "")
            parts.append(f"![{alternative}]({images[item.name]})\n")
    return "\n".join(parts)


def study_files(
    part: StudyPart, document: Document, progress: Callable[[int, int], None] | None = None
) -> dict[str, bytes]:
    """Every file of a study by its name: document, tables, page twice, pictures twice.

    Args:
        document: What `--json` prints; its `command` is the command that makes it again.
        progress: Called with figures drawn as pictures and in all.
    """
    command = str(document["command"])
    files = {
        f"{part.study}.json": document_text(document),
        f"{part.study}.html": study_html(part, command),
        f"{part.study}.md": study_markdown(part, command),
        **{f"{name}.csv": _csv(rows) for name, rows in part.tables.items()},
    }
    contents = {name: text.encode() for name, text in files.items()}
    for number, figure in enumerate(part.figures, 1):
        name = picture_name(part, figure)
        contents[f"{name}.svg"] = render_svg(figure.chart).encode()
        contents[f"{name}.png"] = render_png(figure.chart)
        if progress:
            progress(number, len(part.figures))
    return contents


def document_text(document: Document) -> str:
    """The text of a study's JSON file."""
    return json.dumps(document, allow_nan=False, ensure_ascii=False, indent=1) + "\n"


def picture_name(part: StudyPart, figure: Figure) -> str:
    return f"{part.study}-{figure.name.replace('_', '-')}"


def _csv(rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
    return text.getvalue()
