"""Measures of the fact book: what reports say, one over another, and days between events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np

from dualtrack.errors import DataFault, ScenarioFault
from dualtrack.facts.book import Fact, FactBook
from dualtrack.months import parse_date
from dualtrack.study.claims.entries import MeasureEntry
from dualtrack.study.claims.runs import CannotBeJudged, Ground, Plan
from dualtrack.study.claims.sample import Sample

# Points of a report's range, each standing for the same part of it.
POINTS = 100
_SCALES = {
    "usd_bn": ("usd", 1e9),
    "usd_mn": ("usd", 1e6),
    "usd_per_chip": ("usd", 1.0),
    "packages": ("units", 1.0),
    "cards": ("units", 1.0),
    "pct": ("fraction", 0.01),
    "pct_of_revenue": ("fraction", 0.01),
    "fraction_of_revenue": ("fraction", 1.0),
}


@dataclass(frozen=True)
class Reports:
    """What one or more reports say, each given the same weight; over other facts, or in days since one."""

    facts: tuple[str, ...]
    under: tuple[str, ...]
    since: str | None
    answers: ClassVar[str] = "number"

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> Reports:
        facts = tuple(entry.fact or ())
        for name in (*facts, *entry.over, *([entry.since] if entry.since else [])):
            plan.book.versions(name)
        if entry.over and entry.since:
            raise ScenarioFault("`over:` and `since:` exclude each other: leave one out")
        units = {_scale(plan.book.versions(name)[-1].unit)[0] for name in facts}
        if len(units) > 1:
            raise ScenarioFault(f"the reports are in {' and '.join(sorted(units))}: name those of one unit")
        return cls(facts, tuple(entry.over), entry.since)

    def evaluate(self, ground: Ground) -> Sample:
        found = [_known(ground, name) for name in self.facts]
        others = [_known(ground, name) for name in (*self.under, *([self.since] if self.since else []))]
        unit = _scale(found[0].unit)[0]
        if self.since:
            start = _day(others[0])
            values, unit = np.array([float((_day(fact) - start).days) for fact in found]), "days"
        else:
            values = np.concatenate([_points(fact) for fact in found])
        told = values[0] if self.since else float(np.median(values[:POINTS]))
        if self.under:
            below = [_points(fact) for fact in others]
            # Two ranges are taken to vary apart: every point of one with every point of the other.
            values = (values[:, None] / np.sum(below, axis=0)[None, :]).ravel()
            told = told / float(np.sum([np.median(points) for points in below]))
            unit = "ratio"
        what = found[0].what + (f" over {others[0].what}" if self.under else "")
        if self.since:
            what = f"days from {others[0].what} to {found[0].what}"
        return Sample(
            values,
            unit,
            "reports",
            what,
            tuple(fact.id for fact in (*found, *others)),
            told=float(told),
            notes=tuple(_conflicts(ground.book, found, ground.known_by)),
        )


def number_in(unit: str, ground: Ground, name: str) -> float:
    """A fact's number in the unit of an outcome.

    Raises:
        CannotBeJudged: The fact was not known yet, or is no number.
        ScenarioFault: Its unit is another.
    """
    fact = _known(ground, name)
    check_unit(ground.book, name, unit)
    return float(np.median(_points(fact)))


def check_unit(book: FactBook, name: str, unit: str) -> None:
    """Raise a ScenarioFault where a fact's unit is not that of an outcome."""
    there = book.versions(name)[-1].unit
    if _scale(there)[0] != unit:
        raise ScenarioFault(f"{name} is in {there}, which cannot be set against {unit}")


def _scale(unit: str) -> tuple[str, float]:
    return _SCALES.get(unit, (unit, 1.0))


def _known(ground: Ground, name: str) -> Fact:
    try:
        return ground.book.get(name, ground.known_by)
    except DataFault as error:
        raise CannotBeJudged(str(error).splitlines()[0].rstrip(".")) from None


def _points(fact: Fact) -> np.ndarray:
    """The fact's range as points of equal weight; a single value, as often."""
    if fact.value is None and not fact.is_range:
        raise CannotBeJudged(f"a published value of {fact.id} ({fact.what})")
    if not fact.is_numeric:
        raise CannotBeJudged(f"a number for {fact.id}: it says {fact.value!r}")
    scale = _scale(fact.unit)[1]
    return fact.range().quantile((np.arange(POINTS) + 0.5) / POINTS) * scale


def _day(fact: Fact) -> date:
    if isinstance(fact.value, date):
        return fact.value
    try:
        return parse_date(fact.value)
    except DataFault:
        raise CannotBeJudged(f"a day for {fact.id}: it says {fact.value!r}") from None


def _conflicts(book: FactBook, found: Sequence[Fact], known_by: date) -> list[str]:
    """Other numbers that publishers give for the same, which the author did not list."""
    named = {fact.id for fact in found}
    others = {
        other.id: other
        for fact in found
        if fact.is_numeric
        for other in book.conflicts(fact.id, known_by)
        if other.is_numeric and other.id not in named
    }
    if not others:
        return []
    said = ", ".join(f"{other.number:,.6g} {other.unit} ({other.id})" for other in others.values())
    return [f"Other reports of the same subject, not counted here: {said}."]
