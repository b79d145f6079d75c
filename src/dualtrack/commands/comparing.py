"""`dualtrack compare`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dualtrack.commands.studies import Document, present
from dualtrack.commands.typed import progress_bar
from dualtrack.parallel import Where
from dualtrack.report.compare_part import compare_part, compare_sections
from dualtrack.study.compare import compare_at


def compare(
    scenarios: Sequence[str],
    *,
    outcomes: Sequence[str],
    buyers: Sequence[str],
    changes: Sequence[str],
    facts: Sequence[Path],
    options: Mapping[str, Any],
    where: Where,
    out: Path | None,
    as_json: bool,
) -> None:
    """Compare, print, and write the folder where one is named."""

    def make() -> Document:
        with progress_bar("comparing", "blocks of paths") as progress:
            return compare_at(
                scenarios,
                outcomes=outcomes,
                buyers=buyers,
                changes=changes,
                facts=facts,
                options=options,
                where=where,
                progress=progress,
            )

    present(make, compare_part, out=out, as_json=as_json, sections_of=compare_sections)
