"""How many units still fit under each limit, for the order's chip and buyer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from dualtrack.decide.ledger import Ledger
from dualtrack.decide.question import Law
from dualtrack.entities import Order
from dualtrack.facts.book import FactBook
from dualtrack.rules import Environment, Limit

# The press estimate is of the ceiling for H200, so the units in the United States are that over the share of one half.
US_CEILING_FACT: Final = "export.rule_2026_01.volume_cap_units_est"
US_CEILING_CHIP: Final = "nvidia.h200_sxm"
BATCH_FACT: Final = "import.h200.first_batch"
BATCH_FROM: Final = date(2026, 1, 28)


@dataclass(frozen=True)
class Headroom:
    """Units that still fit under one limit.

    Attributes:
        units: Middle figure; infinite where nothing bounds it, None where it is not known.
        low, high: Where it rests on an estimate.
        basis: What was counted, or why it is not known.
    """

    limit: Limit
    units: float | None
    low: float | None
    high: float | None
    basis: str

    def fits(self, units: float) -> bool | None:
        """Whether so many units fit; None where that is open."""
        if self.units is None or self.low is None or self.high is None:
            return None
        return True if units <= self.low else False if units > self.high else None


def headrooms(
    order: Order, fields: Mapping[str, Any], law: Law, ledger: Ledger, us_units: float | None
) -> list[Headroom]:
    """The limits that apply to the order, with what still fits.

    Args:
        fields: The order's fields.
        us_units: Units of the product shipped for use in the United States; estimated for H200 if None.
    """
    found = []
    counted = _counted(order, law, ledger)
    for limit in law.rulebook.limits:
        environment = Environment({**fields, **counted}, law.parameters)
        # Chinese limits count what enters the mainland.
        if limit.subject == "china" and not fields["order.enters_mainland"]:
            continue
        if not (limit.in_force & limit.applies).bounds(environment).possible:
            continue
        if "us.domestic_units" in limit.ceiling.fields():
            found.append(_share(limit, environment, law.book, order, us_units))
        else:
            found.append(_headroom(limit, environment, _basis(limit, environment, ledger)))
    return found


def _counted(order: Order, law: Law, ledger: Ledger) -> dict[str, Any]:
    batch = float(law.book.get(BATCH_FACT).number) if law.on >= BATCH_FROM else 0.0
    month = law.on.replace(day=1)
    return {
        "us.committed_units": ledger.committed(order.chip.id),
        "us.domestic_units": None,
        "buyer.committed_units": ledger.committed(order.chip.id, order.buyer.id),
        "buyer.cleared_this_month": ledger.landed(month, order.buyer.id),
        "china.cleared_of_batches": ledger.landed(BATCH_FROM),
        "china.batches_released_units": batch,
        # What a buyer bought at home is not in a ledger of imports; the purchase is declared instead.
        "order.ratio_weight": 1.0,
        "buyer.ratio_cleared": None,
        "buyer.ratio_credit": None,
    }


def _share(
    limit: Limit, environment: Environment, book: FactBook, order: Order, us_units: float | None
) -> Headroom:
    def room(units: float) -> float:
        fields = {**environment.fields, "us.domestic_units": units}
        return math.floor(float(limit.headroom(Environment(fields, environment.parameters))))

    used = f"{environment.fields['us.committed_units']:,.0f} committed to China"
    if us_units is not None:
        return _exact(limit, room(us_units), f"{us_units:,.0f} units shipped in the United States, {used}")
    if order.chip.id != US_CEILING_CHIP:
        why = f"no count of {order.chip.name} shipped in the United States is known; give it with --us-units"
        return Headroom(limit, None, None, None, why)
    fact = book.get(US_CEILING_FACT)
    share = float(environment.parameters["us.share.limit"])
    ceiling = fact.range()
    low, middle, high = (room(point / share) for point in (ceiling.low, ceiling.mid, ceiling.high))
    basis = f"press estimate of the ceiling ({US_CEILING_FACT}), {used}; give the count with --us-units"
    return Headroom(limit, middle, low, high, basis)


def _headroom(limit: Limit, environment: Environment, basis: str) -> Headroom:
    names = dict.fromkeys((*limit.weight.parameters(), *limit.used.parameters(), *limit.ceiling.parameters()))
    unpublished = [name for name in names if name not in environment.parameters]
    if unpublished:
        return Headroom(limit, None, None, None, f"{' and '.join(unpublished)} was never published")
    units = limit.headroom_of_order(environment)
    if units is None:
        return Headroom(limit, None, None, None, "what is counted under it is not in a ledger of imports")
    return _exact(limit, math.floor(units) if math.isfinite(units) else units, basis)


def _basis(limit: Limit, environment: Environment, ledger: Ledger) -> str:
    used = [name for name in limit.used.fields() if environment.fields.get(name) is not None]
    counted = ", ".join(f"{environment.fields[name]:,.0f}" for name in used)
    source = f"counted from {len(ledger.entries)} ledger entries" if ledger.entries else "no ledger was given"
    return f"{counted or 'nothing'} used so far; {source}"


def _exact(limit: Limit, units: float, basis: str) -> Headroom:
    return Headroom(limit, units, units, units, basis)
