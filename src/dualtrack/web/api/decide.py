"""A decision by the interface: one order in, the document of `dualtrack decide --json` out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from dualtrack.decide.declarations import declarable, short_name
from dualtrack.web.api.reference import SourceRow
from dualtrack.web.api.told import refusals
from dualtrack.web.jobs.decide import decide_order
from dualtrack.web.orders import LONGEST, MOST_FIELDS, Question
from dualtrack.web.requests import answered

router = APIRouter(tags=["decide"])

Text = Annotated[str, Field(max_length=LONGEST)]
NAMES = ", ".join(short_name(field) for field in declarable())
DECLARED = f"What is left out is missing. Names: {NAMES}."


class _Order(BaseModel):
    """What is asked about an order, beside what it declares."""

    model_config = ConfigDict(extra="forbid")

    chip: Text = Field(description="Id or alias in the catalogue.", examples=["H200"])
    buyer: Text = Field(description="Id in the catalogue.", examples=["bytedance"])
    destination: Text | None = Field(
        None, description="mainland, hong-kong or offshore; mainland if not given."
    )
    end_use: Text | None = Field(
        None,
        description="commercial, research, government or military; by the class of the buyer if not given.",
    )
    on: Text | None = Field(None, description="Under the law of this day.", examples=["2026-01-31"])


class OrderQuery(_Order):
    """An order as an address holds it, in texts."""

    units: Text = Field(description="How many.", examples=["60000"])
    price: Text | None = Field(None, description="USD a unit; the catalogue's if not given.")
    us_units: Text | None = Field(
        None, description="Units of the product shipped for use in the United States."
    )
    ratio: Text | None = Field(None, description="Domestic chips per imported chip.")
    declare: list[Text] = Field(
        [],
        max_length=MOST_FIELDS,
        description=f"NAME=yes or NAME=no, repeated. {DECLARED}",
        examples=[["kyc=yes"]],
    )


class OrderBody(_Order):
    """An order as a document."""

    units: int = Field(description="How many.", examples=[60000])
    price: float | None = Field(None, description="USD a unit; the catalogue's if not given.")
    us_units: float | None = Field(
        None, description="Units of the product shipped for use in the United States."
    )
    ratio: float | None = Field(None, description="Domestic chips per imported chip.")
    declare: dict[Text, bool] = Field(
        {}, max_length=MOST_FIELDS, description=f"Answers by name. {DECLARED}", examples=[{"kyc": True}]
    )


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OrderRead(_Part):
    """The order as it was read."""

    chip: str
    chip_name: str
    buyer: str
    buyer_name: str
    units: int
    destination: str
    end_use: str
    price_usd: float | None
    declarations: dict[str, bool]


class Finding(_Part):
    """One condition of a rule, held against the order."""

    rule: str
    text: str
    holds: bool | None = Field(description="null: not declared, or not known.")
    seen: float | bool | None
    asked: float | bool | None
    margin: float | None = Field(description="How far from the line, on the side where the condition holds.")
    fields: list[str]
    citation: str
    confidence: str
    facts: list[str]


class Gate(_Part):
    """The answer of one government."""

    outcome: str
    rules: list[str]
    findings: list[Finding]
    missing: list[str]


class Together(_Part):
    """The answer of both gates and the limits."""

    outcome: str = Field(description="may_ship, needs or may_not_ship.")
    needs: list[str]


class Room(_Part):
    """Units that a limit leaves."""

    units: float | None = Field(description="null: unknown or without limit.")
    low: float | None
    high: float | None
    unlimited: bool
    fits: bool | None
    what: str
    basis: str
    citation: str
    facts: list[str]


class RevenueShare(_Part):
    rate: float | None
    due_usd: float | None


class Levy(_Part):
    """The duty."""

    outcome: str
    rate: float | None
    price_usd: float | None
    price_basis: str
    base_usd: float | None
    due_usd: float | None
    revenue_share: RevenueShare


class Points(_Part):
    low: float
    mid: float
    high: float


class DomesticDue(_Part):
    """Domestic chips to be bought for the order."""

    ratio: Points
    source: str
    domestic_chip: str
    units: Points | None
    spend: Points | None
    compute: Points | None


class DecisionDocument(_Part):
    """Everything that is said about one order."""

    on: str
    law_on: str
    known_by: str
    order: OrderRead
    us: Gate
    china: Gate
    together: Together
    headroom: dict[str, Room]
    levy: Levy
    domestic_due: DomesticDue
    what_would_change: list[str]
    notes: list[str]
    sources: list[SourceRow]


ANSWERS = {200: {"model": DecisionDocument}, **refusals(422, 429, 503, 504)}


@router.get("/decide", responses=ANSWERS, response_class=Response)
async def decide_address(request: Request, order: Annotated[OrderQuery, Query()]) -> Response:
    """Decide an order: outcome at each gate, findings, headroom, duty."""
    given = order.model_dump(exclude={"declare"}, exclude_none=True)
    names = [text.partition("=") for text in order.declare]
    return await _decided(request, Question(given, {name: answer for name, _, answer in names}))


@router.post(
    "/decide",
    responses={**ANSWERS, **refusals(403, 413)},
    response_class=Response,
)
async def decide_document(request: Request, order: OrderBody) -> Response:
    """Decide an order: outcome at each gate, findings, headroom, duty."""
    given = {
        name: str(value) for name, value in order.model_dump(exclude={"declare"}, exclude_none=True).items()
    }
    declared = {name: "yes" if answer else "no" for name, answer in order.declare.items()}
    return await _decided(request, Question(given, declared))


async def _decided(request: Request, question: Question) -> Response:
    made = await answered(request, question.key, decide_order, question.options, question.declarations)
    return Response(made, media_type="application/json")
