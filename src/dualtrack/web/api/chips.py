"""The chips by the interface."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from dualtrack.web.api.reference import answer_of
from dualtrack.web.api.told import refusals
from dualtrack.web.jobs import chips as work

router = APIRouter(tags=["chips"])

ChipName = Annotated[str, Path(description="An id or an alias, whatever its case.", examples=["H200"])]
On = Annotated[
    str | None,
    Query(description="The day whose law is asked; the last known if none.", examples=["2025-06-01"]),
]


class Precision(BaseModel):
    """One precision taken alone."""

    model_config = ConfigDict(extra="forbid")

    tpp: float
    review_window: bool | None


class NearLine(BaseModel):
    """A threshold that alone, were it crossed, would change the classification."""

    model_config = ConfigDict(extra="forbid")

    parameter: str
    field: str
    line: float
    seen: float
    margin: float = Field(description="What the chip has less the line.")
    changes: list[str]


class ChipSource(BaseModel):
    """Where figures of a chip are from."""

    model_config = ConfigDict(extra="forbid")

    fields: list[str]
    publisher: str
    title: str
    address: str | None
    published: str | None
    confidence: str


class Classified(BaseModel):
    """A chip against every threshold of a day. null: not in force, or not known; `undetermined` names the second kind."""

    model_config = ConfigDict(extra="forbid")

    chip: str
    name: str
    vendor: str
    country: str
    announced: str | None
    known_by: str
    on: str = Field(description="The day asked about.")
    law_on: str = Field(description="The last day up to it whose law is known.")
    note: str
    tpp: float | None
    tpp_range: list[float] | None
    set_by: str | None
    performance_density: float | None = Field(description="TPP per mm² of die.")
    density_range: list[float] | None
    memory_bandwidth_gbps: float | None
    interconnect_gbps: float | None = Field(description="Both directions summed.")
    outcome: str | None = Field(
        description="Of the US rules for an order to the mainland with nothing against it; null for a chip made in China."
    )
    eccn: str | None
    exception_nac: bool | None
    review_window: bool | None
    us_availability: bool | None
    window_margin: dict[str, float | None] = Field(description="To spare under each ceiling of the window.")
    tariff_band: int | None
    letter_2025: bool | None
    by_precision: dict[str, Precision]
    undetermined: dict[str, list[str]]
    lines: list[NearLine]
    estimated: list[str]
    sources: list[ChipSource]


@router.get("/chips", response_model=list[Classified], responses=refusals(403, 422, 429, 503, 504))
async def chips(request: Request, on: On = None) -> Response:
    """Every chip of the catalogue, as `dualtrack classify --json` prints them."""
    return await answer_of(request, ("on",), work.chips)


@router.get("/chips/{id}", response_model=Classified, responses=refusals(403, 404, 422, 429, 503, 504))
async def chip(request: Request, id: ChipName, on: On = None) -> Response:
    """One chip, as `dualtrack classify CHIP --json` prints it."""
    return await answer_of(request, ("on",), work.chip, id)
