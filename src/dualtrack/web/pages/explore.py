"""Explore: a scenario, its controls, and what follows; the address holds the whole state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from dualtrack.scenarios.files import shipped_scenarios
from dualtrack.web.controls import load_controls
from dualtrack.web.defaults import defaults
from dualtrack.web.pages.states import reading_of
from dualtrack.web.requests import client_of, is_fragment, service_of, while_there
from dualtrack.web.service.limits import Limits
from dualtrack.web.state import Reading, State, base_scenario
from dualtrack.web.templating import fragment, page
from dualtrack.web.jobs import explore as work

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
    if not reading.faults and (kept := _kept(request, reading.state, limits)):
        return _whole(request, reading, kept)
    return _whole(request, reading, None)


async def _results(request: Request, state: State, limits: Limits) -> Response:
    paths = fine_paths(state, limits)
    refining = REFINE in request.query_params
    asked = replace(state, paths=paths if refining else min(paths, limits.first_paths))
    kept = _kept(request, state, limits)
    if kept is None:
        answers = service_of(request).answers
        kept = await while_there(
            request,
            answers.get(_key(asked), client_of(request), work.explore, asked, patient=refining),
        )
    response = fragment("explore_part.html.j2", **_shown(state, kept, paths))
    # Not a new entry of the history for each position of a slider.
    response.headers["HX-Replace-Url"] = f"/explore?{state.query_string()}"
    return response


def _whole(request: Request, reading: Reading, kept: bytes | None) -> Response:
    state = reading.state
    limits = service_of(request).limits
    context: dict[str, Any] = {
        "state": state,
        "scenarios": {name: base_scenario(name).title for name in shipped_scenarios()},
        "scenario": base_scenario(state.scenario),
        "groups": load_controls(),
        "defaults": defaults(base_scenario(state.scenario)),
        "values": dict(state.changes),
        "errors": reading.by_key(),
        "path_choices": [count for count in PATHS if count <= limits.most_paths],
        "paths": fine_paths(state, limits),
        "answer": None,
    }
    if kept is not None:
        context |= _shown(state, kept, fine_paths(state, limits))
    return page(request, "explore.html.j2", status=422 if reading.faults else 200, page="explore", **context)


def _shown(state: State, kept: bytes, paths: int) -> Mapping[str, Any]:
    answer = json.loads(kept)
    return {"answer": answer, "state": state, "refines": answer["paths"] < paths, "paths": paths}


def fine_paths(state: State, limits: Limits) -> int:
    """Paths of the refined answer: what the address asks for, or the service's usual."""
    return state.paths or limits.fine_paths


def _kept(request: Request, state: State, limits: Limits) -> bytes | None:
    """The best answer that is there already."""
    paths = fine_paths(state, limits)
    answers = service_of(request).answers
    return answers.kept(_key(replace(state, paths=paths))) or answers.kept(
        _key(replace(state, paths=min(paths, limits.first_paths)))
    )


def _key(state: State) -> str:
    return f"explore {state.digest()}"
