"""A sampled path drawn by itself is the path of the run."""

from __future__ import annotations

import numpy as np
import pytest

from dualtrack.audit.replay import choose_sample, replay
from dualtrack.errors import ScenarioFault
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.simulate.run import prepare


@pytest.mark.parametrize("scenario", ["h200-truce", "one-for-one", "sudden-stop"])
def test_paths_drawn_by_themselves_have_the_bits_of_the_run(book, scenario):
    task = prepare(load_scenario(scenario, book, run={"paths": 30, "months": 9}), book)
    sample = choose_sample(30, 9, 40, 7)
    paths = np.unique(sample.paths)
    seen = []
    again = replay(task, sample, paths, lambda case: seen.append((case.path, case.number)))
    whole = task.block(0, 30)
    for name, array in whole.totals.items():
        np.testing.assert_array_equal(again.totals[name], array[:, paths], err_msg=name)
    for name, array in whole.buyers.items():
        np.testing.assert_array_equal(again.buyers[name], array[..., paths], err_msg=name)
    for name, array in whole.opening.items():
        np.testing.assert_array_equal(again.opening[name], array[paths], err_msg=name)
    assert sorted(seen) == list(zip(sample.paths, sample.months, strict=True))


def test_a_month_alone_has_the_law_of_its_path(book):
    task = prepare(load_scenario("one-for-one", book, run={"paths": 20, "months": 12}), book)
    sample = choose_sample(20, 12, 240, 0)

    def check(case):
        alone, beside = case.alone.environment.parameters, case.month.environment.parameters
        for name in beside:
            assert float(alone[name]) == float(case.pick(beside[name])), name
        assert np.array_equal(case.alone.refused[:, 0], case.by_buyer(case.month.refused))

    replay(task, sample, np.arange(20), check)


def test_a_sample_has_each_path_month_once_and_the_same_seed_gives_the_same():
    sample = choose_sample(50, 12, 300, 3)
    flat = sample.paths * 12 + sample.months
    assert len(np.unique(flat)) == 300 and (np.diff(flat) > 0).all()
    assert flat.min() >= 0 and flat.max() < 600
    assert all(np.array_equal(*pair) for pair in zip(sample, choose_sample(50, 12, 300, 3), strict=True))
    assert not np.array_equal(sample.paths, choose_sample(50, 12, 300, 4).paths)


def test_telling_kinds_get_their_part_and_rare_ones_are_all_taken():
    rare, common = np.zeros((12, 50), dtype=bool), np.zeros((12, 50), dtype=bool)
    rare[3, :5] = True
    common[6:, 10:] = True
    sample = choose_sample(50, 12, 60, 0, [rare, common])
    assert rare[sample.months, sample.paths].sum() == 5
    assert common[sample.months, sample.paths].sum() >= 35
    assert len(sample.paths) == 60


@pytest.mark.parametrize("size", [1, 2, 600])
def test_any_size_up_to_the_whole_run_is_met(size):
    busy = np.ones((12, 50), dtype=bool)
    assert len(choose_sample(50, 12, size, 0, [busy, busy]).paths) == size


@pytest.mark.parametrize(("size", "seed"), [(0, 0), (601, 0), (-1, 0), (10, -1)])
def test_a_sample_that_cannot_be_is_refused(size, seed):
    with pytest.raises(ScenarioFault, match=r"--sample|--seed"):
        choose_sample(50, 12, size, seed)
