from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.orders import decided, law, mine, order

from dualtrack.decide.decision import decide
from dualtrack.entities import find_chip
from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import load_book

DOMESTIC = find_chip("huawei.ascend_910c")


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 10**7), st.floats(0, 1e6))
def test_the_duty_is_a_quarter_of_units_times_price(units, price):
    levy = decided(units=units, price_usd=price).levy
    assert (levy.outcome, levy.rate, levy.price_basis) == ("levy_due", 0.25, "as given")
    assert levy.base_usd == pytest.approx(units * price)
    assert levy.due_usd == pytest.approx(0.25 * units * price)


def test_without_a_price_the_catalogue_gives_it_and_says_where_from():
    levy = decided(units=10).levy
    assert levy.price_usd == load_book().get("import.demand.unit_price").number
    assert levy.due_usd == 10 * 27_000 * 0.25
    assert "catalogue" in levy.price_basis and "2026-01" in levy.price_basis


def test_the_bands_are_open_at_both_ends():
    """Above 14,000 and below 17,500 TPP with above 4,500 and below 5,000 GB/s; the like of the upper band."""
    cases = {
        (1750.0, 4800): "no_levy",  # 14,000 TPP
        (1750.1, 4800): "levy_due",
        (2187.5, 4800): "no_levy",  # 17,500 TPP
        (2187.4, 4800): "levy_due",
        (1979.0, 4500): "no_levy",
        (1979.0, 5000): "no_levy",
        (1979.0, 4999): "levy_due",
        (2600.0, 6000): "no_levy",  # 20,800 TPP
        (2600.1, 6000): "levy_due",
        (2637.5, 6000): "no_levy",  # 21,100 TPP
        (2637.4, 6000): "levy_due",
        (2610.0, 5800): "no_levy",
        (2610.0, 6200): "no_levy",
        (1979.0, 6000): "no_levy",
    }
    for (rate, bandwidth), outcome in cases.items():
        chip = mine({"dense_tflops": {"fp8": rate}, "memory_bandwidth_gbps": bandwidth, "die_area_mm2": 800})
        assert decided(chip, price_usd=1).levy.outcome == outcome, (rate, bandwidth)


def test_what_never_enters_the_united_states_and_an_exempt_use_owe_nothing():
    assert decided(declare={"exported_from_us": False}).levy.due_usd == 0
    assert decided(declare={"levy_exempt": True}).levy.due_usd == 0
    assert decided(on="2026-01-14").levy.due_usd == 0


def test_a_duty_that_hangs_on_a_figure_is_not_named():
    levy = decided(mine({"dense_tflops": {"fp8": 1979}, "die_area_mm2": 814}), price_usd=20_000).levy
    assert levy.outcome == "undetermined"
    assert levy.due_usd is None
    assert levy.base_usd == 2_000_000


def test_an_unknown_price_leaves_the_sum_open_and_the_rate_known():
    figures = {"dense_tflops": {"fp8": 1979}, "die_area_mm2": 814, "memory_bandwidth_gbps": 4800}
    levy = decided(mine(figures)).levy
    assert (levy.rate, levy.due_usd, levy.base_usd) == (0.25, None, None)
    assert "--price" in levy.price_basis


@pytest.mark.parametrize("chip", ["H20", "nvidia.h20_141gb", "MI308X"])
def test_the_arrangement_takes_15_percent_of_the_revenue(chip):
    levy = decided(chip, units=1000, price_usd=12_000, on="2025-08-11").levy
    assert levy.share_rate == load_book().get("export.share_2025_08.rate").number == 0.15
    assert levy.share_usd == pytest.approx(1_800_000)
    assert decided(chip, units=1000, price_usd=12_000, on="2025-08-10").levy.share_usd == 0


@pytest.mark.parametrize("chip", ["H200", "L20", "MI325X"])
def test_other_chips_are_outside_the_arrangement(chip):
    assert decided(chip, price_usd=12_000, on="2025-12-20").levy.share_usd == 0


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 10**6), st.floats(0, 10), st.floats(100, 1e5))
def test_domestic_chips_on_each_basis(units, ratio, price):
    counts = decided(units=units, ratio=ratio, price_usd=price).domestic.counts
    assert counts["units"] == pytest.approx((ratio * units,) * 3, abs=1e-6)
    assert DOMESTIC.price_usd is not None
    by_spend = ratio * units * price / DOMESTIC.price_usd.mid
    assert counts["spend"] == pytest.approx((by_spend,) * 3, abs=1e-6)
    by_compute = ratio * units * find_chip("H200").tpp / DOMESTIC.tpp
    assert counts["compute"] == pytest.approx((by_compute,) * 3, abs=1e-6)


def test_without_a_ratio_a_prior_range_stands_and_says_so():
    due = decided(units=1000).domestic
    assert due.ratio == (0.3, 1.0, 2.5)
    assert due.counts["units"] == (300, 1000, 2500)
    assert "import.ratio.model_prior" in due.source
    assert "no ratio was ever published" in due.source


def test_a_basis_that_is_not_known_is_left_open():
    due = decided(mine({})).domestic
    assert due.counts["units"] == (30, 100, 250)
    assert due.counts["spend"] is None
    assert due.counts["compute"] is None


def test_a_ratio_below_zero_is_refused():
    with pytest.raises(ScenarioFault, match="below zero"):
        decide(order(), law(), ratio=-0.1)
