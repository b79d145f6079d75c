"""A comparison: the document of `dualtrack compare --json`, and its page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dualtrack.report.compare_part import compare_part
from dualtrack.study.compare import Document, compare_at
from dualtrack.web.comparison import LETTERS, Comparison
from dualtrack.web.jobs.studies import keep_study
from dualtrack.web.service.tasks import Report


def compare(report: Report, folder: Path, comparison: Comparison) -> bytes:
    """Run what is compared over the same draws.

    Raises:
        DualtrackError: A side cannot be run.
    """
    blocks = 1

    def simulated(done: int, whole: int) -> None:
        nonlocal blocks
        blocks = whole
        report(done, whole + 1)

    document = compare_at(
        comparison.texts, outcomes=comparison.outcomes, options=comparison.options, progress=simulated
    )
    made = keep_study(folder, document, compare_part(by_letter(document)))
    report(blocks + 1, blocks + 1)
    return made


def by_letter(document: Document) -> Document:
    """The document with the letter of each side's column in place of its name, which may be long: A, B."""
    letters = dict(zip(document["scenarios"], LETTERS.upper(), strict=False))

    def named(found: Mapping[str, Any]) -> Document:
        return {**found, **{side: letters[found[side]] for side in ("scenario", "base") if side in found}}

    return {
        **document,
        "base": letters[document["base"]],
        "scenarios": {letters[name]: side for name, side in document["scenarios"].items()},
        "comparisons": [named(found) for found in document["comparisons"]],
    }
