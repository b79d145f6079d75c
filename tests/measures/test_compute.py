from __future__ import annotations

import numpy as np
import pytest

from dualtrack.measures.compute import compute_stocks, stock_levels
from dualtrack.measures.history import load_history
from dualtrack.measures.outcomes import outcomes
from dualtrack.simulate.inputs import draw
from dualtrack.simulate.kernel import run_numpy

KEPT = ["world.hard_loss=0", "world.economic_life=20"]
PATHS, MONTHS = 40, 24


@pytest.fixture(scope="module")
def measured(model_for, book):
    """A run without losses: its model, draws, monthly outputs and outcomes."""
    model = model_for(KEPT, paths=PATHS, months=MONTHS)
    drawn = draw(model, model.block(0, PATHS))
    outputs = run_numpy(model, drawn)
    return model, drawn, outputs, outcomes(model, load_history(book, model.scenario.start), drawn, outputs)


def over_buyers(array: np.ndarray) -> np.ndarray:
    return array.sum(axis=1) if array.ndim == 3 else array


def test_without_losses_compute_in_china_is_the_opening_and_all_that_was_added(measured, book):
    model, drawn, outputs, found = measured
    h200 = 1979.0 / 1979.0  # dense 8-bit TFLOPS of H200 over H100
    h20 = 296.0 / 1979.0
    added = over_buyers(outputs["delivered"]) * h200 + outputs["letter_units"] * h20
    added = added + over_buyers(outputs["domestic_h100e"])
    opening = (
        drawn.values["world.china_official"]
        * load_history(book, model.scenario.start).rolled["china_official"]
    )
    expected = opening + np.cumsum(added, axis=0)
    np.testing.assert_allclose(found.totals["china_official_h100e"], expected, rtol=1e-9)


def test_compute_in_china_is_licensed_domestic_and_smuggled(measured):
    totals = measured[3].totals
    whole = totals["china_official_h100e"] + totals["china_smuggled_h100e"]
    np.testing.assert_allclose(totals["china_compute_h100e"], whole, rtol=1e-12)
    np.testing.assert_allclose(totals["compute_gap_ratio"], totals["us_compute_h100e"] / whole, rtol=1e-12)
    np.testing.assert_allclose(
        totals["china_share_of_world"], whole / totals["world_compute_h100e"], rtol=1e-12
    )


def test_without_losses_the_us_stock_rises_by_its_share_of_the_worlds_flow(measured):
    _, drawn, _, found = measured
    v = drawn.values
    years = (2026 * 12 + 1 + np.arange(MONTHS)[:, None] - (2025 * 12 + 7)) / 12  # from August 2025
    fade = v["world.growth_fade"]
    flow = v["world.flow"] * v["world.flow_growth"] ** ((1 - np.exp(-fade * years)) / fade)
    rise = np.diff(found.totals["us_compute_h100e"], axis=0)
    np.testing.assert_allclose(rise, (flow * v["world.us5_share"])[1:], rtol=1e-6)


def test_hard_losses_alone_shrink_a_stock_by_their_yearly_rate(model_for, book):
    model = model_for(["world.hard_loss=0.12", "world.economic_life=20"], paths=5, months=12)
    values = draw(model, model.block(0, 5)).values
    nothing = np.zeros((12, 5))
    history = load_history(book, model.scenario.start)
    compute = compute_stocks(values, history, model.scenario.start, nothing, nothing, nothing)
    opening = compute.opening["china_official"]
    np.testing.assert_allclose(compute.china_official[-1], opening * 0.99**12, rtol=1e-9)


def test_a_chip_retires_once_at_the_end_of_its_life(model_for, book):
    """With a life of three years all that stood at the start of 2024 is gone by the end of 2026."""
    model = model_for(["world.hard_loss=0", "world.economic_life=3"], paths=5, months=30)
    values = draw(model, model.block(0, 5)).values
    nothing = np.zeros((30, 5))
    history = load_history(book, model.scenario.start)
    compute = compute_stocks(values, history, model.scenario.start, nothing, nothing, nothing)
    series = history.stocks["china_official"]
    scale = compute.opening["china_official"] / (series[-1] * history.rolled["china_official"])
    opening_month = model.scenario.start - 1
    for n in (0, 10, 20, 29):
        month = model.scenario.start + n - 36
        gone = np.interp([opening_month - 36, month], history.first + np.arange(len(series)), series, left=0)
        expected = compute.opening["china_official"] - (gone[1] - gone[0]) * scale
        np.testing.assert_allclose(compute.china_official[n], expected, rtol=1e-9)


def test_cumulative_outcomes_are_the_sums_of_their_flows(measured):
    _, _, outputs, found = measured
    for name in ("licensed", "cleared", "ordered", "shipped", "delivered", "powered", "refused"):
        expected = np.cumsum(over_buyers(outputs[name]), axis=0)
        np.testing.assert_allclose(found.totals[f"h200_{name}_cum"], expected, rtol=1e-12)
    for name in ("delivered", "powered"):
        by_buyer = found.buyers[f"h200_{name}_cum"].sum(axis=1)
        np.testing.assert_allclose(by_buyer, found.totals[f"h200_{name}_cum"], rtol=1e-9)


def test_revenue_is_units_shipped_at_their_price_and_letter_chips(measured):
    _, drawn, outputs, found = measured
    v = drawn.values
    price = v["vendor.price_usd"] * (1 + 0.25 * v["vendor.levy_passed_on"])
    revenue = over_buyers(outputs["shipped"]) * price
    revenue = revenue + outputs["letter_units"] * v["vendor.letter_chip_price_usd"]
    np.testing.assert_allclose(found.totals["nvidia_china_ai_revenue"], revenue, rtol=1e-9)
    levy = over_buyers(outputs["entered"]) * v["vendor.price_usd"] * 0.25
    np.testing.assert_allclose(found.totals["levy_paid"], levy, rtol=1e-9)
    borne = levy * (1 - v["vendor.levy_passed_on"])
    np.testing.assert_allclose(found.totals["levy_borne_by_vendor"], borne, rtol=1e-9, atol=1e-3)


def test_a_stock_is_what_came_in_and_was_kept_less_what_left():
    rng = np.random.default_rng(5)
    opening, added = rng.uniform(50, 90, 3), rng.uniform(0, 9, (6, 3))
    leaving, kept = rng.uniform(0, 2, (6, 3)), np.array([1.0, 0.9, 0.8])
    levels = stock_levels(opening, added, kept, leaving)
    powers = kept ** np.arange(6)[:, None]
    for period in range(6):
        survived = (added - leaving)[: period + 1] * powers[: period + 1][::-1]
        np.testing.assert_allclose(levels[period], opening * kept ** (period + 1) + survived.sum(axis=0))


def test_a_stock_never_falls_below_nothing_and_starts_again_from_there():
    levels = stock_levels(np.array([5.0]), np.array([[1.0], [1.0], [4.0]]), leaving=4.0)
    assert levels.ravel().tolist() == [2.0, 0.0, 0.0]
