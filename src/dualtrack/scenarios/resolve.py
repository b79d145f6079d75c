"""From an entry of a key or scenario file, or the text of a `--set`, to a value that can be drawn."""

from __future__ import annotations

import math
from datetime import date
from typing import cast

from dualtrack.entities import find_chip
from dualtrack.errors import ScenarioFault, nearest
from dualtrack.facts.book import Fact, FactBook
from dualtrack.facts.ranges import FAMILIES, Family, Range, choose_family
from dualtrack.months import parse_month
from dualtrack.scenarios.keys import PROBABILITY_UNITS, Key, ValueEntry
from dualtrack.scenarios.specs import Alternatives, Fixed, Months, Origin, Spec, Spread, Trials

COUNTED = -1.0  # stands for "counted from the events"; no rate is below zero
COMMAND_LINE = "set on the command line"

_SWITCH = {"true": 1.0, "yes": 1.0, "on": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "off": 0.0, "0": 0.0}


def resolve(key: Key, entry: ValueEntry, book: FactBook, known_by: date) -> Spec:
    """The value of a key as an entry gives it, with facts as they were known on `known_by`.

    Raises:
        DualtrackError: A fact is unknown or not yet known, or a value does not fit the key.
    """
    origin = _origin(key, entry, book, known_by)
    if entry.alternatives is not None:
        parts = [resolve(key, part, book, known_by) for part in entry.alternatives]
        plain = [part for part in parts if not isinstance(part, Alternatives)]
        weights = tuple(part.weight for part in entry.alternatives)
        if len(plain) < len(parts) or min(weights) < 0.0 or sum(weights) <= 0.0:
            raise ScenarioFault("alternatives want weights of zero or more, not all zero, and no nesting.")
        return Alternatives(tuple(plain), weights, tuple(part.name for part in entry.alternatives), origin)
    if entry.trials is not None:
        return _trials(key, entry, origin, book, known_by)
    if entry.fact is not None:
        return _from_fact(key, entry, origin, book, known_by)
    if entry.range is not None:
        return _from_range(key, entry, origin)
    return Fixed(_number(key, entry.value), origin)


def resolve_text(key: Key, text: str) -> Spec:
    """The value of a `--set KEY=VALUE` as typed: a number, low:mid:high, a month, months, a name."""
    origin = Origin(assumption=COMMAND_LINE)
    text = text.strip()
    if key.kind == "month" and ".." in text:
        first, last = (parse_month(part) for part in text.split("..", 1))
        return _months(first, last, origin)
    if key.kind in ("number", "integer") and ":" in text:
        parts = text.split(":")
        if len(parts) != 3:
            raise ScenarioFault(f"{text!r} is not a range. Wanted: low:mid:high, for example 0.3:1:2.5.")
        if key.kind == "integer":
            raise ScenarioFault(f"{text!r} is a range; {key.id} wants one whole number.")
        return _spread(key, [_float(part) for part in parts], None, origin)
    return Fixed(_number(key, text), origin)


def _origin(key: Key, entry: ValueEntry, book: FactBook, known_by: date) -> Origin:
    named = [entry.fact] if entry.fact else []
    trials = [name for case in entry.trials or [] for name in case.facts()]
    names = tuple(dict.fromkeys([*named, *trials, *entry.facts, *entry.basis]))
    facts = [_fact(key, name, book, known_by) for name in names]
    return Origin(names, entry.assumption, entry.note, facts[0].confidence if entry.fact else None)


def _fact(key: Key, name: str, book: FactBook, known_by: date) -> Fact:
    return book.get(name, known_by, allow_hindsight=key.entry.opening)


def _from_fact(key: Key, entry: ValueEntry, origin: Origin, book: FactBook, known_by: date) -> Spec:
    assert entry.fact is not None
    fact = _fact(key, entry.fact, book, known_by)
    if fact.low is None or entry.middle:
        value = fact.number * entry.scale
        _check_bounds(key, [value])
        return Fixed(value, origin)
    points = [number * entry.scale for number in (fact.low, fact.number, fact.high or fact.number)]
    return _spread(key, points, entry.family, origin)


def _from_range(key: Key, entry: ValueEntry, origin: Origin) -> Spec:
    assert entry.range is not None
    if key.kind == "month":
        if len(entry.range) != 2:
            raise ScenarioFault("a range of months wants two: the first and the last.")
        return _months(parse_month(str(entry.range[0])), parse_month(str(entry.range[1])), origin)
    if len(entry.range) != 3:
        raise ScenarioFault(f"a range wants three numbers, low, mid and high (seen: {entry.range}).")
    return _spread(key, [_float(point) * entry.scale for point in entry.range], entry.family, origin)


def _trials(key: Key, entry: ValueEntry, origin: Origin, book: FactBook, known_by: date) -> Trials:
    successes = failures = 0.0
    for case in entry.trials or []:
        got, of = (
            side if isinstance(side, float) else _fact(key, side, book, known_by).number
            for side in (case.got, case.of)
        )
        if of <= 0.0 or got < 0.0 or case.weight < 0.0:
            raise ScenarioFault(
                f"a trial wants something possible and no negative number (seen: got {got:g} of {of:g})."
            )
        share = min(got / of, 1.0)
        successes += case.weight * share
        failures += case.weight * (1.0 - share)
    return Trials(successes, failures, origin)


def _spread(key: Key, points: list[float], family: str | None, origin: Origin) -> Spec:
    low, mid, high = points
    if not low <= mid <= high:
        raise ScenarioFault(f"low, mid and high are out of order (seen: {low:g}, {mid:g}, {high:g}).")
    _check_bounds(key, points)
    if low == high:
        return Fixed(mid, origin)
    floor, ceiling = key.bounds if key.bounds else (-math.inf, math.inf)
    chosen = family or choose_family(low, mid, high, key.entry.unit)
    if chosen not in FAMILIES:
        raise ScenarioFault(f"there is no family {chosen!r}. Wanted: {', '.join(FAMILIES)}.")
    return Spread(Range(low, mid, high, cast(Family, chosen), floor=floor, ceiling=ceiling), origin)


def _months(first: int, last: int, origin: Origin) -> Spec:
    if last < first:
        raise ScenarioFault("the last month comes before the first.")
    return Months(first, last, origin)


def _number(key: Key, value: float | bool | str | None) -> float:
    text = str(value).strip()
    if key.kind == "choice":
        if text not in key.entry.options:
            wanted = ", ".join(key.entry.options)
            raise ScenarioFault(f"{text!r} is not one of {wanted}.{nearest(text, key.entry.options)}")
        return float(key.entry.options.index(text))
    if key.kind == "switch":
        if text.lower() not in _SWITCH:
            raise ScenarioFault(f"{text!r} is neither yes nor no.")
        return _SWITCH[text.lower()]
    if key.kind == "month":
        return math.nan if text.lower() == "none" else float(parse_month(text))
    if key.entry.counted and text.lower() == "counted":
        return COUNTED
    if key.kind == "chip":
        find_chip(text)
        return math.nan
    number = _float(text)
    if key.kind == "integer" and number != round(number):
        raise ScenarioFault(f"{text!r} is not a whole number.")
    _check_bounds(key, [number])
    return number


def _float(value: float | str) -> float:
    try:
        number = float(str(value).replace("_", ""))
    except ValueError:
        raise ScenarioFault(f"{value!r} is not a number.") from None
    if math.isnan(number):
        raise ScenarioFault(f"{value!r} is not a number.")
    return number


def _check_bounds(key: Key, points: list[float]) -> None:
    if key.bounds is None:
        return
    low, high = key.bounds
    outside = [point for point in points if not low <= point <= high]
    if outside:
        what = "a share or probability" if key.entry.unit in PROBABILITY_UNITS else f"in {key.entry.unit}"
        raise ScenarioFault(f"{outside[0]:g} is outside {low:g} to {high:g} ({what}).")
