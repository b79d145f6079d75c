"""The starting state against the check figures of the design (31 December 2025, medians)."""

from __future__ import annotations

import numpy as np
import pytest

from dualtrack.measures.compute import compute_stocks
from dualtrack.measures.history import load_history
from dualtrack.months import parse_month
from dualtrack.session import run
from dualtrack.simulate.inputs import draw

PATHS = 5000


@pytest.fixture(scope="module")
def drawn(model_for):
    model = model_for(paths=PATHS, months=1)
    return draw(model, model.block(0, PATHS)).values


@pytest.mark.parametrize(
    ("key", "median"),
    [
        ("world.china_official", 1.16e6),
        ("world.china_smuggled", 0.66e6),
        ("world.us5", 14.4e6),
        ("world.total", 20.5e6),
        ("vendor.price_usd", 27e3),
    ],
)
def test_a_median_is_that_of_the_design(drawn, key, median):
    assert np.median(drawn[key]) == pytest.approx(median, rel=0.04)


def test_the_80_percent_interval_of_smuggled_compute_is_035_to_13_million(drawn):
    low, high = np.quantile(drawn["world.china_smuggled"], [0.1, 0.9])
    assert low == pytest.approx(0.35e6, rel=0.06)
    assert high == pytest.approx(1.3e6, rel=0.06)


def test_the_stock_of_h200_is_06_to_07_million(drawn):
    assert 0.6e6 <= np.median(drawn["vendor.stock_units"]) <= 0.7e6


def test_stated_orders_are_between_the_two_reports(drawn):
    orders = drawn["demand.stated_orders"]
    assert 1.0e6 <= np.median(orders) <= 2.1e6
    # Reuters has above two million, the Financial Times above one: half of the paths each.
    assert np.mean(orders > 1.5e6) == pytest.approx(0.5, abs=0.1)


def test_china_starts_evenly_in_the_three_states_of_the_reports(drawn):
    share = [np.mean(drawn["china.gate_start"] == state) for state in range(4)]
    assert share == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0], abs=0.03)


def test_the_stocks_of_january_exceed_those_of_december_by_the_quarters_mean_month(drawn, book):
    history = load_history(book, parse_month("2026-02"))
    nothing = np.zeros((1, PATHS))
    opening = compute_stocks(drawn, history, 2026 * 12 + 1, nothing, nothing, nothing).opening
    for name, key, stem in (
        ("china_official", "world.china_official", "stock.china.official.h100e"),
        ("us5", "world.us5", "stock.us5.h100e"),
        ("total", "world.total", "stock.world.total.h100e"),
    ):
        end, before = (book.get(f"{stem}.2025{quarter}").number for quarter in ("q4", "q3"))
        np.testing.assert_allclose(opening[name], drawn[key] * (1 + (end - before) / 3 / end), rtol=1e-9)


def test_the_opening_of_a_run_shows_december_and_january():
    dataset = run(paths=400, months=1)
    for name in ("china_official", "china_smuggled"):
        december = dataset[f"opening_{name}_h100e_2025_12"].values
        assert (dataset[f"opening_{name}_h100e"].values > december).all()
    assert not dataset["opening_h200_delivered_cum"].values.any()
    backlog = dataset["opening_h200_backlog"].values
    assert (backlog <= dataset["opening_h200_stated_orders"].values).all()
