"""A claims file as it is written, before anything in it is looked up."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from dualtrack.study.claims.verdicts import FAILS_AT, HOLDS_AT

ALL = "all"
FORBID = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _listed(value: Any) -> Any:
    """One name stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _run(value: Any) -> Any:
    """A scenario's name stands for the run that it makes."""
    return {"scenario": value} if isinstance(value, str) else value


def _answers(value: Any) -> Any:
    """The word `all` stands for every answer as it helps the order."""
    return {ALL: True} if value == ALL else value


def _text(value: Any) -> Any:
    """A number, a day or a month that YAML took for one, as it was written."""
    return value if value is None or isinstance(value, str | dict | list) else str(value)


Names = Annotated[list[str], BeforeValidator(_listed)]
Text = Annotated[str, BeforeValidator(_text)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class RunEntry(BaseModel):
    """A run beside the judged one: a scenario's settings, or changes, laid over it."""

    model_config = FORBID

    scenario: str | None = None
    set: dict[str, Text] = {}


Run = Annotated[RunEntry, BeforeValidator(_run)]
Answers = Annotated[dict[str, bool], BeforeValidator(_answers)]


class OrderEntry(BaseModel):
    """An order that the rules are asked about, and the states of both gates."""

    model_config = FORBID

    chip: str
    buyer: str
    units: int = Field(ge=1, le=10**12)
    destination: str = "mainland"
    end_use: str | None = None
    us_gate: str | None = None
    china_gate: str | None = None
    us_units: float | None = Field(default=None, ge=0)
    ratio: float | None = Field(default=None, ge=0)
    declare: Answers = {}
    except_: dict[str, bool] = Field(default={}, alias="except")


class MeasureEntry(BaseModel):
    """One thing that a statement is about. Exactly one of KINDS says what; a measure without a test is shown only."""

    model_config = FORBID

    name: str
    test: Text | None = None
    because: str | None = None
    rests_on: Names = []
    holds_at: Share | None = None
    fails_at: Share | None = None

    outcome: Names | None = None
    first: str | None = None
    event: str | None = None
    stake: str | None = None
    months_gained: str | None = None
    input: str | None = None
    chips: list[str] | None = None
    fact: Names | None = None
    decide: OrderEntry | None = None
    parameter: str | None = None
    missing: str | None = None

    less: Names = []
    buyers: Names = []
    over: Names = []
    of: Run | None = None
    against: Run | None = None
    as_: Literal["difference", "ratio", "change"] | None = Field(default=None, alias="as")
    exceeds: str | None = None
    window: int = Field(default=1, ge=1, le=60)
    after: str | None = None
    revocation: Text | None = None
    gate: Literal["us", "china"] = "us"
    by: str | None = None
    since: str | None = None
    read: Literal["together", "us", "china", "levy_rate"] = "together"


class ClaimEntry(BaseModel):
    """One statement."""

    model_config = FORBID

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    statement: str
    about: list[MeasureEntry] = Field(min_length=1)
    because: str | None = None
    rests_on: Names = []
    holds_at: Share | None = None
    fails_at: Share | None = None
    note: str | None = None


class ClaimsEntry(BaseModel):
    """A claims file."""

    model_config = FORBID

    title: str
    about: str = ""
    source: str | None = None
    scenario: str | None = None
    holds_at: Share = HOLDS_AT
    fails_at: Share = FAILS_AT
    claims: list[ClaimEntry] = Field(min_length=1)


# What may stand beside each kind of measure.
COMMON = ("name", "test", "because", "rests_on", "holds_at", "fails_at")
KINDS = {
    "outcome": ("less", "buyers", "over", "of", "against", "as_"),
    "first": ("exceeds", "window", "of", "against"),
    "event": ("by", "after", "of"),
    "stake": ("revocation", "gate", "over", "of"),
    "months_gained": ("of", "against"),
    "input": ("over", "of"),
    "chips": ("by",),
    "fact": ("over", "since"),
    "decide": ("read",),
    "parameter": (),
    "missing": (),
}
