"""How many units still fit under each limit, for the order's chip and buyer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from dualtrack.decide.ledger import Ledger
from dualtrack.decide.question import Law
from dualtrack.entities import Order, load_chips
from dualtrack.facts.book import FactBook, KnownFacts
from dualtrack.rules import Environment, Limit
from dualtrack.rules.china_import import H200_CLASS
from dualtrack.rules.fields import chip_fields

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
        estimates: Facts that an estimate is from.
    """

    limit: Limit
    units: float | None
    low: float | None
    high: float | None
    basis: str
    estimates: tuple[str, ...] = ()

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
        # The US limits count what goes to China and Macau.
        if limit.subject == "us" and not fields["order.destination_is_china"]:
            continue
        # A limit that is not in force is not read further: its parameters need no value then.
        if limit.in_force.truth(environment) is False or limit.applies.truth(environment) is False:
            continue
        if "us.domestic_units" in limit.ceiling.fields():
            found.append(_share(limit, environment, law.book, order, us_units))
        else:
            found.append(_headroom(limit, environment, _basis(limit, environment, ledger), law.book))
    return found


def _counted(order: Order, law: Law, ledger: Ledger) -> dict[str, Any]:
    batch = float(law.book.get(BATCH_FACT).number) if law.on >= BATCH_FROM else 0.0
    month = law.on.replace(day=1)
    # Tranches and batches are of chips of the class; what is open about a chip counts as of it.
    of_class = {
        chip_id
        for chip_id in {entry.chip for entry in ledger.entries}
        if H200_CLASS.truth(Environment(chip_fields(load_chips()[chip_id]), law.parameters)) is not False
    }
    return {
        "us.committed_units": ledger.committed(order.chip.id),
        "us.domestic_units": None,
        "buyer.committed_units": ledger.committed(order.chip.id, order.buyer.id),
        "buyer.cleared_this_month": ledger.landed(month, of_class, order.buyer.id),
        "china.cleared_of_batches": ledger.landed(BATCH_FROM, of_class),
        "china.batches_released_units": batch,
        # What a buyer bought at home is not in a ledger of imports; the purchase is declared instead.
        "order.ratio_weight": 1.0,
        "buyer.ratio_cleared": None,
        "buyer.ratio_credit": None,
    }


def _share(
    limit: Limit, environment: Environment, book: FactBook | KnownFacts, order: Order, us_units: float | None
) -> Headroom:
    def room(units: float) -> float:
        fields = {**environment.fields, "us.domestic_units": units}
        return _whole(float(limit.headroom(Environment(fields, environment.parameters))))

    if limit.weight.undeclared(environment) or limit.applies.truth(environment) is None:
        return Headroom(limit, None, None, None, "whether it applies hangs on a figure of the chip")
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
    return Headroom(limit, middle, low, high, basis, (US_CEILING_FACT,))


def _headroom(limit: Limit, environment: Environment, basis: str, book: FactBook | KnownFacts) -> Headroom:
    names = dict.fromkeys((*limit.weight.parameters(), *limit.used.parameters(), *limit.ceiling.parameters()))
    unpublished = [name for name in names if name not in environment.parameters]
    if unpublished:
        return Headroom(limit, None, None, None, f"{' and '.join(unpublished)} was never published")
    if limit.applies.truth(environment) is None and not any(
        term.undeclared(environment) for term in (limit.weight, limit.used, limit.ceiling)
    ):
        least = _whole(float(limit.headroom(environment)))
        why = f"whether it applies hangs on a figure of the chip; {basis}"
        return Headroom(limit, least, least, math.inf, why)
    units = limit.headroom_of_order(environment)
    if units is None:
        return Headroom(limit, None, None, None, "what is counted under it is not in a ledger of imports")
    units = _whole(units)
    if BATCH_FACT in limit.facts and book.get(BATCH_FACT).details.get("op") == ">":
        return Headroom(limit, units, units, math.inf, f"{basis}; reported as more than that")
    return _exact(limit, units, basis)


def _whole(units: float) -> float:
    """Whole units; a quotient that is whole up to rounding counts as it is."""
    return math.floor(round(units, 6)) if math.isfinite(units) else units


def _basis(limit: Limit, environment: Environment, ledger: Ledger) -> str:
    used = [name for name in limit.used.fields() if environment.fields.get(name) is not None]
    counted = ", ".join(f"{environment.fields[name]:,.0f}" for name in used)
    source = f"counted from {len(ledger.entries)} ledger entries" if ledger.entries else "no ledger was given"
    return f"{counted or 'nothing'} used so far; {source}"


def _exact(limit: Limit, units: float, basis: str) -> Headroom:
    return Headroom(limit, units, units, units, basis)
