"""Compare: two settings side by side over the same futures; the address holds both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from dualtrack.results.outputs import outputs_table
from dualtrack.scenarios.files import shipped_scenarios
from dualtrack.settings.controls import Group, control_keys, load_controls
from dualtrack.settings.defaults import defaults
from dualtrack.settings.state import Reading, base_scenario
from dualtrack.web.comparison import LETTERS, Comparison, ComparisonReading, read_comparison
from dualtrack.web.jobs.studies import shown_study
from dualtrack.web.pages.tasks import strip_context, task_strip
from dualtrack.web.reading import query_of, state_limits
from dualtrack.web.requests import is_fragment, service_of
from dualtrack.web.service.faults import WRONG_INPUT, Busy
from dualtrack.web.service.tasks import Task
from dualtrack.web.studies import start_compare
from dualtrack.web.templating import fragment, page

router = APIRouter()

PATHS = (1_000, 2_048, 5_000, 10_000, 20_000)
CHANGED = "changed"


@router.get("/compare")
async def compare(request: Request) -> Response:
    """The page, or for htmx its results: how far the comparison is, or what came of it."""
    limits = service_of(request).limits
    reading = read_comparison(query_of(request), state_limits(request), limits.fine_paths)
    if is_fragment(request):
        comparison = reading.checked()
        task = start_compare(request, comparison)
        response: Response = task_strip(request, task)
        if task.state == "done":
            response = fragment("compare_part.html.j2", is_part=True, **_results(comparison, task))
        response.headers["HX-Replace-Url"] = f"/compare?{comparison.query_string()}"
        return response
    return _whole(request, reading)


def _whole(request: Request, reading: ComparisonReading) -> Response:
    limits = service_of(request).limits
    comparison = reading.comparison
    context: dict[str, Any] = {
        "sides": [_side(letter, one, reading) for letter, one in reading.sides.items()],
        "scenarios": {name: base_scenario(name).title for name in shipped_scenarios()},
        "control_keys": control_keys(),
        "path_choices": [count for count in PATHS if count <= limits.most_paths],
        "comparison": comparison,
        "swapped": Comparison(comparison.sides[::-1], comparison.outcomes).query_string(),
        "known_outcomes": outputs_table(),
        "errors": reading.by_key(),
        "faults": [(fault.about, str(fault)) for fault in reading.faults],
        "busy": "",
        "task": None,
    }
    status = WRONG_INPUT if reading.faults else 200
    if not reading.faults:
        try:
            task = start_compare(request, comparison)
        except Busy as error:
            context["busy"], status = str(error), error.status
        else:
            context |= strip_context(request, task)
            context |= _results(comparison, task) if task.state == "done" else {}
    return page(request, "compare.html.j2", status=status, page="compare", is_part=False, **context)


def _side(letter: str, side: Reading, reading: ComparisonReading) -> Mapping[str, Any]:
    """A column of the form."""
    prefix = f"{letter}."
    own = {name: texts for name, texts in reading.by_key().items() if name.startswith(prefix)}
    errors = {name.removeprefix(prefix): texts for name, texts in own.items()}
    values = dict(side.state.changes)
    return {
        "letter": letter,
        "prefix": prefix,
        "state": side.state,
        "scenario": side.state.base,
        "groups": _changed_first({*values, *errors}),
        "defaults": defaults(side.state.base),
        "values": values,
        "errors": errors,
    }


def _changed_first(touched: Collection[str]) -> list[Group]:
    """The controls in their groups, those of the keys named in a group of their own before all others."""
    groups = load_controls()
    changed = tuple(one for group in groups for one in group.controls if one.key in touched)
    rest = [
        replace(group, controls=tuple(one for one in group.controls if one.key not in touched))
        for group in groups
    ]
    return [group for group in (Group(CHANGED, "Your settings", changed), *rest) if group.controls]


def _results(comparison: Comparison, task: Task) -> Mapping[str, Any]:
    shown = shown_study(task.folder)
    answer, *others = shown["items"]
    # Charts are read before tables.
    others.sort(key=lambda item: "section" in item)
    return {
        "task": task,
        "comparison": comparison,
        "named": [
            (letter.upper(), replace(side, paths=None), side.base.title)
            for letter, side in zip(LETTERS, comparison.sides, strict=False)
        ],
        "answer": answer["section"],
        "parts": grouped(others),
        "command": shown["command"],
    }


def grouped(items: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Any]]]:
    """Sections and figures in their order, those of a kind that follow each other together."""
    kinds = groupby(items, key=lambda item: next(iter(item)))
    return [(kind, [item[kind] for item in run]) for kind, run in kinds]
