"""What the limits count against: units gone before the first month, bases that grow, states of the gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np

from dualtrack.allocate.book import AllocationFault, BoolArray, FloatArray, IntArray, OrderBook, Stock
from dualtrack.errors import Fault, raise_gathered
from dualtrack.rules.states import CHINA_QUOTA

RatioBasis = Literal["units", "spend", "compute"]
Axis = Literal["buyer", "chip", "month", "order"]


@dataclass(frozen=True)
class Counted:
    """A field's values and their axes, in order; () is one number for all."""

    values: Any
    axes: tuple[Axis, ...] = ()


@dataclass(frozen=True)
class Counts:
    """What the limits count against. Buyers, chips and months are those of the book and the stock.

    Attributes:
        us_committed: Units shipped to China and Macau or reserved by licences before the first month, by chip.
        us_domestic: Units shipped for use in the United States up to the end of each month, shape (chip, month).
        buyer_committed: Units shipped to each buyer or reserved by its licences before the first month.
        cleared_this_month: Units cleared for each buyer in the first month already.
        cleared_of_batches: Units cleared out of the batches before the first month.
        batches_released: Units in the batches released up to the end of each month, shape (month,).
        ratio_cleared: What each buyer's clearances before the first month weigh, in the ratio's basis.
        ratio_credit: What each buyer's domestic chips weigh in the ratio's basis, beside those of the orders.
        ratio_basis: What the ratio weighs chips by: units, USD spent, or TPP.
        domestic_weight: What one domestic chip weighs in that basis: 1, its price in USD, or its TPP.
        china_gate: State of the Chinese gate in each month, an index into CHINA_STATES, shape (month,).
        shut: Months in which a rule lets an order through no more, by rule id, shape (order, month).
        more: Other fields that a limit reads, with the axes of their values.
    """

    us_committed: FloatArray
    us_domestic: FloatArray
    buyer_committed: FloatArray
    cleared_this_month: FloatArray
    cleared_of_batches: float
    batches_released: FloatArray
    ratio_cleared: FloatArray
    ratio_credit: FloatArray
    ratio_basis: RatioBasis
    domestic_weight: float
    china_gate: IntArray
    shut: Mapping[str, BoolArray] = field(default_factory=dict)
    more: Mapping[str, Counted] = field(default_factory=dict)


@dataclass(frozen=True)
class Counter:
    """Which deliveries add to a field that a limit counts: to where, and in which states of the Chinese gate."""

    destinations: tuple[str, ...]
    china_states: tuple[int, ...] | None = None


# The rules' own words on what is counted are the labels of these fields (data/rules/labels.yaml).
COUNTERS: Final[Mapping[str, Counter]] = MappingProxyType(
    {
        # To the US rules Hong Kong is China: export.h20_2025_04.header.
        "us.committed_units": Counter(("mainland", "hong_kong")),
        "buyer.committed_units": Counter(("mainland", "hong_kong", "offshore")),
        "buyer.cleared_this_month": Counter(("mainland",)),
        "buyer.ratio_cleared": Counter(("mainland",)),
        "china.cleared_of_batches": Counter(("mainland",), (CHINA_QUOTA,)),
    }
)


def check_counts(counts: Counts, book: OrderBook, stock: Stock) -> None:
    """Raise one error that names every count whose shape does not fit the book and the stock.

    Raises:
        AllocationFault: A count has another shape.
    """
    buyers, chips, months, orders = len(book.buyers), len(book.chips), len(stock.months), len(book)
    wanted: dict[str, tuple[tuple[int, ...], Any]] = {
        "us_committed": ((chips,), counts.us_committed),
        "us_domestic": ((chips, months), counts.us_domestic),
        "buyer_committed": ((buyers,), counts.buyer_committed),
        "cleared_this_month": ((buyers,), counts.cleared_this_month),
        "batches_released": ((months,), counts.batches_released),
        "ratio_cleared": ((buyers,), counts.ratio_cleared),
        "ratio_credit": ((buyers,), counts.ratio_credit),
        "china_gate": ((months,), counts.china_gate),
        **{f"shut[{rule}]": ((orders, months), shut) for rule, shut in counts.shut.items()},
    }
    faults = [
        Fault(f"has shape {np.shape(values)}, wanted {shape}.", key=name)
        for name, (shape, values) in wanted.items()
        if np.shape(values) != shape
    ]
    raise_gathered(faults, AllocationFault, "The counts do not fit the book and the stock.")
