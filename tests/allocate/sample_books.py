"""Small order books, stocks and counts, to be changed one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from dualtrack.allocate import Allocation, Counts, OrderBook, Stock, allocate
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
    return [
        state_parameters(published, REVIEW, np.array(state), np.where) for state in counts.china_gate
    ]


def allocated(
    rulebook: Rulebook,
    book: OrderBook,
    stock: Stock,
    parameters: Mapping[str, float] | None = None,
    limits: Sequence[Limit] | None = None,
    counted: Mapping[str, Any] | None = None,
    **options: Any,
) -> Allocation:
    """The book shared out under the law of February 2026, with changes of parameters, limits and counts."""
    counts = counts_for(book, stock, **(counted or {}))
    if limits is not None:
        rulebook = Rulebook(
            rulebook.subjects, (), tuple(limits), dict(rulebook.parameters), rulebook.cover_from
        )
    return allocate(book, stock, rulebook, laws_for(rulebook, counts, parameters), counts, **options)
