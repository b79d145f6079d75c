"""The rules and limits by the interface."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from dualtrack.web.api.reference import SourceRow, answer_of
from dualtrack.web.api.told import refusals
from dualtrack.web.asked import LONGEST_QUERY
from dualtrack.web.jobs import rules as work

router = APIRouter(tags=["rules"])

RuleName = Annotated[
    str, Path(description="The id of a rule or limit.", examples=["us.control.presumption_of_denial"])
]
Words = Annotated[
    str | None,
    Query(
        alias="q",
        max_length=LONGEST_QUERY,
        description="Words that all stand in its id, sentence, parameters or sources.",
        examples=["presumption denial"],
    ),
]
KnownBy = Annotated[
    str | None,
    Query(
        description="Show the law as it was known on this day; all that is known if none.",
        examples=["2025-12-31"],
    ),
]


class PeriodOfLaw(BaseModel):
    """Days, the last included; `to` null: until further notice."""

    model_config = ConfigDict(extra="forbid")

    first: str = Field(alias="from")
    last: str | None = Field(alias="to")


class RuleRow(BaseModel):
    """A rule or limit in short; `in_force` is empty where the state of a gate decides it."""

    model_config = ConfigDict(extra="forbid")

    id: str
    kind: Literal["rule", "limit"]
    subject: str
    outcome: str | None
    sentence: str
    in_force: list[PeriodOfLaw]
    citation: str


class DatedValue(PeriodOfLaw):
    """A value of a parameter; null: no limit."""

    value: float | None
    facts: list[str]
    confidence: str
    assumption: str | None


class ParameterOfRule(BaseModel):
    """A number of a rule with its history."""

    model_config = ConfigDict(extra="forbid")

    id: str
    what: str
    unit: str
    before: float | None
    history: list[DatedValue]
    unpublished: str | None = Field(description="Why no value is known, where none was ever published.")


class AmendedBy(BaseModel):
    """A state of a gate, a scenario or a key that changes a parameter."""

    model_config = ConfigDict(extra="forbid")

    by: str
    parameter: str
    how: str


class Explained(BaseModel):
    """A rule (with `outcome`, `lies_over`, `steps`) or a limit (with `what`, `scope`, `per`) in full."""

    model_config = ConfigDict(extra="forbid")

    id: str
    kind: Literal["rule", "limit"]
    subject: str
    outcome: str | None = None
    lies_over: bool | None = None
    what: str | None = None
    scope: Literal["total", "buyer"] | None = None
    per: Literal["cumulative", "month"] | None = None
    sentence: str
    as_of: str = Field(description="The day whose numbers the sentence quotes.")
    steps: list[str] | None = None
    in_force: list[PeriodOfLaw]
    citation: str
    parameters: list[ParameterOfRule]
    amended_by: list[AmendedBy]
    sources: list[SourceRow]
    example: dict[str, Any] | None


@router.get("/rules", response_model=list[RuleRow], responses=refusals(403, 422, 429, 503, 504))
async def rules(request: Request, words: Words = None, known_by: KnownBy = None) -> Response:
    """The rules and limits in short, as `dualtrack explain --json` prints them."""
    return await answer_of(request, ("q", "known_by"), work.rules)


@router.get("/rules/{id}", response_model=Explained, responses=refusals(403, 404, 422, 429, 503, 504))
async def rule(request: Request, id: RuleName, known_by: KnownBy = None) -> Response:
    """One rule or limit in full, as `dualtrack explain RULE --json` prints it."""
    return await answer_of(request, ("known_by",), work.rule, id)
