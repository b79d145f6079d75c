from __future__ import annotations

import numpy as np
import pytest

import dualtrack
from dualtrack.errors import ResultFault
from dualtrack.measures.leverage import NEEDED, leverage

MONTHS, PATHS, STOP = 15, 60, "2026-06"
FIRST = 5  # decreed in June 2026, binding from July, the sixth month of the run


@pytest.fixture(scope="module")
def base():
    return dualtrack.run("open-door", paths=PATHS, months=MONTHS)


@pytest.fixture(scope="module")
def stopped():
    return dualtrack.run("open-door", paths=PATHS, months=MONTHS, changes=[f"us.revocation={STOP}"])


def test_a_run_against_itself_has_nothing_at_stake(base):
    for stake in leverage(base, base, 0).values():
        assert not np.nan_to_num(stake.loss).any()


def test_a_us_stop_costs_the_vendor_and_the_treasury_and_takes_compute_from_china(base, stopped):
    stakes = leverage(base, stopped, FIRST)
    assert {stake.side for stake in stakes.values()} == {"US", "China"}
    for name in ("vendor_revenue", "levy", "compute_months"):
        assert np.median(stakes[name].loss) > 0, name
    assert np.nanmedian(stakes["gap"].loss) >= 0
    revenue = base["nvidia_china_ai_revenue"].values[FIRST:].sum(axis=0)
    assert np.all(stakes["vendor_revenue"].loss <= revenue * (1 + 1e-9))


def test_a_chinese_stop_is_weighed_the_same_way(base):
    closed = dualtrack.run("open-door", paths=PATHS, months=MONTHS, changes=[f"china.revocation={STOP}"])
    stakes = leverage(base, closed, FIRST)
    assert np.median(stakes["vendor_revenue"].loss) > 0
    assert np.median(stakes["compute"].loss) > 0


def test_the_parts_are_sums_over_the_months_from_the_stop():
    rows = {name: np.array([[1.0], [5.0], [6.0]]) for name in NEEDED}
    less = {name: np.array([[1.0], [3.0], [2.0]]) for name in NEEDED}
    stakes = leverage(rows, less, 1)
    assert stakes["vendor_revenue"].loss.tolist() == [6.0]
    assert stakes["domestic_revenue"].loss.tolist() == [6.0]
    assert stakes["vendor_write_down"].loss.tolist() == [-6.0]
    assert stakes["compute"].loss.tolist() == [4.0]
    assert stakes["compute_months"].loss.tolist() == [6.0]
    assert stakes["gap"].loss.tolist() == [-4.0]


def test_runs_that_are_no_twins_are_refused(base, stopped):
    with pytest.raises(ResultFault, match="differ before the stop"):
        leverage(base, stopped, FIRST + 3)
    with pytest.raises(ResultFault, match="0 to 14"):
        leverage(base, stopped, MONTHS)
    with pytest.raises(ResultFault, match="months or paths"):
        leverage(base, stopped.isel(path=slice(0, 5)), FIRST)
    with pytest.raises(ResultFault, match="levy_paid"):
        leverage(base.drop_vars("levy_paid"), stopped, FIRST)
