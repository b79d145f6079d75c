"""Families of rows: one limit, the stock, or one rule, by the keys it is counted for and by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dualtrack.allocate.book import DESTINATIONS, AllocationFault, BoolArray, FloatArray, IntArray
from dualtrack.allocate.counts import COUNTERS, Counter
from dualtrack.allocate.fields import Fields
from dualtrack.errors import DataFault
from dualtrack.rules import Environment, Limit


@dataclass(frozen=True)
class Family:
    """Rows of one origin.

    Attributes:
        key: Which row of a month each order counts in.
        buyer, chip: What a key is about, -1 where it is about all.
        weight: Shape (month, order); 0 where an order does not count.
        room: Shape (month, key); infinite where nothing is limited.
        used: The part of the ceiling used before the first month, same shape.
        feeds: Months whose deliveries count.
        unknown: What was not known of keys that were left out, in words.
    """

    kind: Literal["stock", "limit", "rule"]
    name: str
    monthly: bool
    key: IntArray
    buyer: IntArray
    chip: IntArray
    weight: FloatArray
    room: FloatArray
    used: FloatArray
    feeds: BoolArray
    notes: tuple[str, ...] = ()
    unknown: str = ""

    def counted(self, month: int) -> BoolArray:
        """The months whose deliveries count in the row of a month."""
        months = np.arange(len(self.feeds))
        return self.feeds & ((months == month) if self.monthly else (months <= month))


def stock_family(fields: Fields) -> Family:
    """Units delivered of a chip up to a month are no more than came in."""
    book, months = fields.book, len(fields.months)
    chips = np.arange(len(book.chips))
    arrived = np.cumsum(fields.stock.arrivals(book.chips), axis=1).T
    return Family(
        "stock",
        "stock",
        False,
        book.chip,
        np.full(chips.size, -1),
        chips,
        np.repeat(fields.live[None] * 1.0, months, axis=0),
        arrived,
        np.zeros_like(arrived),
        np.ones(months, dtype=bool),
    )


def limit_family(limit: Limit, fields: Fields, laws: Sequence[Mapping[str, Any]]) -> Family:
    """The rows of a limit.

    A limit is counted for each buyer where its scope says so, and for each product where its room differs by
    product; otherwise over all chips, with the weight of each.

    Raises:
        Unpublished: A number that it reads was never published.
        AllocationFault: A chip lacks the figure by which the limit weighs it.
        DataFault: The limit is unsound.
    """
    book, months = fields.book, len(fields.months)
    counter = _counter(limit)
    concerned = fields.live & np.isin(book.destination, counter.destinations)
    by_buyer, by_chip = limit.scope == "buyer", _room_differs_by(limit, fields, "chip")
    if not by_buyer and _room_differs_by(limit, fields, "buyer"):
        raise DataFault(f"{limit.id} counts over all buyers, but reads a field of one. Mend its scope.")
    code = book.buyer * by_buyer * len(book.chips) + book.chip * by_chip
    codes, key = np.unique(code, return_inverse=True)
    buyer, chip = np.divmod(codes, len(book.chips))
    if not by_buyer:
        buyer, chip = np.full(codes.size, -1), codes if by_chip else np.full(codes.size, -1)
    elif not by_chip:
        chip = np.full(codes.size, -1)

    weight = np.zeros((months, len(book)))
    room, used = np.full((2, months, codes.size), np.inf)
    notes: set[str] = set()
    unknown: set[int] = set()
    for month, law in enumerate(laws):
        environment = Environment(fields.at(month), law)
        of_unit, left = (np.broadcast_to(part, len(book)) for part in limit.row(environment))
        members = concerned & (left < np.inf) | concerned & np.isnan(left)
        if not members.any():
            continue
        members &= _applies(limit, fields, month, law, notes)[book.chip]
        blank = members & np.isnan(left)
        unknown.update(key[blank].tolist())
        members &= ~blank
        _check_weight(limit, fields, np.where(members, of_unit, 1.0))
        np.minimum.at(room[month], key[members], left[members])
        if not np.array_equal(room[month, key[members]], left[members]):
            raise DataFault(f"{limit.id} has different room for orders that it counts together. Mend it.")
        before = np.broadcast_to(limit.used.evaluate(environment), len(book))
        used[month, key[members]] = before[members]
        weight[month] = np.where(members, of_unit, 0.0)
    feeds = np.ones(months, dtype=bool)
    if counter.china_states is not None:
        feeds = np.isin(fields.counts.china_gate, counter.china_states)
    missing = _unknown_text(limit, fields, [(int(buyer[k]), int(chip[k])) for k in sorted(unknown)])
    return Family(
        "limit",
        limit.id,
        limit.per == "month",
        key,
        buyer,
        chip,
        weight,
        room,
        used,
        feeds,
        tuple(sorted(notes)),
        missing,
    )


def _counter(limit: Limit) -> Counter:
    """Which deliveries add to what the limit counts; by whose gate it is where the rules do not say."""
    known = [COUNTERS[name] for name in limit.used.fields() if name in COUNTERS]
    if known:
        return known[0]
    return Counter(("mainland",) if limit.subject == "china" else DESTINATIONS)


def _room_differs_by(limit: Limit, fields: Fields, axis: str) -> bool:
    read = (*limit.used.fields(), *limit.ceiling.fields())
    return any(axis in fields.counted[name].axes for name in read if name in fields.counted)


def _applies(limit: Limit, fields: Fields, month: int, law: Mapping[str, Any], notes: set[str]) -> BoolArray:
    """Whether the limit is about each chip; where a chip's figures leave it open it is taken to be."""
    answers = [
        limit.applies.truth(Environment(fields.of_chip(chip, month), law))
        for chip in range(len(fields.book.chips))
    ]
    for chip, answer in zip(fields.book.chips, answers, strict=True):
        if answer is None:
            notes.add(f"{limit.id} is taken to be about {chip.id}: its published figures leave that open.")
    return np.array([answer is not False for answer in answers])


def _check_weight(limit: Limit, fields: Fields, weight: FloatArray) -> None:
    if np.isnan(weight).any():
        order = int(np.flatnonzero(np.isnan(weight))[0])
        chip = fields.book.chips[fields.book.chip[order]].id
        raise AllocationFault(
            f"{limit.id} weighs {chip} by a figure that is not known ({', '.join(limit.weight.fields())}).\n"
            "  Add the figure to the chip, or take its orders out."
        )
    if (weight < 0).any():
        raise DataFault(f"{limit.id} weighs a unit below zero. A limit counts units up; mend its weight.")


def _unknown_text(limit: Limit, fields: Fields, keys: Sequence[tuple[int, int]]) -> str:
    if not keys:
        return ""
    places = []
    for buyer, chip in keys:
        words = [fields.book.buyers[buyer]] if buyer >= 0 else []
        words += [fields.book.chips[chip].id] if chip >= 0 else []
        places.append(" ".join(words) or "all orders")
    read = ", ".join(dict.fromkeys((*limit.ceiling.fields(), *limit.used.fields())))
    return f"{limit.id} is left out for {', '.join(places)}: not all it counts against is known ({read})."


def shut_families(fields: Fields) -> list[Family]:
    """For each rule that shuts orders out in some months, rows without room in those months."""
    months, one = len(fields.months), np.array([-1])
    nothing = np.zeros((months, 1))
    return [
        Family(
            "rule",
            name,
            True,
            np.zeros(len(fields.book), dtype=int),
            one,
            one,
            (shut & fields.live[:, None]).T.astype(np.float64),
            nothing,
            nothing,
            np.ones(months, dtype=bool),
        )
        for name, shut in fields.counts.shut.items()
    ]
