from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.measures.gap import gap_months
from dualtrack.measures.history import History, load_history
from dualtrack.months import parse_month


def history_of(us5: list[float]) -> History:
    return History(100, {"us5": np.array(us5)}, {"us5": 1.0}, ())


def gap_by_hand(china: float, line: list[float]) -> float:
    """Months since a rising line passed a level, one number at a time, straight in logarithms."""
    now = len(line) - 1
    if china >= line[now]:
        return 0.0
    if china < line[0]:
        return math.nan
    for n in range(now):
        if line[n] <= china < line[n + 1]:
            part = (math.log(china) - math.log(line[n])) / (math.log(line[n + 1]) - math.log(line[n]))
            return now - (n + part)
    raise AssertionError("a rising line passes every level between its ends")


rises = st.lists(st.floats(1.001, 2.0), min_size=6, max_size=30)


@given(rises=rises, months=st.integers(1, 4), scale=st.floats(0.3, 3.0), data=st.data())
def test_the_gap_is_what_a_slow_search_finds(rises, months, scale, data):
    line = list(np.cumprod([1000.0, *rises]))
    levels = st.floats(0.3 * line[0] * scale, 1.5 * line[-1] * scale)
    china = data.draw(st.lists(levels, min_size=months, max_size=months))
    past, opening, ahead = line[: -months - 1], line[-months - 1], line[-months:]
    found = gap_months(
        np.array(china)[:, None],
        np.array(ahead)[:, None] * scale,
        np.array([scale]),
        np.array([opening * scale]),
        history_of(past),
    )
    whole = [x * scale for x in line]
    expected = [gap_by_hand(level, whole[: len(line) - months + n + 1]) for n, level in enumerate(china)]
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("china", "gap"),
    [
        (99.0, math.nan),
        (100.0, 4.0),
        (200.0, 3.0),
        (200.0 * math.sqrt(2), 2.5),
        (1600.0, 0.0),
        (5000.0, 0.0),
    ],
    ids=["below the history", "at its start", "on a month", "half-way", "level", "ahead"],
)
def test_the_gap_of_a_stock_that_doubles_every_month(china, gap):
    found = gap_months(
        np.array([[china]]), np.array([[1600.0]]), np.ones(1), np.array([800.0]), history_of([100, 200, 400])
    )
    assert found[0, 0] == pytest.approx(gap, nan_ok=True)


def test_the_gap_grows_by_a_month_a_month_while_china_stands_still():
    us = 1600.0 * 2.0 ** np.arange(5)[:, None]
    found = gap_months(np.full((5, 1), 300.0), us, np.ones(1), np.array([800.0]), history_of([100, 200, 400]))
    np.testing.assert_allclose(np.diff(found[:, 0]), 1.0)


def test_the_history_is_monthly_rises_and_meets_its_facts(book):
    history = load_history(book, parse_month("2026-02"))
    assert np.all(np.diff(history.stocks["us5"]) > 0)
    for name, fact in (
        ("us5", "stock.us5.h100e.2025q4"),
        ("china_official", "stock.china.official.h100e.2025q4"),
        ("total", "stock.world.total.h100e.2025q4"),
    ):
        assert history.stocks[name][-1] == pytest.approx(book.get(fact).number)
        series = history.stocks[name]
        monthly = (series[-1] - series[-4]) / 3
        assert history.rolled[name] == pytest.approx(1 + monthly / series[-1])
