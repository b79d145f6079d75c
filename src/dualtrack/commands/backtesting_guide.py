"""The guide's page on the back-tests: made by a run, and stale when what it was made from has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dualtrack.facts.book import DATA_DIR, load_book
from dualtrack.report.sections import Section, markdown
from dualtrack.report.study_page import Figure, picture_name

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "backtests.md"
IMAGES = DOCS / "images"
PART = "backtests"
STAMP = "<!-- made from {} -->"
COMMAND = "dualtrack backtest"

# Everything that a forecast, a score or a rival is made from, beside the facts.
_FILES = (
    "backtests/*.yaml",
    "scenarios/backtests/*.yaml",
    "scenarios/h200-truce.yaml",
    "keys/*.yaml",
    "rules/*.yaml",
    "events.yaml",
    "buyers.yaml",
    "chips.yaml",
)


def stamp() -> str:
    """A digest of the facts and data files that the page's numbers depend on."""
    digest = hashlib.sha256(load_book().digest().encode())
    for pattern in _FILES:
        for path in sorted(DATA_DIR.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return STAMP.format(digest.hexdigest()[:32])


def is_stale() -> bool:
    """Whether the page is missing, or was made from other data. Quick: nothing is run."""
    return not PAGE.is_file() or stamp() not in PAGE.read_text(encoding="utf-8")


def backtest_parts() -> tuple[dict[str, str], dict[str, bytes]]:
    """The generated part of the page, and its pictures by file name; takes some runs."""
    from dualtrack.report.backtest_page import backtest_part
    from dualtrack.report.theme import render_png
    from dualtrack.study.backtest.study import backtest

    part = backtest_part({**backtest(), "command": COMMAND})
    text, pictures = [stamp(), ""], {}
    for item in part.items:
        if isinstance(item, Section):
            text.append(markdown([item], level=2))
        else:
            name = f"{picture_name(part, item)}.png"
            pictures[name] = render_png(item.chart, scale=1.5)
            text.append(_picture(item, name))
    return {PART: "\n".join(text)}, pictures


def _picture(figure: Figure, name: str) -> str:
    alternative = f"{figure.title}. {figure.how_to_read}".replace("]", "")
    return f"**{figure.title}.** {figure.reading}\n\n![{alternative}](images/{name})\n"
