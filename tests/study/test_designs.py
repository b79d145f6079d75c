"""The rows that are simulated: the very ones of SALib, with event luck as one input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.errors import ScenarioFault
from dualtrack.study.designs import HIGHEST, LEVELS, LOWEST, STEP, morris_design, sobol_design
from dualtrack.study.factors import Factor

LUCK = Factor("luck", "", (), ())


def factors(*streams: int) -> tuple[Factor, ...]:
    """Factors of so many streams each, luck last."""
    made = [
        Factor(f"f{n}", "", (), tuple(f"f{n}.{s}" for s in range(count))) for n, count in enumerate(streams)
    ]
    return (*made, LUCK)


def test_the_rows_are_those_of_salib():
    from SALib.sample import sobol

    given_factors = factors(1, 3, 2)
    design = sobol_design(given_factors, 16, seed=7)
    groups = [f.name for f in given_factors for _ in f.streams]
    problem = {
        "num_vars": 6,
        "names": list(design.streams),
        "groups": groups,
        "bounds": [[0.0, 1.0]] * 6,
    }
    theirs = sobol.sample(problem, 16, calc_second_order=False, seed=7)
    ours = design.uniforms(np.arange(design.rows)).T.reshape(16, 6, 6)
    luck_row = 4
    assert np.array_equal(np.delete(ours, luck_row, axis=1).reshape(-1, 6), theirs)
    assert np.array_equal(ours[:, luck_row], ours[:, 0])


def test_luck_is_that_of_b_only_in_its_own_row_and_in_b():
    design = sobol_design(factors(1, 1), 4, seed=1)
    luck = design.luck(np.arange(design.rows)).reshape(4, 5)
    assert luck[:, [0, 1, 2]].tolist() == [[2 * n] * 3 for n in range(4)]
    assert luck[:, [3, 4]].tolist() == [[2 * n + 1] * 2 for n in range(4)]


@given(start=st.integers(0, 60), count=st.integers(1, 40))
def test_a_block_of_rows_is_the_same_however_it_is_cut(start, count):
    design = sobol_design(factors(1, 2, 1), 32, seed=3)
    whole = design.block(5, 0, design.rows)
    part = design.block(5, start, count)
    for stream in (*design.streams, "us.move:2026-10"):
        assert np.array_equal(part.uniform(stream), whole.uniform(stream)[start : start + count])


def test_a_scenario_in_which_only_luck_is_left_has_a_design_too():
    design = sobol_design((LUCK,), 8, seed=1)
    assert design.rows == 24
    assert design.luck(np.arange(6)).tolist() == [0, 1, 1, 2, 3, 3]
    assert design.uniforms(np.arange(3)).shape == (0, 3)


def test_each_step_of_a_trajectory_moves_one_factor_by_one_step():
    given_factors = factors(1, 3, 2)
    design = morris_design(given_factors, 6, seed=2)
    moves = np.diff(design.points.reshape(6, 5, 7), axis=1)
    columns = [f.name for f in given_factors for _ in f.streams] + ["luck"]
    for trajectory in moves:
        moved = [{columns[c] for c in np.flatnonzero(step)} for step in trajectory]
        assert all(len(names) == 1 for names in moved)
        assert set().union(*moved) == {f.name for f in given_factors}
    assert np.allclose(np.abs(moves[moves != 0.0]), STEP)
    assert design.points.min() >= LOWEST and design.points.max() <= HIGHEST


def test_each_level_of_each_trajectory_has_a_luck_of_its_own():
    design = morris_design(factors(1, 1), 5, seed=2)
    luck = design.luck(np.arange(design.rows)).reshape(5, 4)
    assert [set(row // LEVELS) for row in luck] == [{n} for n in range(5)]
    assert all(len(set(row)) == 2 for row in luck)


@pytest.mark.parametrize(("base", "nearest"), [(1000, 1024), (700, 512), (3, 4), (1, 2), (769, 1024), (0, 2)])
def test_a_base_that_is_no_power_of_two_is_refused_with_the_nearest(base, nearest):
    with pytest.raises(ScenarioFault, match=rf"power of two.*nearest is {nearest}\."):
        sobol_design(factors(1), base, seed=1)


def test_a_design_that_would_take_days_is_refused_before_it_is_made():
    with pytest.raises(ScenarioFault, match=r"1,073,741,824 makes .* rows, some .* hours"):
        sobol_design(factors(1), 2**30, seed=1)


def test_one_trajectory_is_too_few():
    with pytest.raises(ScenarioFault, match="2 trajectories or more"):
        morris_design(factors(1), 1, seed=1)
