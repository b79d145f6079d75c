"""Compute in China and at the US hyperscalers before the run, month by month, from quarterly facts.

These are estimates of states at or before the start, made later (hindsight); they set starting stocks and
answer when the US side stood where China stands. No flow or trend after the start is taken from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dualtrack.facts.book import FactBook
from dualtrack.futures.draws import Array
from dualtrack.months import calendar_quarter, parse_date, parse_month
from dualtrack.months import month_of as month_number

SERIES = {
    "us5": "stock.us5.h100e",
    "china_official": "stock.china.official.h100e",
    "china_smuggled": "stock.china.smuggled.h100e",
    "total": "stock.world.total.h100e",
}
FIRST_QUARTER = parse_month("2022-01")


@dataclass(frozen=True)
class History:
    """Median stocks by month up to the end of the year before the run, in H100-equivalents.

    Attributes:
        first: The month of the first entry.
        stocks: By name, shape (month,).
        rolled: By name, the stock a month after the last entry over the last entry: the quarter's mean
            monthly addition carried on once; 1 for a series that had not begun.
        facts: The facts the series were read from.
    """

    first: int
    stocks: dict[str, Array]
    rolled: dict[str, float]
    facts: tuple[str, ...]


def load_history(book: FactBook, start: int) -> History:
    """Read the quarterly series up to the start; between quarter ends a stock grows by a constant factor.

    Args:
        start: First month of the run; a quarter that ends in it or later is not read.
    """
    quarters = [calendar_quarter(month).lower() for month in range(FIRST_QUARTER, start - 2, 3)]
    facts: list[str] = []
    points: dict[str, dict[int, float]] = {}
    for name, stem in SERIES.items():
        points[name] = {}
        for quarter in quarters:
            fact_id = f"{stem}.{quarter}"
            if fact_id in book:
                fact = book.get(fact_id)
                points[name][month_number(parse_date(fact.on))] = fact.number
                facts.append(fact_id)
    first = min(points["us5"])
    last = max(points["us5"])
    grid = np.arange(first, last + 1)
    stocks = {name: _monthly(found, grid) for name, found in points.items()}
    rolled = {name: 1.0 + (s[-1] - s[-4]) / 3.0 / s[-1] if s[-1] > 0.0 else 1.0 for name, s in stocks.items()}
    return History(first, stocks, rolled, tuple(facts))


def _monthly(found: dict[int, float], grid: np.ndarray) -> Array:
    if not found:
        return np.zeros(grid.shape)
    months = sorted(found)
    levels = np.interp(grid, months, np.log([found[m] for m in months]))
    # Before its first estimate a series is taken to stand at nothing, not at its first value.
    return np.where(grid < months[0], 0.0, np.exp(levels))
