"""A path's numbers do not depend on what runs beside it: chunks, paths in all, workers, horizon."""

from __future__ import annotations

import numpy as np
import pytest

from dualtrack.results.dataset import COUNT
from dualtrack.session import run

PATHS = 60
MONTHS = 18


def assert_same(one, other, *, skip: tuple[str, ...] = ()) -> None:
    assert set(one.data_vars) == set(other.data_vars)
    different = [
        str(name)
        for name in one.data_vars
        if not str(name).startswith(skip or ("-",))
        and not np.array_equal(one[name].values, other[name].values, equal_nan=True)
    ]
    assert different == []


@pytest.fixture(scope="module")
def plain():
    return run(paths=PATHS, months=MONTHS)


@pytest.mark.parametrize("chunk", [1, 7, 4096])
def test_any_chunk_size_gives_the_same_bits(plain, chunk):
    assert_same(plain, run(paths=PATHS, months=MONTHS, chunk=chunk))


@pytest.mark.parametrize("scenario", ["no-imports", "open-door", "one-for-one", "sudden-stop", "slow-freeze"])
def test_any_chunk_size_gives_the_same_bits_in_every_scenario(scenario):
    assert_same(run(scenario, paths=20, months=8), run(scenario, paths=20, months=8, chunk=3))


@pytest.mark.slow
def test_two_workers_give_the_same_bits_as_one(plain):
    assert_same(plain, run(paths=PATHS, months=MONTHS, chunk=16, workers=2))


def test_the_first_100_paths_of_1000_are_the_100_paths_of_100():
    few, many = run(paths=100, months=MONTHS), run(paths=1000, months=MONTHS)
    assert_same(few, many.isel(path=slice(0, 100)), skip=(COUNT,))


@pytest.mark.parametrize(
    "changes",
    [(), ("us.licence_validity_months=18",), ("us.revocation=2026-06", "us.revocation_months=4")],
    ids=["as shipped", "licences that lapse after the shorter horizon", "a decree in the shorter horizon"],
)
def test_a_longer_horizon_changes_nothing_of_the_months_before(changes):
    short = run(paths=80, months=12, changes=changes)
    long = run(paths=80, months=36, changes=changes)
    assert_same(short, long.isel(month=slice(0, 12)))


def test_another_seed_gives_other_paths(plain):
    other = run(paths=PATHS, months=MONTHS, seed=7)
    for name in ("h200_backlog", "domestic_packages", "us_compute_h100e"):
        assert not np.any(plain[name].values == other[name].values), name


@pytest.mark.parametrize("paths", [1, 2, 5])
def test_a_run_of_very_few_paths_has_its_numbers(paths):
    assert run(paths=paths, months=4)["h200_backlog"].shape == (4, paths)


def test_counts_by_state_add_up_to_the_paths(plain):
    for name in ("us_gate", "china_gate", "binding"):
        assert (plain[COUNT + name].values.sum(axis=1) == PATHS).all(), name
