"""Explore: a scenario, its controls, and what follows; the address holds the whole state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from dualtrack.scenarios.files import shipped_scenarios
from dualtrack.settings.controls import control_keys, load_controls
from dualtrack.settings.defaults import defaults
from dualtrack.settings.state import Reading, State, base_scenario
from dualtrack.web.comparison import compare_query
from dualtrack.web.jobs import explore as work
from dualtrack.web.reading import reading_of, told, with_paths
from dualtrack.web.requests import answered, is_fragment, service_of
from dualtrack.web.service.faults import WRONG_INPUT
from dualtrack.web.service.limits import Limits
from dualtrack.web.templating import fragment, page

router = APIRouter()

REFINE = "refine"
PATHS = (512, 2_048, 10_000)


@router.get("/")
async def start() -> RedirectResponse:
    """The explorer opens with Explore."""
    return RedirectResponse("/explore")


@router.get("/explore")
async def explore(request: Request) -> Response:
    """The page, or for htmx its results: of few paths at first, of the state's own where `refine` is given."""
    reading = reading_of(request)
    limits = service_of(request).limits
    if is_fragment(request):
        return await _results(request, reading.checked(), limits)
    return _whole(request, reading, limits)


async def _results(request: Request, state: State, limits: Limits) -> Response:
    fine, first = _asked(state, limits)
    refining = REFINE in request.query_params
    kept = _kept(request, state, limits)
    if kept is None or (refining and json.loads(kept)["paths"] < fine_paths(state, limits)):
        asked = fine if refining else first
        kept = await answered(request, _key(asked), work.explore, asked, patient=refining)
    response = fragment("explore_part.html.j2", whole=False, **_shown(state, kept, limits))
    # Not a new entry of the history for each position of a slider.
    response.headers["HX-Replace-Url"] = f"/explore?{state.query_string()}"
    return response


def _whole(request: Request, reading: Reading, limits: Limits) -> Response:
    state = reading.state
    scenario = base_scenario(state.scenario)
    kept = None if reading.faults else _kept(request, state, limits)
    context: dict[str, Any] = {
        "scenarios": {name: base_scenario(name).title for name in shipped_scenarios()},
        "scenario": scenario,
        "groups": load_controls(),
        "control_keys": control_keys(),
        "defaults": defaults(scenario),
        "values": dict(state.changes),
        "errors": reading.by_key(),
        "faults": told(reading),
        "path_choices": [count for count in PATHS if count <= limits.answer_paths],
        "whole": True,
        "usual_paths": limits.fine_paths,
        **_shown(state, kept, limits),
    }
    return page(
        request, "explore.html.j2", status=WRONG_INPUT if reading.faults else 200, page="explore", **context
    )


def _shown(state: State, kept: bytes | None, limits: Limits) -> Mapping[str, Any]:
    answer = json.loads(kept) if kept is not None else None
    paths = fine_paths(state, limits)
    refines = answer is not None and answer["paths"] < paths
    return {
        "answer": answer,
        "state": state,
        "refines": refines,
        "paths": paths,
        "compare": compare_query(state, replace(state, changes=())),
    }


def fine_paths(state: State, limits: Limits) -> int:
    """Paths of the refined answer: the address's, as far as they are answered at once, or the service's usual."""
    return min(with_paths(state, limits).run_paths, limits.answer_paths)


def _asked(state: State, limits: Limits) -> tuple[State, State]:
    """The states of the refined and of the first answer."""
    paths = fine_paths(state, limits)
    return replace(state, paths=paths), replace(state, paths=min(paths, limits.first_paths))


def _kept(request: Request, state: State, limits: Limits) -> bytes | None:
    """The best answer that is there already."""
    answers = service_of(request).answers
    found = (answers.kept(_key(asked)) for asked in _asked(state, limits))
    return next((one for one in found if one is not None), None)


def _key(state: State) -> str:
    return f"explore {state.digest()}"
