"""Studies by the interface: comparisons and claims, as long tasks whose results are the documents of the commands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from dualtrack.commands.claiming import PATHS
from dualtrack.scenarios.scenario import DEFAULT, MOST_MONTHS, MOST_PATHS
from dualtrack.settings.state import FREE, read_query
from dualtrack.study.sides import MOST_SIDES
from dualtrack.web.api.tasks import TaskState, task_state
from dualtrack.web.api.told import refusals
from dualtrack.web.comparison import LETTERS, OUTCOME, read_comparison
from dualtrack.web.jobs.claims import OwnClaims
from dualtrack.web.reading import state_limits
from dualtrack.web.requests import service_of
from dualtrack.web.service.faults import TooLarge
from dualtrack.web.studies import start_claims, start_compare

router = APIRouter(tags=["studies"])

STARTED = refusals(400, 403, 413, 422, 429, 503)
FILE = "claims.yaml"

Words = Annotated[str, Field(max_length=200)]
Whole = Annotated[int, Field(strict=True)]  # Python takes false for 0


class Setting(BaseModel):
    """A shipped scenario with changes."""

    model_config = ConfigDict(extra="forbid")

    scenario: Words = DEFAULT
    set: list[Words] = Field(default=[], max_length=100, description="KEY=VALUE, as after --set.")


class RunOptions(BaseModel):
    """What all runs of a study share."""

    model_config = ConfigDict(extra="forbid")

    paths: Whole | None = Field(default=None, ge=1, le=MOST_PATHS, description="How many futures.")
    seed: Whole | None = Field(default=None, ge=0, lt=2**63, description="The scenario's if none.")
    months: Whole | None = Field(default=None, ge=1, le=MOST_MONTHS, description="The scenario's if none.")

    def query(self) -> dict[str, list[str]]:
        """As an address has them."""
        given = {"paths": self.paths, "seed": self.seed, "months": self.months}
        return {name: [str(value)] for name, value in given.items() if value is not None}


class CompareRequest(RunOptions):
    """What is to be compared, path by path: each setting with the last."""

    sides: list[Setting] = Field(min_length=2, max_length=MOST_SIDES, description="The base last.")
    outcomes: list[Words] = Field(
        default=[], max_length=100, description="NAME or NAME@PERIOD; the headline outcomes if none."
    )


class ClaimsRequest(RunOptions, Setting):
    """The setting that claims are judged on, and the claims."""

    claims: str | None = Field(
        default=None, description="A YAML file of claims, as its text; those of the press if none."
    )


@router.post("/compare", responses=STARTED, status_code=202)
async def compare(request: Request, asked: CompareRequest) -> TaskState:
    """Compare settings over the same futures; the task's result is the document of `dualtrack compare --json`."""
    letters = LETTERS[: len(asked.sides)]
    query = {**asked.query(), OUTCOME: asked.outcomes}
    for letter, side in zip(letters, asked.sides, strict=True):
        query |= {f"{letter}.scenario": [side.scenario], f"{letter}.{FREE}": side.set}
    usual = service_of(request).limits.fine_paths
    reading = read_comparison(query, state_limits(request), usual, letters)
    return task_state(start_compare(request, reading.checked()))


@router.post("/claims", responses=STARTED, status_code=202)
async def claims(request: Request, asked: ClaimsRequest) -> TaskState:
    """Judge claims on a setting; the task's result is the document of `dualtrack claims --json`."""
    query = {"paths": [str(PATHS)], **asked.query(), "scenario": [asked.scenario], FREE: asked.set}
    state = read_query(query, state_limits(request)).checked()
    own = None
    if asked.claims is not None:
        own = OwnClaims(FILE, asked.claims.encode())
        most = service_of(request).limits.claims_bytes
        if len(own.text) > most:
            raise TooLarge(
                f"The claims are larger than {most // 1000:,} kB, the most that is judged here. Send fewer."
            )
        await run_in_threadpool(own.read)
    return task_state(start_claims(request, state, own))
