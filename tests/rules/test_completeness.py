"""On every day on which anything changes, and on the day before, each order is reached by exactly one base rule.

Base rules are those not marked `overlay`: they share out all orders between them, without gap or overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from dualtrack.decide.declarations import declarable
from dualtrack.entities import load_buyers, load_chips
from dualtrack.rules import Environment, Rulebook, Span
from dualtrack.rules.fields import (
    DESTINATIONS,
    buyer_fields,
    chip_fields,
    chip_spans,
    destination_fields,
    end_use_fields,
)

SUBJECTS = ("us.export", "us.tariff", "us.arrangement", "china.import")
FIGURES = ("chip.tpp", "chip.performance_density", "chip.dram_bandwidth_gbps", "chip.interconnect_gbps")
# All declared no, all yes, half of them either way round.
FILLS = (0, 1, 2, 3)


@pytest.fixture(scope="module")
def days(rulebook: Rulebook) -> list[Any]:
    first = {*rulebook.dates, *(day - timedelta(days=1) for day in rulebook.dates)}
    return sorted(day for day in first if day >= rulebook.cover_from)


def filled(fill: int) -> dict[str, bool]:
    """An answer to everything that an order may declare."""
    return {name: bool(fill) if fill < 2 else (n + fill) % 2 == 0 for n, name in enumerate(declarable())}


def stacked(rows: Sequence[Mapping[str, Any]], places: np.ndarray) -> dict[str, Any]:
    """Fields of many orders from those of the things that they name; NaN where one is not known."""
    return {
        name: np.array([np.nan if row[name] is None else float(row[name]) for row in rows])[places]
        for name in rows[0]
    }


def stacked_spans(rows: Sequence[Mapping[str, Span]], places: np.ndarray) -> dict[str, Span]:
    return {
        name: Span(
            *(np.array([float(getattr(row[name], end)) for row in rows])[places] for end in Span._fields)
        )
        for name in rows[0]
    }


@cache
def places() -> tuple[np.ndarray, ...]:
    """For every order its chip, buyer, destination, state of the Chinese gate and way of declaring."""
    sizes = (len(load_chips()), len(load_buyers()), len(DESTINATIONS), 4, len(FILLS))
    return tuple(axis.ravel() for axis in np.indices(sizes))


@cache
def lasting_fields() -> dict[str, Any]:
    """What does not hang on the day."""
    chip, _, destination, gate, fill = places()
    return {
        **stacked([filled(n) for n in FILLS], fill),
        **stacked([chip_fields(item) for item in load_chips().values()], chip),
        **stacked_spans([chip_spans(item) for item in load_chips().values()], chip),
        **stacked([destination_fields(name) for name in DESTINATIONS], destination),
        # Only overlays read the end use.
        **end_use_fields("commercial"),
        "china.gate": gate,
    }


def orders(rulebook: Rulebook, day: Any) -> Environment:
    """Every chip, buyer, place, state of the Chinese gate and way of declaring, as one environment."""
    _, buyer, _, _, fill = places()
    bought = stacked([buyer_fields(item, day) for item in load_buyers()], buyer)
    said = stacked([filled(n) for n in FILLS], fill)
    # What the order declares lies over what is known of the buyer, save in the first way of declaring.
    bought |= {name: np.where(fill == 0, bought[name], said[name]) for name in bought if name in said}
    bought = {name: np.where(np.isnan(value), 0.0, value) for name, value in bought.items()}
    return Environment({**lasting_fields(), **bought}, rulebook.parameters_on(day))


def reached(rulebook: Rulebook, subject: str, environment: Environment) -> tuple[Any, Any]:
    """How many base rules reach each order for sure, and how many may."""
    bounds = [rule.bounds(environment) for rule in rulebook.rules_of(subject) if not rule.overlay]
    certain = sum(np.asarray(each.certain).astype(int) for each in bounds)
    return certain, sum(np.asarray(each.possible).astype(int) for each in bounds)


def where(bad: Any, day: Any) -> str:
    """The first order that is at fault, in words."""
    n = int(np.flatnonzero(np.broadcast_to(bad, places()[0].shape))[0])
    chip, buyer, destination, gate, fill = (int(axis[n]) for axis in places())
    named = (list(load_chips())[chip], load_buyers()[buyer].id, DESTINATIONS[destination])
    return f"{day}: {', '.join(named)}, gate {gate}, declaring {fill}"


def test_exactly_one_base_rule_reaches_every_order_of_the_catalogue(rulebook: Rulebook, days):
    """For sure where every figure of the chip is known; elsewhere no two for sure, and at least one that may."""
    spans = [chip_spans(chip).values() for chip in load_chips().values()]
    known = np.array([all(span.low == span.high for span in figures) for figures in spans])
    assert 20 < known.sum() < known.size
    chip_is_known = known[places()[0]]
    for day, subject in product(days, SUBJECTS):
        certain, possible = reached(rulebook, subject, orders(rulebook, day))
        assert (certain <= 1).all(), f"two rules of {subject} on {where(certain > 1, day)}"
        assert (possible >= 1).all(), f"no rule of {subject} on {where(possible < 1, day)}"
        open_ones = (possible > 1) & chip_is_known
        assert not open_ones.any(), f"{subject} is open on {where(open_ones, day)}"
        # Where one alone is left it holds for sure.
        settled = (possible > 1) | (certain == 1)
        assert settled.all(), f"one rule of {subject} left, and not for sure, on {where(~settled, day)}"


def around(rulebook: Rulebook, unit: str) -> list[float]:
    """Every threshold of a unit, and a value on each side of it."""
    steps = {"tpp": 0.5, "GB/s": 0.5, "tpp/mm2": 0.001}
    values = {
        entry.value
        for parameter in rulebook.parameters.values()
        if parameter.unit == unit
        for entry in parameter.history
    }
    return sorted({value + step for value in values for step in (-steps[unit], 0, steps[unit])})


def test_a_chip_on_either_side_of_every_threshold_is_reached_by_exactly_one(rulebook: Rulebook, days):
    rates, densities = around(rulebook, "tpp"), around(rulebook, "tpp/mm2")
    bandwidths = around(rulebook, "GB/s")
    assert min(len(rates), len(densities), len(bandwidths)) >= 9
    yes_no = [0.0, 1.0]
    axes = np.meshgrid(rates, densities, bandwidths, [399.0, 600.0], yes_no, yes_no)
    rate, density, memory, interconnect, centre, to_china = (axis.ravel() for axis in axes)
    chip = load_chips()["nvidia.h200_sxm"]
    fields = {
        **filled(1),
        **chip_fields(chip),
        **buyer_fields(load_buyers()[0], rulebook.dates[-1]),
        **end_use_fields("commercial"),
        **dict(zip(FIGURES, (rate, density, memory, interconnect), strict=True)),
        "chip.designed_for_data_centre": centre,
        "order.destination_is_china": to_china,
        "order.enters_mainland": to_china,
        "buyer.headquartered_in_d5": centre,
        "china.gate": 2,
    }
    for day, subject in product(days, SUBJECTS):
        environment = Environment(fields, rulebook.parameters_on(day))
        certain, possible = reached(rulebook, subject, environment)
        assert (certain == 1).all(), f"{subject} on {day}"
        assert (possible == 1).all(), f"{subject} on {day}"


def test_dates_are_those_on_which_a_number_changes(rulebook: Rulebook):
    """Between two of them the law stands still, so that they are all the days that need a test."""
    for day in rulebook.dates[1:]:
        before, on = (dict(rulebook.parameters_on(each)) for each in (day - timedelta(days=1), day))
        assert before != on, day
    for first, second in zip(rulebook.dates, rulebook.dates[1:], strict=False):
        last = second - timedelta(days=1)
        assert dict(rulebook.parameters_on(first)) == dict(rulebook.parameters_on(last))
