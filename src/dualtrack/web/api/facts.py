"""The fact book by the interface."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from dualtrack.web.api.reference import answer_of
from dualtrack.web.api.told import refusals
from dualtrack.web.asked import LONGEST_QUERY
from dualtrack.web.jobs import facts as work

router = APIRouter(tags=["facts"])

FactName = Annotated[str, Path(description="The id of a fact.", examples=["nvidia.inventory.h200.2025_12"])]
Words = Annotated[
    str | None,
    Query(
        alias="q",
        max_length=LONGEST_QUERY,
        description="Words that all stand in its id, meaning, publisher or note.",
        examples=["h200 inventory"],
    ),
]
KnownBy = Annotated[
    str | None,
    Query(description="Show what was known on this day; all that is known if none.", examples=["2025-12-31"]),
]


class SourceOfFact(BaseModel):
    """Who published it, where and when."""

    model_config = ConfigDict(extra="forbid")

    id: str
    publisher: str
    title: str
    address: str | None
    published: str | None
    seen: str | None
    also: list[str]


class FactEntry(BaseModel):
    """A fact: a `value`, or a range `low`, `mid`, `high` (10th, 50th and 90th percentile)."""

    model_config = ConfigDict(extra="forbid")

    id: str
    what: str
    unit: str
    value: Any = None
    low: float | None = None
    mid: float | None = None
    high: float | None = None
    on: str = Field(description="The time it is about.")
    known_by: str
    known_by_basis: str | None
    hindsight: bool = Field(description="A later estimate of a state: it may set a starting stock only.")
    source: SourceOfFact
    confidence: str
    note: str | None
    rests_on: list[str]
    details: dict[str, Any]


class Version(BaseModel):
    """Another version, period or publisher in short."""

    model_config = ConfigDict(extra="forbid")

    id: str
    period: str
    unit: str
    value: Any = None
    low: float | None = None
    high: float | None = None
    known_by: str
    publisher: str


class Cited(FactEntry):
    """Everything about a fact."""

    file: str
    line: int | None
    versions: list[Version]
    series: list[Version] = Field(description="The same quantity in other periods.")
    conflicts: list[Version] = Field(description="What other publishers say of the same.")
    used_by: list[str] = Field(description="Places in the package's data that name it.")


@router.get("/facts", response_model=list[FactEntry], responses=refusals(403, 422, 429, 503, 504))
async def facts(request: Request, words: Words = None, known_by: KnownBy = None) -> Response:
    """Facts with all the words, the closest first, as `dualtrack facts --json` prints them; all of them without words."""
    return await answer_of(request, ("q", "known_by"), work.facts)


@router.get("/facts/{id}", response_model=Cited, responses=refusals(403, 404, 422, 429, 503, 504))
async def fact(request: Request, id: FactName, known_by: KnownBy = None) -> Response:
    """Everything about one fact, as `dualtrack cite FACT --json` prints it."""
    return await answer_of(request, ("known_by",), work.fact, id)
