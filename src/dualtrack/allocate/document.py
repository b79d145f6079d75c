"""An allocation as plain data: what `dualtrack allocate --json` prints, and what tables and charts are made from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from dualtrack.allocate.allocation import Allocation, Served
from dualtrack.allocate.book import FloatArray
from dualtrack.allocate.conflicts import AllocationConflict
from dualtrack.allocate.explain import Binding, ShadowPrice
from dualtrack.allocate.problem import Problem
from dualtrack.facts.book import FactBook
from dualtrack.facts.cite import source_row

Document = dict[str, Any]

# Solvers leave dust beside whole numbers: so much, and so much relative to the number.
DUST: Final = 1e-4
RELATIVE_DUST: Final = 1e-9
DIGITS: Final = 9


def allocation_document(
    problem: Problem, allocations: Mapping[Any, Allocation], policy: str, facts: FactBook
) -> Document:
    """Everything that is said about one allocation, with the other policies beside it.

    Args:
        allocations: By name of the policy; that of `policy` is the one asked for.
    """
    chosen = allocations[policy]
    units = tidy(chosen.units)
    return {
        "on": problem.on.isoformat(),
        "law_on": problem.law_on.isoformat(),
        "known_by": facts.last_date.isoformat(),
        "policy": chosen.policy,
        "level": chosen.level,
        "lot": chosen.lot,
        "gap": chosen.gap,
        "prices_of_relaxation": chosen.prices_of_relaxation,
        "whole_units": bool((units == np.round(units)).all()),
        "tie_break": chosen.tie_break,
        "objective": _objective(chosen),
        "units": _number(units.sum()),
        "usd": _number(chosen.usd),
        "h100e": _number(chosen.h100e),
        "months": list(chosen.months),
        "allocation": _rows(problem, units),
        "served": {served.buyer: _figure(served.share) for served in chosen.served},
        "buyers": {served.buyer: _buyer(problem, served, units) for served in chosen.served},
        "chips": _chips(problem, units),
        "binding": {served.buyer: [_binding(one) for one in served.binding] for served in chosen.served},
        "shadow_prices": _prices(problem, chosen),
        "domestic_due": {served.buyer: _domestic(served) for served in chosen.served},
        "fairness": {"jain": _figure(chosen.jain), "least_share": _figure(chosen.least_share)},
        "policies": {str(name): _beside(other) for name, other in allocations.items()},
        "barred": dict(chosen.barred),
        "not_published": dict(chosen.not_published),
        "given": [
            {"key": one.key, "value": one.value, "fact": one.fact, "assumption": one.assumption, "by": one.by}
            for one in problem.given
        ],
        "notes": list(dict.fromkeys((*problem.notes, *chosen.notes))),
        "seconds": chosen.seconds,
        "sources": [source_row(facts.get(name)) for name in problem.facts],
    }


def conflict_document(problem: Problem, conflict: AllocationConflict) -> Document:
    """What contradicts each other where the promises cannot all be kept."""
    names = ("kind", "name", "buyer", "chip", "month", "amount", "line", "text")
    return {
        "on": problem.on.isoformat(),
        "feasible": False,
        "conflict": [{name: getattr(clash, name) for name in names} for clash in conflict.clashes],
    }


def tidy(units: FloatArray) -> FloatArray:
    """Units without the dust that a solver leaves: whole where they are nearly so, zero where nearly nothing."""
    whole = np.round(units)
    close = np.abs(units - whole) <= DUST + RELATIVE_DUST * np.abs(whole)
    return np.where(close, whole, units)


def _rows(problem: Problem, units: FloatArray) -> list[dict[str, Any]]:
    book, months = problem.book, problem.stock.months
    return [
        {
            "order": book.order_ids[order],
            "buyer": book.buyers[book.buyer[order]],
            "chip": book.chips[book.chip[order]].id,
            "month": months[month],
            "units": _number(units[order, month]),
        }
        for order, month in np.argwhere(units > 0).tolist()
    ]


def _buyer(problem: Problem, served: Served, units: FloatArray) -> dict[str, Any]:
    book = problem.book
    mine = np.array(book.buyer) == book.buyers.index(served.buyer)
    is_barred = np.array([rule is not None for rule in book.barred])
    by_chip = {}
    for place, chip in enumerate(book.chips):
        here = mine & (book.chip == place)
        if here.any():
            by_chip[chip.id] = {
                "asked": _number(book.units[here].sum()),
                "barred": _number(book.units[here & is_barred].sum()),
                "units": _number(units[here].sum()),
            }
    return {
        "name": problem.buyers[book.buyers.index(served.buyer)].name,
        "asked": _number(served.asked),
        "barred": _number(served.barred),
        "units": _number(served.units),
        "share": _figure(served.share),
        "usd": _number(served.usd),
        "h100e": _number(served.h100e),
        "by_chip": by_chip,
    }


def _chips(problem: Problem, units: FloatArray) -> dict[str, Any]:
    book, stock = problem.book, problem.stock
    arrivals = stock.arrivals(book.chips)
    found = {}
    for place, chip in enumerate(book.chips):
        here = book.chip == place
        found[chip.id] = {
            "name": chip.name,
            "asked": _number(book.units[here].sum()),
            "stock": {
                month: _number(arrived)
                for month, arrived in zip(stock.months, arrivals[place].tolist(), strict=True)
                if arrived
            },
            "units": _number(units[here].sum()),
            "left_over": _number(max(arrivals[place].sum() - units[here].sum(), 0.0)),
        }
    return found


def _binding(binding: Binding) -> dict[str, Any]:
    return {
        "kind": binding.kind,
        "name": binding.name,
        "chip": binding.chip,
        "months": list(binding.months),
        "units": _number(binding.units),
    }


def _prices(problem: Problem, chosen: Allocation) -> dict[str, Any]:
    """Prices by rule: the greatest of its places first, and each place where it counts."""
    found: dict[str, Any] = {}
    words = {limit.id: limit.what for limit in problem.rulebook.limits}
    for price in sorted(chosen.shadow_prices, key=lambda one: -one.price):
        entry = found.setdefault(
            price.name,
            {
                "kind": price.kind,
                "what": words.get(price.name, "units in stock" if price.kind == "stock" else ""),
                "unit": price.unit,
                "price": _figure(price.price),
                "places": [],
            },
        )
        entry["places"].append(_price(price))
    return found


def _price(price: ShadowPrice) -> dict[str, Any]:
    return {
        "buyer": price.buyer,
        "chip": price.chip,
        "unit": price.unit,
        "price": _figure(price.price),
        "by_month": {month: _figure(value) for month, value in price.by_month.items()},
        "room": _number(price.room),
        "used": _number(price.used),
        "per_domestic_chip": _figure(price.per_domestic_chip),
    }


def _domestic(served: Served) -> dict[str, Any]:
    due, bought = served.domestic_due, served.domestic_bought
    return {
        "due": _number(due),
        "bought": _number(bought),
        "missing": None if due is None else _number(max(due - bought, 0.0)),
    }


def _beside(other: Allocation) -> dict[str, Any]:
    return {
        "objective": _objective(other),
        "units": _number(tidy(other.units).sum()),
        "usd": _number(other.usd),
        "h100e": _number(other.h100e),
        "served": {served.buyer: _figure(served.share) for served in other.served},
        "jain": _figure(other.jain),
        "least_share": _figure(other.least_share),
        "gap": other.gap,
    }


def _objective(chosen: Allocation) -> dict[str, Any]:
    shown = _figure if chosen.objective.unit == "share" else _number
    return {
        "name": chosen.objective.name,
        "value": shown(chosen.objective.value),
        "unit": chosen.objective.unit,
    }


def _number(value: Any) -> float | int | None:
    """An amount as JSON has it: whole where it nearly is, None where there is none or no bound."""
    if value is None or not math.isfinite(value):
        return None
    number = float(value)
    whole = round(number)
    return whole if abs(number - whole) <= DUST + RELATIVE_DUST * abs(whole) else number


def _figure(value: Any) -> float | int | None:
    """A share or a price, to the digits that a solver settles; None where there is none."""
    if value is None or not math.isfinite(value):
        return None
    number = float(f"{float(value):.{DIGITS}g}")
    return int(number) if number == int(number) else number
