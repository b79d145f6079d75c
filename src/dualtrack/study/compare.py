"""Compare scenarios and saved results, path by path, as one plain document that becomes JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dualtrack.entities import find_buyer
from dualtrack.errors import ResultFault
from dualtrack.facts.book import load_book
from dualtrack.parallel import Where
from dualtrack.results.dataset import BUYER, open_result
from dualtrack.results.outputs import buyer_outputs_table, outputs_table
from dualtrack.results.questions import Question, parse_question
from dualtrack.results.summary import spread
from dualtrack.simulate.run import HERE
from dualtrack.study.again import command_line
from dualtrack.study.contrast import contrast
from dualtrack.study.jobs import Progress
from dualtrack.study.paired import Asked, Kept, kept_of, run_paired
from dualtrack.study.sides import Side, read_names, read_sides
from dualtrack.version import __version__

Document = dict[str, Any]

YEAR = 12
# Month by month, where no outcome is asked for: what came in, what it adds, the gap, both camps' makers.
BY_MONTH = (
    "h200_delivered_cum",
    "china_compute_h100e",
    "compute_gap_ratio",
    "nvidia_china_ai_revenue",
    "domestic_packages",
)


def compare(
    *scenarios: str,
    outcomes: Sequence[str] = (),
    buyers: Sequence[str] = (),
    changes: Sequence[str] = (),
    facts: Sequence[Path] = (),
    workers: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Document:
    """What each scenario changes against the last one, path by path with the same draws.

    Args:
        scenarios: Shipped names, YAML files or saved results, 2 to 8, the base last. `NAME:KEY=VALUE,KEY=VALUE`
            changes one scenario alone.
        outcomes: `NAME` or `NAME@PERIOD`; the headline outcomes after a year and at the end if none.
        buyers: Also what is kept by buyer, for these.
        changes: `KEY=VALUE` for all scenarios.
        facts: Files of the user's own facts.
        workers: Processes on this machine.
        cluster: Address of a Dask scheduler whose workers are used instead.
        progress: Called with blocks of paths done and in all.
        options: `paths`, `seed`, `months`.

    Returns:
        The document of `dualtrack compare --json`.

    Raises:
        DualtrackError: Something in the input cannot be used, or the runs are not of the same draws.
    """
    return compare_at(
        scenarios,
        outcomes=outcomes,
        buyers=buyers,
        changes=changes,
        facts=facts,
        options=options,
        where=Where(workers, cluster),
        progress=progress,
    )


def compare_at(
    scenarios: Sequence[str],
    *,
    outcomes: Sequence[str] = (),
    buyers: Sequence[str] = (),
    changes: Sequence[str] = (),
    facts: Sequence[Path] = (),
    options: Mapping[str, Any],
    where: Where = HERE,
    progress: Progress | None = None,
) -> Document:
    """As `compare`, at a place that is given."""
    asked_buyers = [find_buyer(name).id for name in dict.fromkeys(buyers)]
    named = read_names(scenarios)
    book = load_book(tuple(facts))
    sides = read_sides(named, book, changes, options)
    asked = questions_of(sides[0].months, outcomes, asked_buyers)
    kept = [_read(side, side.saved, asked) for side in sides if side.saved]
    tasks = [side.task for side in sides if side.task]
    simulated = run_paired(tasks, asked, where=where, progress=progress) if tasks else []
    found = {side.label: (simulated if side.task else kept).pop(0) for side in sides}
    said = {"outcome": outcomes, "buyer": buyers, "set": changes, "facts": facts, **options}
    return _document(sides, found, asked, command_line("compare", scenarios, said))


def questions_of(months: Sequence[str], outcomes: Sequence[str], buyers: Sequence[str]) -> Asked:
    """What is asked of every run, and which outcomes are kept month by month.

    Raises:
        ScenarioFault: There is no such outcome or period.
    """
    first, last = months[0], months[-1]
    marks = [months[YEAR - 1], last] if len(months) > YEAR else [last]
    texts = list(dict.fromkeys(outcomes)) or [
        f"{row.name}@{mark if row.kind == 'stock' else f'{first}..{mark}'}"
        for row in outputs_table().values()
        if row.headline
        for mark in marks
    ]
    questions = {q.name: q for q in (parse_question(text, months) for text in texts)}
    by_buyer = [
        parse_question(f"{name}@{mark}", months, buyer=buyer)
        for buyer in buyers
        for name in buyer_outputs_table()
        for mark in marks
    ]
    shown = [q.outcome.name for q in questions.values()] if outcomes else BY_MONTH
    return Asked((*questions.values(), *by_buyer), tuple(dict.fromkeys(shown)))


def _read(side: Side, path: Path, asked: Asked) -> Kept:
    """What a saved result has of what is asked; the rest of it is left on disk."""
    dataset = open_result(path, asked.variables)
    if any(name.startswith(BUYER) and name not in dataset for name in asked.variables):
        raise ResultFault(
            f"{side.label} holds nothing by buyer: it was run with `keep_buyers: false`.\n"
            "  Leave --buyer out, or run it again without that line."
        )
    return kept_of(dataset, asked)


def _document(sides: Sequence[Side], found: dict[str, Kept], asked: Asked, command: str) -> Document:
    base = sides[-1]
    by_month = {label: _cumulative(kept) for label, kept in found.items()}
    return {
        "study": "compare",
        "command": command,
        "version": __version__,
        "paths": base.draws.paths,
        "seed": base.draws.seed,
        "months": list(base.months),
        "known_by": base.about["known_by"],
        "facts_sha256": base.about["facts_sha256"],
        "base": base.label,
        "questions": {q.name: _about(q, base.months) for q in asked.questions},
        "scenarios": {
            side.label: {
                **side.about,
                "values": {name: spread(values) for name, values in found[side.label].values.items()},
                "by_month": {
                    name: dict(zip(base.months, map(spread, array), strict=True))
                    for name, array in by_month[side.label].items()
                },
            }
            for side in sides
        },
        "comparisons": [
            {
                "scenario": side.label,
                "base": base.label,
                "values": {
                    name: contrast(values, found[base.label].values[name])
                    for name, values in found[side.label].values.items()
                },
                "by_month": {
                    name: {
                        month: _in_month(contrast(array[n], by_month[base.label][name][n]))
                        for n, month in enumerate(base.months)
                    }
                    for name, array in by_month[side.label].items()
                },
            }
            for side in sides[:-1]
        ],
    }


def _in_month(found: Mapping[str, Any]) -> dict[str, Any]:
    """The difference alone, and how often it is which: all that a month is asked for."""
    return {**found["difference"], **{name: found[name] for name in ("p_more", "p_equal", "p_less")}}


def _cumulative(kept: Kept) -> dict[str, np.ndarray]:
    """Stocks as they are, flows added up since the start: a month's difference alone says little."""
    table = outputs_table()
    return {
        name: np.cumsum(array, axis=0, dtype=np.float64)
        if table[name].kind == "flow"
        else array.astype(np.float64)
        for name, array in kept.monthly.items()
    }


def _about(question: Question, months: Sequence[str]) -> dict[str, Any]:
    row = question.outcome
    return {
        "outcome": row.name,
        "period": question.period,
        "first_month": months[question.positions[0]],
        "last_month": months[question.positions[-1]],
        "partial": question.partial,
        "buyer": question.buyer,
        "unit": row.unit,
        "kind": row.kind,
        "label": row.label,
        "meaning": row.meaning,
    }
