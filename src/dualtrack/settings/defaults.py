"""What a scenario has at each control: in words, as a position of the slider, and where it comes from."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualtrack.errors import DataFault
from dualtrack.facts.book import load_book
from dualtrack.facts.cite import source_row
from dualtrack.facts.events import gate_record
from dualtrack.futures.gates import rate_of
from dualtrack.months import month_label
from dualtrack.report.numbers import plain
from dualtrack.rules import load_rulebook
from dualtrack.rules.rulebook import Rulebook
from dualtrack.scenarios.keys import Key, load_keys
from dualtrack.scenarios.resolve import COUNTED
from dualtrack.scenarios.scenario import Scenario, origins
from dualtrack.scenarios.specs import Alternatives, Fixed, Months, Spec, Spread
from dualtrack.settings.controls import Control, Option, load_controls
from dualtrack.settings.values import NONE, SWITCH, number_text, set_text
from dualtrack.simulate.model import law_day

# Their two ends are the ends of the draws; of all others the 10th and the 90th percentile.
BOUNDED = ("uniform", "log_uniform", "triangular")
DRAWN = "80 % of draws"
# Enough that the median of weighted alternatives is found to a digit more than a slider shows.
DRAWS = (np.arange(1000) + 0.5) / 1000


@dataclass(frozen=True)
class Default:
    """What a scenario has at one control.

    Attributes:
        text: For a reader: `0.5 (80 % of draws from 0.3 to 0.7)`.
        value: What `--set` takes for the middle, None where there is none, as between names that are drawn.
        position: Where the slider stands, on its own scale; None for choices and switches, and for months that are none.
        is_drawn: Whether paths differ in it.
        sources: The facts it rests on, as `facts.cite.source_row` lists them.
        assumption: The reason, where it is no fact.
    """

    text: str
    value: str | None
    position: float | None
    is_drawn: bool
    sources: tuple[Mapping[str, Any], ...] = ()
    assumption: str | None = None


@dataclass(frozen=True)
class _Found:
    """A default before its place on the slider and its sources: the middle is a number of the key's own unit."""

    text: str
    value: str | None
    middle: float | None
    is_drawn: bool
    facts: Sequence[str]
    assumption: str | None


def defaults(scenario: Scenario) -> dict[str, Default]:
    """What the scenario has at each control, by key."""
    return {
        control.key: _default(control, scenario) for group in load_controls() for control in group.controls
    }


def _default(control: Control, scenario: Scenario) -> Default:
    key = load_keys()[control.key]
    spec = scenario.settings.get(key.id)
    found = _in_law(key, control, scenario) if spec is None else _in_scenario(key, control, spec, scenario)
    book = load_book()
    facts = [book.get(name, scenario.known_by, allow_hindsight=True) for name in found.facts]
    return Default(
        text=found.text,
        value=found.value,
        position=None if found.middle is None else control.position(found.middle),
        is_drawn=found.is_drawn,
        sources=tuple(source_row(fact) for fact in facts),
        assumption=found.assumption,
    )


@functools.cache
def _rulebook() -> Rulebook:
    return load_rulebook(load_book())


def _in_law(key: Key, control: Control, scenario: Scenario) -> _Found:
    """A key that the scenario leaves to the law: the parameter's value on the first day of the run."""
    parameter = _rulebook().parameters[str(key.entry.law)]
    day = law_day(scenario, 0)
    try:
        number = parameter.value_on(day)
    except DataFault:
        return _Found(
            "as the law says: no value in force", None, None, False, (), parameter.unpublished or None
        )
    dated = next((entry for entry in parameter.history if entry.covers(day)), None)
    facts, assumption = (dated.facts, dated.assumption or None) if dated else ((), None)
    if key.kind == "switch":
        value = SWITCH[0] if number else SWITCH[1]
        return _Found(
            f"as the law says: {_words(control.options, value)}", value, None, False, facts, assumption
        )
    if not np.isfinite(number):
        # No limit is in force; the slider stands at its loosest end.
        return _Found(f"as the law says: {NONE}", None, number, False, facts, assumption)
    return _Found(f"as the law says: {plain(number)}", number_text(number), number, False, facts, assumption)


def _in_scenario(key: Key, control: Control, spec: Spec, scenario: Scenario) -> _Found:
    found = origins(spec)
    facts = list(dict.fromkeys(fact for origin in found for fact in origin.facts))
    assumption = " ".join(dict.fromkeys(o.assumption for o in found if o.assumption)) or None
    text, middle = _text(key, control, spec, scenario), _middle(key, spec, scenario)
    # A counted rate is one word in the scenario, and another number on each path.
    is_drawn = spec.is_uncertain or (_is_counted(key, spec) and middle != 0.0)
    return _Found(text, _value(key, spec, middle, scenario), middle, is_drawn, facts, assumption)


def _value(key: Key, spec: Spec, middle: float | None, scenario: Scenario) -> str | None:
    if isinstance(spec, Fixed) or middle is None:
        return set_text(key, spec, scenario.chip.id)
    return month_label(int(middle)) if key.kind == "month" else number_text(float(f"{middle:.3g}"))


def _text(key: Key, control: Control, spec: Spec, scenario: Scenario) -> str:
    if isinstance(spec, Alternatives):
        return f"one of: {'; '.join(_alternatives(key, control, spec, scenario))}"
    if isinstance(spec, Months):
        return f"drawn from {month_label(spec.first)} to {month_label(spec.last)}"
    if isinstance(spec, Fixed):
        if _is_counted(key, spec):
            return f"{_spread(*_counted(key, scenario))}, counted from the events"
        if control.kind == "number":
            return plain(spec.value)
        return _words(control.options, str(set_text(key, spec, scenario.chip.id)))
    ends = "drawn" if isinstance(spec, Spread) and spec.range.family in BOUNDED else DRAWN
    return _spread(*_three_points(spec), ends=ends)


def _alternatives(key: Key, control: Control, spec: Alternatives, scenario: Scenario) -> list[str]:
    whole, alike = sum(spec.weights), len(set(spec.weights)) == 1
    said = []
    for part, weight, name in zip(spec.specs, spec.weights, spec.names, strict=True):
        text = _text(key, control, part, scenario)
        # The options of a choice have words of their own; of numbers the name says who reported which.
        named = f"{name}: {text}" if control.kind == "number" else text
        said.append(named if alike else f"{weight / whole:.0%} {named}")
    return said


def _spread(low: float, mid: float, high: float, ends: str = DRAWN) -> str:
    return plain(mid) if low == high else f"{plain(mid)} ({ends} from {plain(low)} to {plain(high)})"


def _three_points(spec: Spec) -> tuple[float, float, float]:
    if isinstance(spec, Spread):
        return spec.range.low, spec.range.mid, spec.range.high
    low, mid, high = spec.sample(np.array([0.1, 0.5, 0.9])).tolist()
    return low, mid, high


def _middle(key: Key, spec: Spec, scenario: Scenario) -> float | None:
    """The median; None of names, and of a month that is none."""
    if key.kind not in ("number", "integer", "month"):
        return None
    if isinstance(spec, Fixed):
        if _is_counted(key, spec):
            return _counted(key, scenario)[1]
        return None if np.isnan(spec.value) else spec.value
    if isinstance(spec, Spread):
        return spec.range.mid
    middle = float(np.median(spec.sample(DRAWS)))
    return float(int(middle)) if key.kind == "month" else middle


def _is_counted(key: Key, spec: Spec) -> bool:
    return key.entry.counted and isinstance(spec, Fixed) and spec.value == COUNTED


def _counted(key: Key, scenario: Scenario) -> tuple[float, float, float]:
    """The rate that the events give, times the scenario's factor on all of them: 10 %, 50 % and 90 %, to two digits."""
    gate, _, kind = key.id.partition(".hazard.")
    events, months = gate_record("us" if gate == "us" else "china", scenario.known_by).counted(kind)
    if months <= 0.0:
        return 0.0, 0.0, 0.0
    factor = load_keys()["gates.hazard_factor"]
    scale = _middle(factor, scenario.settings[factor.id], scenario)
    assert scale is not None
    rates = scale * rate_of(events, months, np.array([0.1, 0.5, 0.9]))
    low, mid, high = (float(f"{rate:.2g}") for rate in rates)
    return low, mid, high


def _words(options: Sequence[Option], value: str) -> str:
    return next((option.words for option in options if option.value == value), value)
