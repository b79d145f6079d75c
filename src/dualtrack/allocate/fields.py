"""What limits and rules read about every order of a book in one month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dualtrack.allocate.book import BoolArray, FloatArray, OrderBook, Stock
from dualtrack.allocate.counts import Counted, Counts
from dualtrack.rules.fields import chip_fields, chip_spans


@dataclass(frozen=True)
class Fields:
    """The fields of a book, by name, with their axes; `live` are the orders that no rule bars."""

    book: OrderBook
    stock: Stock
    counts: Counts
    live: BoolArray

    @property
    def months(self) -> tuple[str, ...]:
        return self.stock.months

    @cached_property
    def ratio_credit(self) -> FloatArray:
        """What the domestic chips of each buyer weigh, those bought or promised with its live orders included."""
        chips = np.bincount(self.book.buyer, self.book.domestic * self.live, len(self.book.buyers))
        return np.asarray(self.counts.ratio_credit + chips * self.counts.domestic_weight)

    @cached_property
    def counted(self) -> Mapping[str, Counted]:
        """Every field that is the same for all orders of a buyer, chip or month, or is known by order."""
        counts = self.counts
        cleared = np.zeros((len(self.book.buyers), len(self.months)))
        cleared[:, 0] = counts.cleared_this_month
        chips = {
            name: Counted(_numbers([chip_fields(chip)[name] for chip in self.book.chips]), ("chip",))
            for name in chip_fields(self.book.chips[0])
        }
        return {
            **chips,
            "us.committed_units": Counted(counts.us_committed, ("chip",)),
            "us.domestic_units": Counted(counts.us_domestic, ("chip", "month")),
            "buyer.committed_units": Counted(counts.buyer_committed, ("buyer",)),
            "buyer.cleared_this_month": Counted(cleared, ("buyer", "month")),
            "buyer.ratio_cleared": Counted(counts.ratio_cleared, ("buyer",)),
            "buyer.ratio_credit": Counted(self.ratio_credit, ("buyer",)),
            "china.cleared_of_batches": Counted(counts.cleared_of_batches),
            "china.batches_released_units": Counted(counts.batches_released, ("month",)),
            "china.gate": Counted(counts.china_gate, ("month",)),
            "order.ratio_weight": Counted(*self._ratio_weight()),
            **counts.more,
        }

    def _ratio_weight(self) -> tuple[Any, Any]:
        if self.counts.ratio_basis == "units":
            return 1.0, ()
        if self.counts.ratio_basis == "spend":
            return self.book.price, ("order",)
        return _numbers([chip.tpp for chip in self.book.chips]), ("chip",)

    def at(self, month: int) -> dict[str, Any]:
        """The fields in one month, numbers or arrays of shape (order,)."""
        index: dict[str, Any] = {
            "buyer": self.book.buyer,
            "chip": self.book.chip,
            "month": month,
            "order": np.arange(len(self.book)),
        }
        return {
            name: np.asarray(field.values)[tuple(index[axis] for axis in field.axes)]
            for name, field in self.counted.items()
        }

    def of_chip(self, chip: int, month: int) -> dict[str, Any]:
        """What is known of a chip in one month, its figures from least to greatest."""
        return {
            **chip_fields(self.book.chips[chip]),
            **chip_spans(self.book.chips[chip]),
            **{
                name: np.asarray(field.values)[month if field.axes else ()]
                for name, field in self.counted.items()
                if field.axes in ((), ("month",))
            },
        }


def _numbers(values: list[Any]) -> FloatArray:
    """Values as numbers, NaN where unknown."""
    return np.array([np.nan if value is None else float(value) for value in values])
