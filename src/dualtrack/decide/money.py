"""What an order costs besides its price: the duty, the share of revenue, and domestic chips to be bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dualtrack.decide.question import Law
from dualtrack.entities import Chip, Order, load_chips
from dualtrack.errors import ScenarioFault

RATIO_FACT: Final = "import.ratio.model_prior"
# The domestic chip in which purchases by spend and by performance are counted out.
DOMESTIC_CHIP: Final = "huawei.ascend_910c"


@dataclass(frozen=True)
class Levy:
    """The duty of an order in USD; None where it hangs on something not known.

    Attributes:
        outcome: levy_due, no_levy or undetermined.
        base_usd: Customs value: units times price.
        price_basis: Where the price is from.
        share_rate, share_usd: The share of revenue expected under the arrangement of August 2025.
    """

    outcome: str
    rate: float
    price_usd: float | None
    base_usd: float | None
    due_usd: float | None
    price_basis: str
    share_rate: float
    share_usd: float | None


def levy_of(order: Order, outcomes: Mapping[str, str], law: Law) -> Levy:
    """What is due, by the outcomes of us.tariff and us.arrangement."""
    price = order.price_usd
    basis = "as given"
    if price is None and order.chip.price_usd is not None:
        price = order.chip.price_usd.mid
        basis = f"catalogue, {order.chip.price_usd.basis or 'no basis given'}, {order.chip.price_usd.on}"
    elif price is None:
        basis = "no price is known; give one with --price"
    base = None if price is None else price * order.units
    outcome = outcomes["us.tariff"]
    rate = law.parameters["us.levy.rate"] if outcome == "levy_due" else 0.0
    share = law.parameters["us.arrangement.rate"] if outcomes["us.arrangement"] == "share_expected" else 0.0
    return Levy(
        outcome,
        rate,
        price,
        base,
        None if outcome == "undetermined" else _part(base, rate),
        basis,
        share,
        None if outcomes["us.arrangement"] == "undetermined" else _part(base, share),
    )


def _part(base: float | None, rate: float) -> float | None:
    return 0.0 if rate == 0.0 else None if base is None else base * rate


@dataclass(frozen=True)
class DomesticDue:
    """Domestic chips that a ratio would ask for, by its basis.

    Attributes:
        ratio: Domestic per imported; a range where none was given, for none was ever published.
        counts: Chips by basis (units, spend, compute), low, middle and high; None where a price or rate is not known.
    """

    ratio: tuple[float, float, float]
    source: str
    domestic_chip: Chip
    counts: Mapping[str, tuple[float, float, float] | None]


def domestic_due(order: Order, law: Law, ratio: float | None) -> DomesticDue:
    """Domestic chips to be bought for the order, on each basis that a ratio could have.

    Raises:
        ScenarioFault: The ratio is below zero.
    """
    if ratio is not None and ratio < 0:
        raise ScenarioFault(
            f"--ratio {ratio:g} is below zero. Wanted: domestic chips per imported chip, from 0."
        )
    domestic = load_chips()[DOMESTIC_CHIP]
    ratios, source = _ratios(law, ratio)
    price = order.price_usd if order.price_usd is not None else _middle(order.chip)
    weights: dict[str, float | None] = {
        "units": 1.0,
        "spend": _over(price, _middle(domestic)),
        "compute": _over(order.chip.tpp, domestic.tpp),
    }
    counts: dict[str, Any] = {
        basis: None if weight is None else tuple(round(point * order.units * weight, 6) for point in ratios)
        for basis, weight in weights.items()
    }
    return DomesticDue(ratios, source, domestic, counts)


def _ratios(law: Law, ratio: float | None) -> tuple[tuple[float, float, float], str]:
    if ratio is not None:
        return (ratio, ratio, ratio), "as given"
    fact = law.book.get(RATIO_FACT)
    prior = fact.range()
    return (prior.low, prior.mid, prior.high), f"{RATIO_FACT}: a prior, no ratio was ever published"


def _middle(chip: Chip) -> float | None:
    return chip.price_usd.mid if chip.price_usd else None


def _over(value: float | None, by: float | None) -> float | None:
    return None if value is None or not by else value / by
