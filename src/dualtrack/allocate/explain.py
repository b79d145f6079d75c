"""What an allocation means: what stops each buyer, what a limit's next unit is worth, what is owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from scipy import sparse

from dualtrack.allocate.book import BoolArray, FloatArray, OrderBook
from dualtrack.allocate.counts import RatioBasis
from dualtrack.allocate.families import Family
from dualtrack.allocate.policies import Shares, Task
from dualtrack.allocate.rows import Ceilings, Ratio, Rows

# Units that the solver's rounding may leave unserved.
HARDLY_A_UNIT: Final = 1e-4
_MEASURES: Final[Mapping[RatioBasis, str]] = {
    "units": "domestic chip",
    "spend": "USD of domestic chips",
    "compute": "TPP of domestic chips",
}


@dataclass(frozen=True)
class Binding:
    """One thing that keeps orders of a buyer from getting more.

    Attributes:
        kind: "order" (all that was asked for is served), "stock", "limit", "rule" (the order, or its
            months, are barred), "lot" (what is left is less than a lot), or "none" (the objective gains
            nothing from more).
        name: Rule id; "stock" or "order size" or "lot" otherwise.
        chip: Chip id where the thing is about one chip.
        months: Months in which it binds; for what is counted from the start, the months up to which.
        units: Units asked for and not served by the orders it stops (of the served ones for "order").
    """

    kind: Literal["order", "stock", "limit", "rule", "lot", "none"]
    name: str
    chip: str | None
    months: tuple[str, ...]
    units: float


@dataclass(frozen=True)
class ShadowPrice:
    """What one more unit of room is worth, for one limit and one place it counts at.

    Attributes:
        name: Rule id, or "stock".
        kind: "limit", "rule" or "stock".
        buyer: Where counted for each buyer, else None.
        chip: Chip id where counted for each product, else None.
        price: Gain of the objective for one more unit of room from the first month on.
        by_month: The same, for a unit that is there from that month on (cumulative limits and stock),
            or in that month alone (limits per month).
        unit: The objective's unit per unit of room, in words.
        room: Room in the month in which it binds most, the last one where it does not, before the
            allocation; `used` is what the allocation took of it.
        per_domestic_chip: For the domestic ratio, the gain for one more domestic chip bought; else None.
    """

    name: str
    kind: Literal["limit", "rule", "stock"]
    buyer: str | None
    chip: str | None
    price: float
    by_month: Mapping[str, float]
    unit: str
    room: float
    used: float
    per_domestic_chip: float | None = None


def bindings(
    task: Task, shares: Shares, units: FloatArray, months: Sequence[str], lot: int | None
) -> tuple[tuple[Binding, ...], ...]:
    """What keeps each buyer from getting more, the thing that stops most units first."""
    book, rows = task.book, task.rows
    missing = np.where(task.live, book.units - units.sum(axis=1), 0.0)
    hungry = missing > HARDLY_A_UNIT
    stops = _stops(task, shares, units, hungry, lot)
    remainder = hungry & (missing < lot) if lot else np.zeros(len(book), dtype=bool)
    stops = sparse.csr_matrix(stops @ sparse.diags((~remainder).astype(float)))
    stops.eliminate_zeros()

    places = {(rows.kind[r], rows.name[r], int(rows.chip[r])): None for r in range(len(rows))}
    number = {place: n for n, place in enumerate(places)}
    of_row = np.array([number[rows.kind[r], rows.name[r], int(rows.chip[r])] for r in range(len(rows))])
    entries = stops.tocoo()
    found: list[list[Binding]] = [[] for _ in book.buyers]
    for (kind, name, chip), place in number.items():
        here = of_row[entries.row] == place
        for buyer in np.unique(book.buyer[entries.col[here]]):
            mine = here & (book.buyer[entries.col] == buyer)
            when = np.unique(rows.month[entries.row[mine]])
            stopped = missing[np.unique(entries.col[mine])].sum()
            label = book.chips[chip].id if chip >= 0 else None
            found[buyer].append(Binding(kind, name, label, tuple(months[m] for m in when), float(stopped)))
    stopped_by_none = hungry & ~remainder & (np.asarray(stops.sum(axis=0)).ravel() == 0)
    _add(found, book, "lot", "lot", remainder, missing)
    _add(found, book, "none", "objective", stopped_by_none, missing)
    _add(found, book, "order", "order size", task.live & ~hungry, book.units)
    _add_bars(found, book, months)
    return tuple(tuple(sorted(mine, key=lambda one: (one.kind == "order", -one.units))) for mine in found)


def _stops(task: Task, shares: Shares, units: FloatArray, hungry: BoolArray, lot: int | None) -> Any:
    """Which rows stop which hungry orders: by proof, and for the rest those that are full."""
    rows = task.rows
    keep = sparse.diags(hungry.astype(float))
    proven = sparse.csr_matrix(shares.stopped @ keep)
    proven.eliminate_zeros()
    unproven = hungry & (np.asarray(proven.sum(axis=0)).ravel() == 0)
    spare = rows.room - used_by_row(rows, units)
    full = spare < max(HARDLY_A_UNIT, float(lot or 0))
    held = sparse.diags(full.astype(float)) @ (rows.weight > 0).astype(float)
    return sparse.csr_matrix(proven + held @ sparse.diags(unproven.astype(float)))


def used_by_row(rows: Rows, units: FloatArray) -> FloatArray:
    """What the units take of each row's room."""
    return np.asarray(((rows.weight @ units) * rows.months).sum(axis=1))


def _add(
    found: list[list[Binding]],
    book: OrderBook,
    kind: Literal["order", "lot", "none"],
    name: str,
    orders: BoolArray,
    amount: FloatArray,
) -> None:
    for buyer in np.unique(book.buyer[orders]):
        units = float(amount[orders & (book.buyer == buyer)].sum())
        found[buyer].append(Binding(kind, name, None, (), units))


def _add_bars(found: list[list[Binding]], book: OrderBook, months: Sequence[str]) -> None:
    bars: dict[tuple[int, str], float] = {}
    for order, rule in enumerate(book.barred):
        if rule is not None:
            key = int(book.buyer[order]), rule
            bars[key] = bars.get(key, 0.0) + float(book.units[order])
    for (buyer, rule), units in bars.items():
        found[buyer].append(Binding("rule", rule, None, tuple(months), units))


def shadow_prices(
    task: Task,
    ceilings: Ceilings,
    shares: Shares,
    units: FloatArray,
    months: Sequence[str],
    basis: RatioBasis,
    domestic_weight: float,
) -> tuple[ShadowPrice, ...]:
    """The price of every limit that was in force, of the stock, and of the months that a rule shuts."""
    ratio = ceilings.ratio.limit if ceilings.ratio else None
    prices: list[ShadowPrice] = []
    for index, family in enumerate(ceilings.families):
        here = np.flatnonzero(task.rows.family == index)
        found = _FamilyPrices(family, task, units, here, shares.price)
        for key in range(len(family.buyer)):
            one = found.of(
                key,
                task.book,
                months,
                shares.price_unit,
                _MEASURES[basis] if family.name == ratio else "unit of the limit's measure",
                domestic_weight if family.name == ratio else None,
            )
            if one is not None:
                prices.append(one)
    return tuple(prices)


class _FamilyPrices:
    """Weights, room, use and price of a family, each of shape (month, key)."""

    def __init__(
        self, family: Family, task: Task, units: FloatArray, here: np.ndarray, price: FloatArray
    ) -> None:
        self.family = family
        shape = family.room.shape
        self.most, self.least = np.zeros(shape), np.full(shape, np.inf)
        self.used = np.zeros(shape)
        for month in range(shape[0]):
            weight = family.weight[month]
            counts = weight > 0
            np.maximum.at(self.most[month], family.key[counts], weight[counts])
            np.minimum.at(self.least[month], family.key[counts], weight[counts])
            taken = units[:, family.counted(month)].sum(axis=1) * weight
            self.used[month] = np.bincount(family.key, taken, shape[1])
        # Per unit of the limit's own measure.
        self.price = np.zeros(shape)
        rows = task.rows
        self.price[rows.month[here], rows.key[here]] = price[here] / rows.scale[here]

    def of(
        self,
        key: int,
        book: OrderBook,
        months: Sequence[str],
        objective: str,
        measure: str,
        domestic_weight: float | None,
    ) -> ShadowPrice | None:
        family = self.family
        in_force = np.flatnonzero(np.isfinite(family.room[:, key]) & (self.most[:, key] > 0))
        if not in_force.size:
            return None
        own = self.price[:, key]
        where = int(np.argmax(own)) if own.any() else int(in_force[-1])
        even = bool((self.most[in_force, key] == self.least[in_force, key]).all())
        scale = self.most[:, key] if even else np.ones(len(own))
        by_month = own * scale
        if family.monthly:
            worth = {months[int(m)]: float(by_month[m]) for m in in_force}
            price = float(by_month.sum())
        else:
            from_month = np.cumsum(by_month[::-1])[::-1]
            worth = {month: float(value) for month, value in zip(months, from_month, strict=True)}
            price = float(from_month[0])
        buyer, chip = int(family.buyer[key]), int(family.chip[key])
        return ShadowPrice(
            family.name,
            family.kind,
            book.buyers[buyer] if buyer >= 0 else None,
            book.chips[chip].id if chip >= 0 else None,
            price,
            worth,
            f"{objective} per {'unit' if even else measure}",
            float(max(family.room[where, key], 0.0) / scale[where]),
            float(self.used[where, key] / scale[where]),
            None if domestic_weight is None else float(own.sum() * domestic_weight),
        )


def domestic_due(ratio: Ratio, book: OrderBook, units: FloatArray) -> FloatArray:
    """Domestic chips each buyer owes for what was cleared before and in the allocation."""
    cleared = units[:, ratio.months].sum(axis=1)
    return np.asarray(ratio.used + np.bincount(book.buyer, cleared * ratio.weight, len(book.buyers)))


def jain_index(shares: FloatArray) -> float:
    """Jain's index of fairness: 1 where all have the same share, 1 by their number where one has all.

    >>> float(round(jain_index(np.array([0.5, 0.5, 0.0])), 3))
    0.667
    """
    squares = len(shares) * float((shares**2).sum())
    return float(shares.sum()) ** 2 / squares if squares > 0 else 1.0
