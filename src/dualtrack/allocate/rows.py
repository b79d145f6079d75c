"""The linear rows of an allocation: stock, the rulebook's limits, and months in which a rule shuts an order out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import sparse

from dualtrack.allocate.book import BoolArray, FloatArray, IntArray, OrderBook, Stock
from dualtrack.allocate.counts import Counts
from dualtrack.allocate.families import Family, limit_family, shut_families, stock_family
from dualtrack.allocate.fields import Fields
from dualtrack.rules import Rulebook, Unpublished

Kind = Literal["stock", "limit", "rule"]


@dataclass(frozen=True)
class Rows:
    """Rows: weight × units delivered in the row's months, summed over orders, ≤ room.

    Weights and room are divided by `scale`, the greatest weight of the row; so where a row weighs all its
    orders alike, its room is in units.

    Attributes:
        kind, name: "stock", a limit or a rule, and its id.
        family, key: Which of the families the row comes from, and which of its keys.
        buyer, chip: Index where the row is about one of them, else -1.
        month: Index of the month up to which, or in which, the row counts.
        monthly: Whether the row counts that month alone.
        months: Which months' deliveries count, shape (row, month).
        weight: Shape (row, order).
        even: Whether the row weighs all its orders alike.
    """

    kind: tuple[Kind, ...]
    name: tuple[str, ...]
    family: IntArray
    key: IntArray
    buyer: IntArray
    chip: IntArray
    month: IntArray
    monthly: BoolArray
    months: BoolArray
    room: FloatArray
    scale: FloatArray
    even: BoolArray
    weight: Any

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True)
class Ratio:
    """What the domestic ratio asks of each buyer.

    Attributes:
        month: The last month in which it is in force; None where it never is.
        used: What was cleared before weighs, times the ratio, by buyer; in domestic chips.
        weight: What a unit of each order adds to it, in domestic chips.
        months: Which months' deliveries count.
    """

    limit: str
    month: int | None
    used: FloatArray
    weight: FloatArray
    months: BoolArray


@dataclass(frozen=True)
class Ceilings:
    """All rows of one problem, and what was left out of them.

    Attributes:
        families: All that can limit something, whether it can bind here or not.
        live: The orders that no rule bars.
        not_published: Limits left out, with the reason, by id.
        ratio: None where the ratio was left out, or the rulebook has none.
        domestic_bought: Domestic chips that count for the ratio, those of the live orders included, by buyer.
    """

    rows: Rows
    families: tuple[Family, ...]
    live: BoolArray
    not_published: Mapping[str, str]
    notes: tuple[str, ...]
    ratio: Ratio | None
    domestic_bought: FloatArray


def build_rows(
    book: OrderBook,
    stock: Stock,
    rulebook: Rulebook,
    laws: Sequence[Mapping[str, Any]],
    counts: Counts,
) -> Ceilings:
    """Every row that can bind, of the stock, the limits in force, and the rules that shut orders out.

    Raises:
        AllocationFault: A limit weighs a chip by a figure that is not known.
    """
    live = np.array([rule is None for rule in book.barred]) & (book.units > 0)
    fields = Fields(book, stock, counts, live)
    families = [stock_family(fields)]
    left_out: dict[str, str] = {}
    notes: list[str] = []
    ratio = None
    for limit in rulebook.limits:
        try:
            family = limit_family(limit, fields, laws)
        except Unpublished as error:
            left_out[limit.id] = str(error).splitlines()[0]
            continue
        notes += family.notes
        if family.unknown:
            left_out[limit.id] = family.unknown
        if "buyer.ratio_credit" in limit.ceiling.fields():
            ratio = _ratio(family, fields)
        families.append(family)
    families += shut_families(fields)
    rows = _assembled(families, fields)
    said = tuple(dict.fromkeys(notes))
    bought = fields.ratio_credit / counts.domestic_weight
    return Ceilings(rows, tuple(families), live, left_out, said, ratio, bought)


def _assembled(families: Iterable[Family], fields: Fields) -> Rows:
    """The rows of all families, without those that can never bind."""
    kinds: list[Kind] = []
    names: list[str] = []
    columns = ("family", "key", "buyer", "chip", "month", "monthly", "months", "room")
    parts: dict[str, list[Any]] = {name: [] for name in columns}
    entries: list[tuple[IntArray, IntArray, FloatArray]] = []
    start = 0
    for index, family in enumerate(families):
        keep = _can_bind(family, fields)
        for month in range(len(fields.months)):
            keys = np.flatnonzero(keep[month])
            if not keys.size:
                continue
            number = np.full(len(family.buyer), -1)
            number[keys] = np.arange(start, start + keys.size)
            start += keys.size
            weight = _counted_weight(family, fields, month)
            orders = np.flatnonzero((weight > 0) & (number[family.key] >= 0))
            entries.append((number[family.key[orders]], orders, weight[orders]))
            kinds += [family.kind] * keys.size
            names += [family.name] * keys.size
            parts["family"].append(np.full(keys.size, index))
            parts["key"].append(keys)
            parts["buyer"].append(family.buyer[keys])
            parts["chip"].append(family.chip[keys])
            parts["month"].append(np.full(keys.size, month))
            parts["monthly"].append(np.full(keys.size, family.monthly))
            parts["months"].append(np.repeat(family.counted(month)[None], keys.size, axis=0))
            # A ceiling lowered below what is used does not call units back.
            parts["room"].append(np.maximum(family.room[month, keys], 0.0))
    row, order, weight = (
        np.concatenate([entry[n] for entry in entries]) if entries else np.zeros(0) for n in range(3)
    )
    joined = {name: np.concatenate(part) if part else np.zeros(0) for name, part in parts.items()}
    return _scaled(kinds, names, joined, row.astype(int), order.astype(int), weight, fields)


def _scaled(
    kinds: list[Kind],
    names: list[str],
    columns: dict[str, Any],
    row: IntArray,
    order: IntArray,
    weight: FloatArray,
    fields: Fields,
) -> Rows:
    most, least = np.zeros(len(names)), np.full(len(names), np.inf)
    np.maximum.at(most, row, weight)
    np.minimum.at(least, row, weight)
    matrix = sparse.csr_matrix((weight / most[row], (row, order)), shape=(len(names), len(fields.book)))
    matrix.sort_indices()
    return Rows(
        tuple(kinds),
        tuple(names),
        columns["family"].astype(int),
        columns["key"].astype(int),
        columns["buyer"].astype(int),
        columns["chip"].astype(int),
        columns["month"].astype(int),
        columns["monthly"].astype(bool),
        columns["months"].astype(bool).reshape(len(names), len(fields.months)),
        columns["room"] / most,
        most,
        least == most,
        matrix,
    )


def _counted_weight(family: Family, fields: Fields, month: int) -> FloatArray:
    """Weights of one month's row, 0 for orders that deliver in none of the months it counts."""
    counted = np.concatenate([[0], np.cumsum(family.counted(month))])
    touched = counted[fields.book.last_month + 1] - counted[fields.book.first_month] > 0
    return np.asarray(family.weight[month] * touched)


def _can_bind(family: Family, fields: Fields) -> BoolArray:
    """Which rows could be reached by what is asked for and are not implied by a later row, shape (month, key)."""
    months, keys = family.room.shape
    keep = np.zeros((months, keys), dtype=bool)
    least = np.full(keys, np.inf)
    for month in reversed(range(months)):
        weight = _counted_weight(family, fields, month)
        most = np.bincount(family.key, weight * fields.book.units, keys)
        keep[month] = most > np.maximum(family.room[month], 0.0)
        if family.monthly:
            continue
        last = month == months - 1
        if last or not np.array_equal(family.weight[month], family.weight[month + 1]):
            least = np.full(keys, np.inf)
        # What is counted up to a later month holds all that is counted up to this one.
        keep[month] &= family.room[month] < least
        least = np.minimum(least, family.room[month])
    return keep


def _ratio(family: Family, fields: Fields) -> Ratio:
    in_force = np.flatnonzero(np.isfinite(family.used).any(axis=1))
    month = int(in_force[-1]) if in_force.size else None
    buyers = len(fields.book.buyers)
    used = np.zeros(buyers)
    weight = np.zeros(len(fields.book))
    if month is not None:
        known = np.isfinite(family.used[month])
        used[family.buyer[known]] = family.used[month, known]
        weight = family.weight[month]
    per_chip = fields.counts.domestic_weight
    return Ratio(
        family.name,
        month,
        used / per_chip,
        weight / per_chip,
        family.counted(month) if month is not None else np.zeros(len(fields.months), dtype=bool),
    )
