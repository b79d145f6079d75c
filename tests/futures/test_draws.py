from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, spearmanr

from dualtrack.errors import ScenarioFault, UnknownLabel
from dualtrack.facts.ranges import Range
from dualtrack.futures.draws import Block, Copula, draw_ranges, pearson_from_rank, rank_from_pearson
from dualtrack.scenarios.scenario import load_scenario

MANY = 20_000
# Four standard errors of a rank correlation near zero; smaller for larger ones.
SAMPLING_ERROR = 4.0 / np.sqrt(MANY)

seeds = st.integers(0, 2**63 - 1)


@given(seed=seeds, start=st.integers(0, 10_000), count=st.integers(1, 300), skipped=st.integers(0, 400))
def test_a_block_draws_what_any_larger_block_draws_for_its_paths(seed, start, count, skipped):
    larger = Block(seed, start, skipped + count).uniform("input:x")
    assert np.array_equal(Block(seed, start + skipped, count).uniform("input:x"), larger[skipped:])


@pytest.mark.parametrize("stream", ["input:demand.realism", "us.move:2026-10", "us.move:2026-11"])
def test_a_stream_is_uniform_on_the_open_unit_interval(stream):
    drawn = Block(20260131, 0, MANY).uniform(stream)
    assert drawn.min() > 0.0 and drawn.max() < 1.0
    assert kstest(drawn, "uniform").pvalue > 1e-4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Block(1, 0, MANY).uniform("a"), Block(1, 0, MANY).uniform("b")),
        (Block(1, 0, MANY).uniform("a"), Block(2, 0, MANY).uniform("a")),
        (Block(1, 0, MANY).uniform("a"), Block(1, 1, MANY).uniform("a")),
    ],
    ids=["another stream", "another seed", "the next path"],
)
def test_streams_seeds_and_paths_are_independent(one, other):
    assert abs(spearmanr(one, other).statistic) < SAMPLING_ERROR
    assert not np.any(one == other)


def uniforms(pairs: dict[tuple[str, str], float], seed: int = 7) -> dict[str, np.ndarray]:
    copula = Copula.of(pairs)
    return copula.uniforms(Block(seed, 0, MANY), {name: f"input:{name}" for name in copula.names})


@pytest.mark.parametrize("rank", [-0.95, -0.5, 0.0, 0.2, 0.7, 0.95])
def test_the_copula_gives_the_rank_correlation_asked_for(rank):
    drawn = uniforms({("a", "b"): rank})
    assert spearmanr(drawn["a"], drawn["b"]).statistic == pytest.approx(rank, abs=SAMPLING_ERROR)


def test_the_copula_gives_every_rank_of_several_pairs_and_none_to_the_others():
    asked = {("a", "b"): 0.6, ("b", "c"): -0.4, ("c", "d"): 0.3}
    drawn = uniforms(asked)
    for one, other in [(a, b) for a in "abcd" for b in "abcd" if a < b]:
        if (one, other) == ("a", "c") or (one, other) == ("b", "d") or (one, other) == ("a", "d"):
            asked[one, other] = 0.0
        found = spearmanr(drawn[one], drawn[other]).statistic
        assert found == pytest.approx(asked[one, other], abs=SAMPLING_ERROR), (one, other)


def test_correlated_inputs_stay_uniform_one_by_one():
    for name, drawn in uniforms({("a", "b"): 0.6, ("b", "c"): 0.6}).items():
        assert kstest(drawn, "uniform").pvalue > 1e-4, name


def test_the_copula_gives_the_same_bits_to_a_part_of_the_block():
    copula = Copula.of({("a", "b"): 0.6, ("b", "c"): -0.4, ("c", "d"): 0.3})
    streams = {name: f"input:{name}" for name in copula.names}
    whole = copula.uniforms(Block(7, 0, 500), streams)
    part = copula.uniforms(Block(7, 123, 17), streams)
    for name in copula.names:
        assert np.array_equal(part[name], whole[name][123:140]), name


def test_correlations_that_contradict_each_other_are_refused():
    with pytest.raises(ScenarioFault, match="contradict each other"):
        Copula.of({("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9})


@pytest.mark.parametrize("rank", [-1.0, 1.0])
def test_a_perfect_rank_correlation_is_no_contradiction(rank):
    drawn = uniforms({("a", "b"): rank})
    assert spearmanr(drawn["a"], drawn["b"]).statistic == pytest.approx(rank, abs=1e-9)


@given(st.floats(-1, 1))
def test_a_rank_correlation_and_its_normal_correlation_are_each_others_inverse(rank):
    assert rank_from_pearson(pearson_from_rank(rank)) == pytest.approx(rank, abs=1e-12)


@pytest.mark.parametrize("rank", [-0.3, 0.0, 0.6, 1.0])
def test_equal_correlations_hold_for_every_pair(rank):
    copula = Copula.equal(["c", "a", "b"], rank)
    drawn = copula.uniforms(Block(7, 0, MANY), {name: f"input:{name}" for name in copula.names})
    for one, other in (("a", "b"), ("a", "c"), ("b", "c")):
        assert spearmanr(drawn[one], drawn[other]).statistic == pytest.approx(rank, abs=SAMPLING_ERROR)


@pytest.mark.parametrize(
    ("names", "rank", "said"),
    [
        (["a"], 0.5, "two inputs or more"),
        (["a", "a"], 0.5, "two inputs or more"),
        (["a", "b"], 1.2, "from -1 to 1"),
        (["a", "b"], float("nan"), "from -1 to 1"),
        (["a", "b", "c", "d"], -0.6, "contradict each other"),
    ],
)
def test_equal_correlations_that_cannot_be_are_refused(names, rank, said):
    with pytest.raises(ScenarioFault, match=said):
        Copula.equal(names, rank)


RANGES = {
    "price": Range(27_000, 31_000, 35_000, "lognormal"),
    "share": Range(0.1, 0.2, 0.4, "two_piece_logit"),
    "units": Range(1, 2, 3, "uniform"),
}


def test_a_range_is_drawn_from_its_own_stream_whatever_else_is_drawn():
    block = Block(7, 0, 500)
    drawn = draw_ranges(block, RANGES)
    assert list(drawn) == list(RANGES)
    for name, of in RANGES.items():
        assert np.array_equal(drawn[name], of.quantile(block.uniform(f"input:{name}")))
        assert np.array_equal(drawn[name], draw_ranges(block, {name: of})[name])
    correlated = draw_ranges(block, RANGES, Copula.equal(["price", "share"], 0.5))
    assert np.array_equal(correlated["units"], drawn["units"])
    assert not np.array_equal(correlated["share"], drawn["share"])


def test_ranges_keep_their_rank_correlation_and_their_percentiles():
    drawn = draw_ranges(Block(7, 0, MANY), RANGES, Copula.equal(["price", "share"], 0.5))
    assert spearmanr(drawn["price"], drawn["share"]).statistic == pytest.approx(0.5, abs=SAMPLING_ERROR)
    assert np.quantile(drawn["share"], [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.2, 0.4], rel=0.03)


def test_a_correlation_of_what_is_no_range_is_refused():
    with pytest.raises(UnknownLabel, match=r"'shares', which is no range\..*share"):
        draw_ranges(Block(7, 0, 5), RANGES, Copula.equal(["price", "shares"], 0.5))


@pytest.mark.parametrize(
    ("correlations", "said"),
    [
        (
            "- {between: [demand.realism, demand.decay], rank: 0.9, assumption: x}\n"
            "  - {between: [demand.decay, demand.chip_share], rank: 0.9, assumption: x}\n"
            "  - {between: [demand.realism, demand.chip_share], rank: -0.9, assumption: x}\n",
            "contradict each other",
        ),
        ("- {between: [demand.realism, demand.decay], rank: 1.2, assumption: x}\n", "outside -1 to 1"),
        ("- {between: [demand.realism, demand.decoy], rank: 0.2, assumption: x}\n", "demand.decoy"),
    ],
    ids=["contradiction", "out of range", "unknown name"],
)
def test_a_scenario_with_bad_correlations_is_refused(tmp_path, book, correlations, said):
    path = tmp_path / "mine.yaml"
    path.write_text(f"title: Mine\ninherits: h200-truce\ncorrelations:\n  {correlations}")
    with pytest.raises(ScenarioFault, match=said):
        load_scenario(str(path), book)


def test_every_correlation_of_the_default_scenario_shows_in_what_is_drawn(drawn_for, model_for):
    drawn = drawn_for(paths=MANY, months=1)
    correlations = model_for().scenario.correlations
    assert correlations
    found, asked = {}, {}
    for entry in correlations:
        one, other = (drawn.values[name] for name in entry.between)
        asked[entry.between] = pytest.approx(entry.rank, abs=SAMPLING_ERROR)
        found[entry.between] = float(spearmanr(one, other).statistic)
    assert found == asked


def test_inputs_without_a_correlation_are_independent_in_what_is_drawn(drawn_for):
    drawn = drawn_for(paths=MANY, months=1).values
    found = spearmanr(drawn["demand.realism"], drawn["vendor.price_usd"]).statistic
    assert found == pytest.approx(0.0, abs=SAMPLING_ERROR)


@pytest.mark.parametrize(
    "change", ["demand.realism=0.5", "us.share_limit=0.2:0.4:0.9", "vendor.price_usd=1000"]
)
def test_a_change_of_one_key_leaves_the_draws_of_all_others(drawn_for, change):
    plain, changed = drawn_for(months=6), drawn_for([change], months=6)
    key = change.partition("=")[0]
    for name, values in plain.values.items():
        assert np.array_equal(values, changed.values[name], equal_nan=True) or name == key, name
    if key in plain.values:
        assert not np.array_equal(plain.values[key], changed.values[key])
    for name in ("us", "china", "tension", "batch_units"):
        assert np.array_equal(getattr(plain.gates, name), getattr(changed.gates, name)), name


@pytest.mark.parametrize("scenario", ["no-imports", "open-door", "one-for-one", "sudden-stop", "slow-freeze"])
def test_a_path_has_the_same_inputs_in_every_scenario(drawn_for, scenario):
    truce, other = drawn_for(months=3), drawn_for(months=3, scenario=scenario)
    shared = truce.uniforms.keys() & other.uniforms.keys()
    assert len(shared) > 80
    for name in shared:
        assert np.array_equal(truce.uniforms[name], other.uniforms[name]), name


def test_a_path_has_the_same_gate_luck_in_every_scenario(drawn_for):
    same_start = ["us.gate_start=review", "china.gate_start=quota"]
    truce = drawn_for(same_start, months=36).gates
    one_for_one = drawn_for(same_start, months=36, scenario="one-for-one").gates
    assert np.array_equal(truce.us, one_for_one.us)
    assert np.array_equal(truce.china, one_for_one.china)
    assert np.array_equal(truce.batch_units, one_for_one.batch_units)
    # The decree of sudden-stop is laid over the same chance moves: until it falls nothing differs.
    stopped = drawn_for([*same_start, "us.revocation=2027-01"], months=36).gates
    assert np.array_equal(truce.us[:12], stopped.us[:12])
    assert np.array_equal(truce.china, stopped.china)
