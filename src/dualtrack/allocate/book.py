"""What is shared out: an order book and a stock, as columns; and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dualtrack.entities import Chip
from dualtrack.errors import DualtrackError, Fault, raise_gathered

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

DESTINATIONS: Final = ("mainland", "hong_kong", "offshore")


class AllocationFault(DualtrackError):
    """An order book, a stock or an option of an allocation cannot be used."""


@dataclass(frozen=True)
class OrderBook:
    """Orders as columns; arrays have shape (order,).

    Attributes:
        buyers: Each buyer once; `buyer` is the index into them.
        chips: Each chip once; `chip` is the index into them.
        units: Units asked for.
        price: USD per unit.
        priority: Lower is served first.
        promised: Least units that must be delivered, 0 where none.
        domestic: Domestic chips bought or promised with the order.
        destination: mainland, hong_kong or offshore.
        first_month: First month of delivery, an index into the stock's months; `last_month` is the last.
        barred: Id of the rule that bars the order; None where none does.
        lines: Row of the file, for messages.
    """

    order_ids: tuple[str, ...]
    buyers: tuple[str, ...]
    chips: tuple[Chip, ...]
    buyer: IntArray
    chip: IntArray
    units: FloatArray
    price: FloatArray
    priority: IntArray
    promised: FloatArray
    domestic: FloatArray
    destination: tuple[str, ...]
    first_month: IntArray
    last_month: IntArray
    barred: tuple[str | None, ...]
    lines: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.order_ids)


@dataclass(frozen=True)
class Stock:
    """Units that come in, by chip and month, shape (chip, month); what is left over carries on.

    Attributes:
        months: In order, without a gap: "2026-02", "2026-03", ...
        chips: Each chip once.
    """

    months: tuple[str, ...]
    chips: tuple[Chip, ...]
    units: FloatArray

    def arrivals(self, chips: tuple[Chip, ...]) -> FloatArray:
        """Units that come in for these chips, shape (chip, month); 0 for a chip without stock."""
        rows = {chip.id: row for chip, row in zip(self.chips, self.units, strict=True)}
        none = np.zeros(len(self.months))
        return np.array([rows.get(chip.id, none) for chip in chips]).reshape(len(chips), len(self.months))


def check_book(book: OrderBook, stock: Stock) -> None:
    """Raise one error that lists all that is wrong with a book and a stock.

    Raises:
        AllocationFault: A column has another length than the others, or a number cannot be.
    """
    if not len(book):
        raise AllocationFault("The order book is empty. Give at least one order.")
    if not stock.months:
        raise AllocationFault("The stock has no month. Give the units of at least one chip in one month.")
    raise_gathered(list(_shape_faults(book, stock)), AllocationFault, "The columns do not fit together.")
    raise_gathered(list(_order_faults(book, stock)), AllocationFault, "The orders cannot be allocated.")


def _shape_faults(book: OrderBook, stock: Stock) -> Iterator[Fault]:
    names = ("buyer", "chip", "units", "price", "priority", "promised", "domestic", "destination")
    for name in (*names, "first_month", "last_month", "barred", "lines"):
        seen = len(getattr(book, name))
        if seen != len(book):
            yield Fault(f"has {seen} entries for {len(book)} orders.", key=name)
    wanted = (len(stock.chips), len(stock.months))
    if stock.units.shape != wanted:
        yield Fault(f"has shape {stock.units.shape}, wanted {wanted}: (chip, month).", key="stock.units")
    elif not (np.isfinite(stock.units) & (stock.units >= 0)).all():
        yield Fault("has a number below zero or none at all.", key="stock.units")
    for name, labels in (("buyers", book.buyers), ("chips", tuple(chip.id for chip in book.chips))):
        if len(set(labels)) < len(labels):
            yield Fault("holds a name twice.", key=name)


def _order_faults(book: OrderBook, stock: Stock) -> Iterator[Fault]:
    months = len(stock.months)
    for name in ("units", "price", "promised", "domestic"):
        values = getattr(book, name)
        wrong = ~(np.isfinite(values) & (values >= 0))
        yield from _rows(book, wrong, name, lambda row, values=values: f"{values[row]:g} is no amount.")
    over = book.promised > book.units
    yield from _rows(
        book,
        over,
        "promised",
        lambda row: f"{book.promised[row]:,.0f} promised, but {book.units[row]:,.0f} asked for.",
    )
    outside = (book.first_month < 0) | (book.last_month >= months) | (book.first_month > book.last_month)
    yield from _rows(
        book,
        outside,
        "first_month",
        lambda row: (
            f"months {book.first_month[row]} to {book.last_month[row]} are no window within 0 to {months - 1}."
        ),
    )
    known = np.array([place in DESTINATIONS for place in book.destination])
    yield from _rows(
        book,
        ~known,
        "destination",
        lambda row: f"{book.destination[row]!r} is unknown. Known: {', '.join(DESTINATIONS)}.",
    )


def _rows(book: OrderBook, wrong: BoolArray, key: str, what: Any) -> Iterator[Fault]:
    for row in np.flatnonzero(wrong):
        yield Fault(f"order {book.order_ids[row]} (row {book.lines[row]}): {what(row)}", key=key)
