"""Indices against functions whose indices are known, through the design and blocks that a scenario goes through."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dualtrack.study.designs import STEP, morris_design, sobol_design
from dualtrack.study.factors import Factor
from dualtrack.study.indices import as_ranks, morris_effects, sobol_indices, varies

LUCK = Factor("luck", "", (), ())
SEED = 11
ALONE = Factor("alone", "", (), ("a",))
TOGETHER = Factor("b + c", "", (), ("b", "c"))
IDLE = Factor("idle", "", (), ("idle",))
FACTORS = (ALONE, TOGETHER, IDLE, LUCK)
# Sobol' g: the larger, the less an input matters; the last is the weight of luck, drawn month by month.
WEIGHTS = {"a": 0.0, "b": 1.0, "c": 3.0, "us.move:2026-10": 0.5}

Uniform = Callable[[str], np.ndarray]


def sobol_g(uniform: Uniform) -> np.ndarray:
    return np.prod([(abs(4 * uniform(s) - 2) + a) / (1 + a) for s, a in WEIGHTS.items()], axis=0)


def values_of(design, function=sobol_g) -> np.ndarray:
    return function(design.block(SEED, 0, design.rows).uniform)


def g_indices(*streams: str) -> tuple[float, float]:
    """First and total order of some inputs of the g function together."""
    parts = {s: 1 + 1 / (3 * (1 + a) ** 2) for s, a in WEIGHTS.items()}
    whole = np.prod(list(parts.values())) - 1
    own = np.prod([parts[s] for s in streams]) - 1
    others = np.prod([parts[s] for s in parts if s not in streams])
    return own / whole, own * others / whole


@pytest.fixture(scope="module")
def found():
    design = sobol_design(FACTORS, 4096, SEED)
    return sobol_indices(design, values_of(design), SEED)


@pytest.mark.parametrize(
    ("place", "streams"),
    [(0, ("a",)), (1, ("b", "c")), (3, ("us.move:2026-10",))],
    ids=["alone", "grouped", "luck"],
)
def test_indices_of_the_g_function_lie_within_their_intervals(found, place, streams):
    first, total = g_indices(*streams)
    for estimate, known in ((found.first[place], first), (found.total[place], total)):
        # The interval is one of 95 %: half as much again is for the seed.
        assert abs(estimate.value - known) < 0.75 * estimate.width
        assert estimate.width < 0.15


def test_an_input_that_does_nothing_has_indices_of_zero(found):
    for estimate in (found.first[2], found.total[2]):
        assert (estimate.value, estimate.low, estimate.high) == (0.0, 0.0, 0.0)


def test_inputs_and_luck_share_out_all_variance(found):
    closed = g_indices("a", "b", "c")[0]
    assert found.inputs_alone.low <= closed <= found.inputs_alone.high
    assert found.inputs_alone.value + found.total[3].value == pytest.approx(1.0)


def test_first_orders_add_up_to_at_most_one_and_none_exceeds_its_total(found):
    assert found.sum_of_first.low <= 1.0
    assert found.sum_of_first.value == pytest.approx(sum(one.value for one in found.first))
    assert all(first.low <= total.high for first, total in zip(found.first, found.total, strict=True))


def test_the_order_of_inputs_far_apart_is_settled(found):
    assert [found.names[n] for n in found.order] == ["alone", "luck", "b + c", "idle"]
    assert found.settled == 4


def test_ishigami_has_an_input_that_acts_only_with_another():
    factors = (*(Factor(s, "", (), (s,)) for s in "xyz"), LUCK)
    design = sobol_design(factors, 4096, SEED)

    def ishigami(uniform: Uniform) -> np.ndarray:
        x, y, z = (np.pi * (2 * uniform(s) - 1) for s in "xyz")
        return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)

    found = sobol_indices(design, values_of(design, ishigami), SEED)
    assert [one.value for one in found.first] == pytest.approx([0.3139, 0.4424, 0.0, 0.0], abs=0.03)
    assert [one.value for one in found.total] == pytest.approx([0.5576, 0.4424, 0.2437, 0.0], abs=0.03)


def test_estimates_are_those_of_salib_and_intervals_about_as_wide():
    from SALib.analyze import sobol

    design = sobol_design(FACTORS, 512, SEED)
    values = values_of(design)
    found = sobol_indices(design, values, SEED)
    problem = {"num_vars": 4, "names": list(design.names), "bounds": [[0, 1]] * 4}
    theirs = sobol.analyze(problem, values, calc_second_order=False, num_resamples=500, seed=SEED)
    for ours, name in ((found.first, "S1"), (found.total, "ST")):
        assert np.allclose([one.value for one in ours], theirs[name], atol=1e-12)
        for one, half in zip(ours, theirs[f"{name}_conf"], strict=True):
            assert one.width == pytest.approx(2 * half, rel=0.3)


def test_a_scenario_of_luck_alone_is_explained_by_luck_alone():
    design = sobol_design((LUCK,), 256, SEED)
    found = sobol_indices(design, values_of(design, lambda uniform: uniform("us.move:2026-10")), SEED)
    assert found.total[0].value == pytest.approx(1.0, abs=0.15)
    assert found.inputs_alone.low <= 0.0 <= found.inputs_alone.high


def test_ranks_do_not_see_how_long_a_tail_is():
    values = np.random.default_rng(1).normal(size=1000)
    assert np.array_equal(as_ranks(values), as_ranks(np.exp(5 * values)))
    assert as_ranks(np.array([3.0, 1.0, 3.0])).tolist() == [
        0.6666666666666666,
        0.16666666666666666,
        0.6666666666666666,
    ]


def test_what_is_the_same_everywhere_does_not_vary():
    assert not varies(np.full(9, 1e12))
    assert not varies(np.zeros(3))
    assert varies(np.array([0.0, 0.0, 1e-3]))


def test_effects_of_a_linear_function_are_its_slopes_times_the_step():
    design = morris_design(FACTORS, 20, SEED)

    def linear(uniform: Uniform) -> np.ndarray:
        return 3.0 * uniform("a") - 5.0 * uniform("b") + 0.0 * uniform("idle")

    found = morris_effects(design, FACTORS, values_of(design, linear), SEED)
    assert [one.value for one in found.size] == pytest.approx([3 * STEP, 5 * STEP, 0.0, 0.0])
    assert found.mean[0] == pytest.approx(3 * STEP) and found.deviation[0] == pytest.approx(0.0, abs=1e-9)
    # Several numbers, or luck, have no direction.
    assert found.mean[1] is None and found.mean[3] is None
    assert found.order[:2] == [1, 0]


def test_another_luck_is_a_step_of_luck():
    design = morris_design(FACTORS, 40, SEED)
    found = morris_effects(design, FACTORS, values_of(design, lambda u: u("us.move:2026-10")), SEED)
    # Two independent uniforms are a third apart on average. The trajectories are SALib's, and another version draws
    # others, so the mean is held to twice its 95 % interval.
    size = found.size[3]
    assert abs(size.value - 1 / 3) < size.high - size.low
