"""Runs by the interface: scenarios, the document of a run, the figures of the Explore page, files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from dualtrack.scenarios.files import shipped_scenarios
from dualtrack.settings.state import State, base_scenario
from dualtrack.web.api.tasks import TaskState, task_state
from dualtrack.web.api.told import refusals
from dualtrack.web.files import start_files
from dualtrack.web.jobs.explore import explore
from dualtrack.web.jobs.run import run
from dualtrack.web.reading import reading_of, with_paths
from dualtrack.web.requests import answered, service_of
from dualtrack.web.service.faults import TooLarge

router = APIRouter(tags=["runs"])

AT_ONCE = refusals(403, 422, 429, 503, 504)


class Setting(BaseModel):
    """A scenario with changes."""

    scenario: str | None = Field(None, description="A shipped scenario; h200-truce if none.")
    changes: list[str] | None = Field(None, alias="set", description="KEY=VALUE, as after --set; repeatable.")
    paths: str | None = Field(None, description="How many futures.")
    seed: str | None = Field(None, description="Seed of all draws; the scenario's if none.")
    months: str | None = Field(None, description="How many months; the scenario's if none.")


# For the interface's description; the setting itself is read as the pages read it, with every fault at once.
Asked = Annotated[Setting, Query()]


class ScenarioRow(BaseModel):
    """A shipped scenario."""

    name: str
    title: str
    why: str
    known_by: str
    months: int
    paths: int
    seed: int


@router.get("/scenarios")
async def scenarios() -> list[ScenarioRow]:
    """The shipped scenarios."""
    return [_row(name) for name in shipped_scenarios()]


@router.get("/run", responses=AT_ONCE, response_class=Response)
async def run_document(request: Request, asked: Asked) -> Response:
    """The document of `dualtrack run --json`: the same numbers."""
    state = _state(request)
    made = await answered(request, f"run {state.digest()}", run, state, patient=True)
    return Response(made, media_type="application/json")


@router.get("/explore", responses=AT_ONCE, response_class=Response)
async def explore_document(request: Request, asked: Asked) -> Response:
    """The figures of the Explore page as Vega-Lite documents, its key numbers, and the command and file of the run."""
    state = _state(request)
    made = await answered(request, f"explore {state.digest()}", explore, state, patient=True)
    return Response(made, media_type="application/json")


@router.post("/files", responses=AT_ONCE, status_code=202)
async def make_files(request: Request, asked: Asked) -> TaskState:
    """Make the files of `dualtrack run --out`; the task tells how far it is, and has them at its end."""
    state = reading_of(request).checked()
    return task_state(start_files(request, state))


def _state(request: Request) -> State:
    limits = service_of(request).limits
    state = with_paths(reading_of(request).checked(), limits)
    if state.run_paths > limits.answer_paths:
        raise TooLarge(
            f"{state.run_paths:,} paths are more than an answer at once may have, {limits.answer_paths:,}. Ask for fewer, or for "
            f"files (POST /api/v1/files), which may have {limits.most_paths:,}."
        )
    return state


def _row(name: str) -> ScenarioRow:
    found = base_scenario(name)
    return ScenarioRow(
        name=name,
        title=found.title,
        why=found.why,
        known_by=found.known_by.isoformat(),
        months=found.months,
        paths=found.paths,
        seed=found.seed,
    )
