"""Small order books, stocks and counts, to be changed one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from dualtrack.allocate import Allocation, Counts, OrderBook, Stock, allocate, compare
from dualtrack.entities import find_chip
from dualtrack.rules import CHINA_STATES, Amendment, Limit, Rulebook, state_parameters
from dualtrack.rules.states import CHINA_OPEN, US_REVIEW

H200, H20 = "nvidia.h200_sxm", "nvidia.h20_96gb"
FEBRUARY = date(2026, 2, 1)
REVIEW = np.array(US_REVIEW)


def column(values: Any, count: int, kind: type = float) -> np.ndarray:
    return np.array(np.broadcast_to(np.asarray(values, dtype=kind), (count,)))


def order_book(
    units: Sequence[float],
    *,
    buyer: Sequence[str] | str = "bytedance",
    chip: Sequence[str] | str = H200,
    price: Any = 27_000,
    priority: Any = 1,
    promised: Any = 0,
    domestic: Any = 0,
    destination: Sequence[str] | str = "mainland",
    first: Any = 0,
    last: Any = 0,
    barred: Mapping[int, str] | None = None,
) -> OrderBook:
    """Orders o1, o2, ... for so many units; what is the same for all is given once."""
    count = len(units)
    of_buyer = [buyer] * count if isinstance(buyer, str) else list(buyer)
    of_chip = [chip] * count if isinstance(chip, str) else list(chip)
    buyers, chips = list(dict.fromkeys(of_buyer)), list(dict.fromkeys(of_chip))
    return OrderBook(
        tuple(f"o{n}" for n in range(1, count + 1)),
        tuple(buyers),
        tuple(find_chip(name) for name in chips),
        np.array([buyers.index(name) for name in of_buyer], dtype=int),
        np.array([chips.index(name) for name in of_chip], dtype=int),
        np.array(units, dtype=float),
        column(price, count),
        column(priority, count, int),
        column(promised, count),
        column(domestic, count),
        (destination,) * count if isinstance(destination, str) else tuple(destination),
        column(first, count, int),
        column(last, count, int),
        tuple((barred or {}).get(n) for n in range(count)),
        tuple(range(2, count + 2)),
    )


def stock_of(book: OrderBook, *rows: Sequence[float]) -> Stock:
    """Units that come in by month, one row for each chip of the book."""
    months = tuple(f"2026-{month:02d}" for month in range(2, 2 + len(rows[0])))
    return Stock(months, book.chips, np.array(rows, dtype=float))


def counts_for(book: OrderBook, stock: Stock, **changes: Any) -> Counts:
    """Nothing used up, no end to what the limits count against, the Chinese gate open."""
    chips, buyers, months = len(book.chips), len(book.buyers), len(stock.months)
    given = {
        "us_committed": 0.0,
        "us_domestic": 1e9,
        "buyer_committed": 0.0,
        "cleared_this_month": 0.0,
        "cleared_of_batches": 0.0,
        "batches_released": 1e9,
        "ratio_cleared": 0.0,
        "ratio_credit": 0.0,
        "ratio_basis": "units",
        "domestic_weight": 1.0,
        "china_gate": CHINA_OPEN,
        **changes,
    }
    shapes = {
        "us_committed": (chips,),
        "us_domestic": (chips, months),
        "buyer_committed": (buyers,),
        "cleared_this_month": (buyers,),
        "batches_released": (months,),
        "ratio_cleared": (buyers,),
        "ratio_credit": (buyers,),
    }
    for name, shape in shapes.items():
        given[name] = np.array(np.broadcast_to(np.asarray(given[name], dtype=float), shape))
    gate = given["china_gate"]
    states = [gate] * months if isinstance(gate, int | str) else list(gate)
    given["china_gate"] = np.array(
        [CHINA_STATES.index(one) if isinstance(one, str) else one for one in states], dtype=int
    )
    return Counts(**given)


def laws_for(rulebook: Rulebook, counts: Counts, parameters: Mapping[str, float] | None = None) -> list[Any]:
    """The law of February 2026 in every month, with the gate's state and new parameters laid over it."""
    amended = rulebook.amended(Amendment("test", dict(parameters or {}), "a test"))
    published = amended.parameters_on(FEBRUARY)
    return [state_parameters(published, REVIEW, np.array(state), np.where) for state in counts.china_gate]


def asked(
    rulebook: Rulebook,
    book: OrderBook,
    stock: Stock,
    parameters: Mapping[str, float] | None = None,
    limits: Sequence[Limit] | None = None,
    counted: Mapping[str, Any] | None = None,
) -> tuple[Any, ...]:
    """What `allocate` is asked under the law of February 2026, with changes of parameters, limits and counts."""
    counts = counts_for(book, stock, **(counted or {}))
    if limits is not None:
        parts = (rulebook.subjects, (), tuple(limits), dict(rulebook.parameters), rulebook.cover_from)
        rulebook = Rulebook(*parts)
    return book, stock, rulebook, laws_for(rulebook, counts, parameters), counts


def allocated(
    rulebook: Rulebook,
    book: OrderBook,
    stock: Stock,
    parameters: Mapping[str, float] | None = None,
    limits: Sequence[Limit] | None = None,
    counted: Mapping[str, Any] | None = None,
    **options: Any,
) -> Allocation:
    """The book shared out; see `asked`."""
    return allocate(*asked(rulebook, book, stock, parameters, limits, counted), **options)


@dataclass(frozen=True)
class Drawn:
    """A small problem drawn at random."""

    book: OrderBook
    stock: Stock
    parameters: dict[str, float]
    counted: dict[str, Any]

    def allocated(self, rulebook: Rulebook, **options: Any) -> Allocation:
        return allocated(rulebook, self.book, self.stock, self.parameters, counted=self.counted, **options)

    def compared(self, rulebook: Rulebook) -> Mapping[str, Allocation]:
        """The book shared out by every policy."""
        return compare(*asked(rulebook, self.book, self.stock, self.parameters, counted=self.counted))

    @property
    def counts(self) -> Counts:
        return counts_for(self.book, self.stock, **self.counted)


@st.composite
def problems(draw: Any, promises: bool = False, most_orders: int = 6) -> Drawn:
    """Books of few orders with every kind of limit, small enough for a program written down as it stands."""
    months = draw(st.integers(1, 4))
    count = draw(st.integers(1, most_orders))
    few = st.integers(0, 40)

    def each(values: Any, number: int = count) -> list[Any]:
        return draw(st.lists(values, min_size=number, max_size=number))

    windows = [sorted(pair) for pair in each(st.tuples(*[st.integers(0, months - 1)] * 2))]
    units = each(st.integers(1, 40))
    promised = [min(one, most) for one, most in zip(each(few), units, strict=True)] if promises else 0
    book = order_book(
        units,
        buyer=each(st.sampled_from(["bytedance", "alibaba", "tencent"])),
        chip=each(st.sampled_from([H200, H200, H20])),
        price=each(st.integers(1, 9)),
        priority=each(st.integers(1, 3)),
        promised=promised,
        domestic=each(st.integers(0, 20)),
        destination=each(st.sampled_from(["mainland", "mainland", "hong_kong", "offshore"])),
        first=[first for first, _ in windows],
        last=[last for _, last in windows],
    )
    stock = stock_of(book, *[each(few, months) for _ in book.chips])
    counted = {
        "china_gate": each(st.sampled_from(["rationed", "quota", "open"]), months),
        "batches_released": np.cumsum(each(few, months)),
        "us_domestic": 2 * np.cumsum([each(few, months) for _ in book.chips], axis=1),
        "ratio_credit": each(st.integers(0, 20), len(book.buyers)),
        "ratio_basis": draw(st.sampled_from(["units", "spend"])),
        "buyer_committed": each(st.integers(0, 10), len(book.buyers)),
    }
    parameters = {
        "us.buyer_cap.units": float(draw(st.integers(5, 80))),
        "china.tranche.units": float(draw(st.integers(1, 20))),
        "china.ratio.required": draw(st.sampled_from([0.5, 1.0, 2.0])),
    }
    return Drawn(book, stock, parameters, counted)


def plain_rows(drawn: Drawn) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The limits once more, written down as they stand: rows over order × month, their room, and what they are."""
    book, counts, given = drawn.book, drawn.counts, drawn.parameters
    months = len(drawn.stock.months)
    place = np.array(book.destination)
    h200 = np.array([chip.id == H200 for chip in book.chips])[book.chip]
    rows: list[np.ndarray] = []
    room: list[float] = []
    names: list[str] = []

    def add(name: str, weight: np.ndarray, counted: np.ndarray, most: float) -> None:
        rows.append(np.outer(weight, counted).ravel())
        room.append(max(float(most), 0.0))
        names.append(name)

    arrived = np.cumsum(drawn.stock.units, axis=1)
    for t in range(months):
        upto = np.arange(months) <= t
        for c in range(len(book.chips)):
            add("stock", book.chip == c, upto, arrived[c, t])
            to_china = (book.chip == c) & h200 & (place != "offshore")
            add("us.share_limit", to_china, upto, 0.5 * counts.us_domestic[c, t])
        quota = CHINA_STATES.index("quota")
        if counts.china_gate[t] == quota:
            imported = h200 & (place == "mainland")
            add(
                "china.batch_quota", imported, upto & (counts.china_gate == quota), counts.batches_released[t]
            )
        for b in range(len(book.buyers)):
            mine = (book.buyer == b) & h200
            left = given["us.buyer_cap.units"] - counts.buyer_committed[b]
            add("us.buyer_cap", mine, upto, left)
            if counts.china_gate[t] == CHINA_STATES.index("rationed"):
                now = np.arange(months) == t
                add("china.tranche", mine & (place == "mainland"), now, given["china.tranche.units"])
            if counts.china_gate[t] == quota:
                weigh = book.price if counts.ratio_basis == "spend" else 1.0
                credit = counts.ratio_credit[b] + book.domestic[book.buyer == b].sum()
                weight = given["china.ratio.required"] * weigh * (mine & (place == "mainland"))
                add("china.domestic_ratio", weight, upto, credit)
    for o in range(len(book)):
        inside = (np.arange(months) >= book.first_month[o]) & (np.arange(months) <= book.last_month[o])
        add("order", np.arange(len(book)) == o, inside, book.units[o])
        add("window", np.arange(len(book)) == o, ~inside, 0.0)
        add("promise", -1.0 * (np.arange(len(book)) == o), inside, 0.0)
        room[-1] = -float(book.promised[o])
    return np.array(rows), np.array(room), names


def plain_optimum(drawn: Drawn, gain: np.ndarray) -> float | None:
    """The most of gain × units by order under the plain rows; None where they contradict each other."""
    matrix, room, _ = plain_rows(drawn)
    by_variable = np.repeat(gain, len(drawn.stock.months))
    found = linprog(-by_variable, A_ub=matrix, b_ub=room, method="highs")
    return None if found.status == 2 else -float(found.fun)
