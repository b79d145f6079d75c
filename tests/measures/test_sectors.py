from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import dualtrack
from dualtrack.errors import ResultFault, ScenarioFault
from dualtrack.measures.sectors import OTHER, SECTORS, months_gained, sector_shares, unmet_demand

MONTHS, PATHS = 18, 60
# Feedbacks off: no budget that imports could eat, no refusals that turn to domestic chips, power for all.
FEEDBACKS_OFF = (
    "demand.budget_limit=false",
    "demand.substitution=0",
    "power.spare_months=120",
    "china.ratio=0",
)

levels = st.floats(0.0, 1e6, allow_subnormal=False)
months_by_path = st.tuples(st.integers(1, 12), st.integers(1, 4))
lines = months_by_path.flatmap(
    lambda shape: st.tuples(
        arrays.arrays(float, shape, elements=levels),
        arrays.arrays(float, shape, elements=levels),
        arrays.arrays(float, shape[1:], elements=levels),
    )
)


@given(drawn=lines)
def test_two_equal_runs_gain_nothing(drawn):
    line, _, opening = drawn
    assert np.array_equal(months_gained(line, line, opening), np.zeros_like(line))


@given(drawn=lines)
def test_a_run_that_is_never_below_its_twin_never_loses_a_month(drawn):
    line, more, opening = drawn
    gained = months_gained(line + more, line, opening)
    assert not np.isnan(gained).any()
    assert np.all(gained >= -1e-9)


@given(drawn=lines)
def test_no_run_gains_more_months_than_have_passed(drawn):
    one, other, opening = drawn
    gained = months_gained(one, other, opening)
    passed = np.arange(1, len(one) + 1)[:, None]
    assert np.all(np.isnan(gained) | (gained <= passed + 1e-9))


def test_a_level_not_reached_before_the_end_is_undefined():
    slow, fast = np.array([[11.0], [12.0]]), np.array([[12.0], [13.0]])
    gained = months_gained(slow, fast, np.array([10.0]))
    assert gained[0, 0] == pytest.approx(-1.0)
    assert np.isnan(gained[1, 0])


def test_a_stock_that_shrinks_below_its_start_was_there_at_the_start_in_both():
    falling = np.array([[9.0], [8.0]])
    assert months_gained(falling + 5, falling, np.array([10.0])).tolist() == [[0.0], [0.0]]


def test_runs_of_another_length_are_refused():
    with pytest.raises(ScenarioFault, match="same --paths"):
        months_gained(np.ones((3, 2)), np.ones((4, 2)), np.ones(2))


def test_shares_add_to_one_on_every_path(drawn_for):
    shares = sector_shares(drawn_for(paths=200).values)
    for split in shares:
        assert list(split) == [*SECTORS, OTHER]
        whole = np.sum(list(split.values()), axis=0)
        np.testing.assert_allclose(whole, 1.0, rtol=1e-12)
        assert all(np.all((part >= 0) & (part <= 1)) for part in split.values())


def test_shares_add_to_one_where_everyone_buys_at_home(drawn_for):
    home = [f"sector.{name}.domestic_share=1" for name in (*SECTORS, OTHER)]
    shares = sector_shares(drawn_for(home, paths=3).values)
    np.testing.assert_allclose(np.sum(list(shares.imports.values()), axis=0), 1.0)


@pytest.fixture(scope="module")
def runs():
    options = {"paths": PATHS, "months": MONTHS, "changes": FEEDBACKS_OFF}
    return dualtrack.run("open-door", **options), dualtrack.run("no-imports", **options)


@pytest.mark.parametrize("sector", SECTORS)
def test_imports_never_lose_a_sector_a_month_with_feedbacks_off(runs, sector):
    name = f"sector_compute_{sector}"
    with_imports, without = (run[name].values.astype(float) for run in runs)
    opening = runs[0]["opening_" + name].values
    np.testing.assert_array_equal(opening, runs[1]["opening_" + name].values)
    gained = months_gained(with_imports, without, opening)
    rounding = 0.01  # months; compute is held in single precision
    assert np.all(np.isnan(gained) | (gained >= -rounding))
    assert not np.isnan(gained[:-1]).any()
    assert gained[-1].max() > 0.5


def test_sectors_that_buy_abroad_gain_more_than_those_told_to_buy_at_home(runs):
    def median(sector: str) -> float:
        name = f"sector_compute_{sector}"
        opening = runs[0]["opening_" + name].values
        gained = months_gained(*(run[name].values.astype(float) for run in runs), opening)
        return float(np.nanmedian(gained[-1]))

    assert median("autonomous_driving") > median("government")


def test_all_sectors_together_have_no_more_than_stands_in_china(runs):
    for run in runs:
        whole = sum(run[f"sector_compute_{sector}"].values for sector in SECTORS)
        assert np.all(whole < run["china_compute_h100e"].values)


def test_unmet_demand_is_the_backlog_less_what_others_want(runs):
    open_door = runs[0]
    unmet = unmet_demand(open_door)
    assert list(unmet) == list(SECTORS)
    backlog = open_door["h200_backlog"].values
    assert np.all(sum(unmet.values()) <= backlog * (1 + 1e-6))
    assert np.all(sum(unmet.values()) >= 0.3 * backlog)
    with pytest.raises(ResultFault, match="Run the scenario again"):
        unmet_demand(open_door.drop_vars("opening_sector_import_share_internet"))
