"""What the Explore page shows of a state: figures, key numbers, and how to have them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from dualtrack.facts.book import load_book
from dualtrack.report.brief import CHART_TITLES, HOW_TO_READ_CHART
from dualtrack.report.charts import make_chart, needed, themed
from dualtrack.report.headline import headline, marks, run_months
from dualtrack.report.headline_text import cell_text
from dualtrack.report.numbers import interval, percent, quantity, unit_words
from dualtrack.report.sentences import readings
from dualtrack.results.outputs import outputs_table
from dualtrack.results.summary import summarise
from dualtrack.session import run_prepared
from dualtrack.settings.state import State
from dualtrack.simulate.run import prepare
from dualtrack.web.service.limits import Limits

# In the order of the page, where two of about the same height stand side by side.
FIGURES = ("delivered", "gap_ratio", "revenue", "domestic", "gates", "binding", "channel", "buyers")
TILES = (
    ("h200_delivered_cum", "Units delivered"),
    ("compute_gap_ratio", "Compute gap, US over China"),
    ("domestic_packages", "Domestic accelerators a month"),
    ("china_share_of_world", "China's share of world compute"),
)
STOCKS = ("h200_delivered_cum",)
GHOSTS_KEPT = 32
YEAR = 12


@dataclass(frozen=True)
class _Run:
    """A run summarised, with the names of its buyers."""

    document: Mapping[str, Any]
    buyer_names: Mapping[str, str]


def explore(state: State) -> bytes:
    """The document of a state's page, as JSON: what it says of the state's very paths.

    Raises:
        ScenarioFault: A setting cannot be used.
    """
    run = _run(state)
    ghost = _ghost(replace(state, changes=())) if state.changes else None
    shown = {
        "scenario": state.scenario,
        "title": run.document["title"],
        "known_by": run.document["known_by"],
        "chip": run.document["chip"],
        "paths": run.document["paths"],
        "seed": run.document["seed"],
        "months": run_months(run.document),
        "changes": dict(state.changes),
        "command": state.command(),
        "yaml": state.yaml(),
        "tiles": _tiles(run.document, ghost.document if ghost else None),
        "numbers": _numbers(run.document, ghost.document if ghost else None),
        "figures": _figures(run, ghost),
    }
    return json.dumps(shown, allow_nan=False, ensure_ascii=False).encode()


def warm(limits: Limits) -> None:
    """Import and build everything once, and the scenario that most begin with."""
    for paths in (limits.fine_paths, limits.first_paths):
        _ghost(State(paths=paths))
    explore(State(paths=limits.first_paths))
    # Charts with the other run behind are forms of their own.
    explore(State(changes=(("us.share_limit", "0.4"),), paths=limits.first_paths))


def _figures(run: _Run, ghost: _Run | None) -> list[dict[str, Any]]:
    said = readings(run.document, FIGURES)
    return [
        {
            "name": name,
            "title": CHART_TITLES[name],
            "reading": said[name],
            "how_to_read": HOW_TO_READ_CHART[name],
            "spec": themed(
                make_chart(
                    name, run.document, run.buyer_names, ghost=ghost.document if ghost is not None else None
                ),
                "page",
                title=False,
            ),
        }
        for name in FIGURES
    ]


def _tiles(document: Mapping[str, Any], ghost: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The handful of numbers that a reader looks at while a slider moves."""
    found = marks(document)
    after, end = next((one for one in found if one[0] == YEAR), found[-1]), found[-1]
    asked = [("Anything delivered", "", after[1])] + [(label, name, end[1]) for name, label in TILES]
    return [
        {
            "label": f"{label} by {month}" if name in ("", *STOCKS) else f"{label}, {month}",
            "yours": _tile(document, name, month),
            "before": _tile(ghost, name, month) if ghost is not None else None,
        }
        for label, name, month in asked
    ]


def _tile(document: Mapping[str, Any], name: str, month: str) -> dict[str, str]:
    if not name:
        return {"middle": percent(document["probabilities"]["any_delivery_by"][month]), "interval": ""}
    outcome = document["outcomes"][name]
    found = outcome["by_month"][month]
    return {
        "middle": quantity(found["p50"], outcome["unit"], with_unit=False),
        "interval": interval(found, outcome["unit"]),
    }


def _numbers(document: Mapping[str, Any], ghost: Mapping[str, Any] | None) -> dict[str, Any]:
    """The headline outcomes after a year and at the end, beside those of the scenario as it is."""
    found = marks(document)
    months = [(mark, month) for mark, month in found if mark == YEAR] + found[-1:]
    places = [found.index(one) for one in dict.fromkeys(months)]
    before = {row.name: row for row in headline(ghost)} if ghost is not None else {}
    notes: dict[str, int] = {}
    rows = []
    for row in headline(document):
        cells = []
        for place in places:
            unchanged = before.get(row.name)
            cells.append(
                {
                    "yours": cell_text(row.cells[place], row.unit, notes),
                    "before": cell_text(unchanged.cells[place], row.unit, notes) if unchanged else None,
                }
            )
        period = {"flow": f"per {row.quarters} quarter", "stock": "at month end"}[row.kind]
        words = unit_words(row.unit)
        rows.append(
            {"name": row.name, "label": row.label, "unit": f"{words}, {period}".lstrip(", "), "cells": cells}
        )
    return {
        "months": [found[place] for place in places],
        "any_delivery": [_any_delivery(document, ghost, found[place][1]) for place in places],
        "rows": rows,
        "notes": list(notes),
    }


def _any_delivery(document: Mapping[str, Any], ghost: Mapping[str, Any] | None, month: str) -> dict[str, Any]:
    found, before = (
        percent(one["probabilities"]["any_delivery_by"][month]) if one is not None else None
        for one in (document, ghost)
    )
    return {"yours": found, "before": before}


@cache
def _needs() -> tuple[list[str], list[str]]:
    """What the page needs of a run, in all and for each buyer: what its charts show, and the headline."""
    outcomes, buyers = needed(FIGURES)
    shown = [name for name, row in outputs_table().items() if row.headline]
    return list(dict.fromkeys([*outcomes, *shown])), buyers


@lru_cache(GHOSTS_KEPT)
def _ghost(state: State) -> _Run:
    return _run(state)


def _run(state: State) -> _Run:
    book = load_book()
    outcomes, buyers = _needs()
    dataset = run_prepared(prepare(state.load(), book), book, outcomes=outcomes, buyers=buyers)
    return _Run(summarise(dataset), json.loads(dataset.attrs["buyer_names"]))
