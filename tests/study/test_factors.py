"""What varies in a scenario: all of it, once each, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from dualtrack.futures.draws import Block, DesignedBlock
from dualtrack.simulate.inputs import draw
from dualtrack.study.factors import factors_of, member_uniforms


def named(model):
    return {factor.name: factor for factor in factors_of(model)}


class Listening:
    """Draws that note every stream."""

    def __init__(self, block):
        self.block, self.streams = block, set()
        self.count = block.count

    def uniform(self, stream):
        self.streams.add(stream)
        return self.block.uniform(stream)


def test_every_stream_belongs_to_one_factor_or_is_drawn_month_by_month(model_for):
    model = model_for(months=3)
    listening = Listening(model.block(0, 2))
    draw(model, listening)
    held = [stream for factor in factors_of(model) for stream in factor.streams]
    assert len(held) == len(set(held))
    assert set(held) <= listening.streams
    luck = listening.streams - set(held)
    assert luck and all(stream[-7:] in ("2026-02", "2026-03", "2026-04") for stream in luck)


def test_every_uncertain_setting_and_every_hazard_is_a_member_once(model_for):
    model = model_for()
    keys = [member.key for factor in factors_of(model) for member in factor.members]
    uncertain = {key for key, spec in model.scenario.settings.items() if spec.is_uncertain}
    hazards = {f"{g}.hazard.{k}" for g in ("us", "china") for k in ("close", "open", "tighten", "loosen")}
    assert sorted(keys) == sorted(uncertain | hazards)


def test_correlated_inputs_are_one_factor(model_for):
    model = model_for()
    found = named(model)
    for pair in model.scenario.correlations:
        factor = next(f for f in found.values() if pair.between[0] in [m.key for m in f.members])
        assert set(pair.between) == {member.key for member in factor.members}
        assert set(factor.streams) == {f"input:{name}" for name in pair.between}


def test_the_number_of_a_fixed_input_still_varies_with_its_partner(model_for):
    found = named(model_for(["demand.realism=0.5"]))
    assert found["demand.acceptance"].streams == ("input:demand.realism", "input:demand.acceptance")


def test_a_hazard_that_is_set_is_no_input_and_one_with_a_range_is_one(model_for):
    assert "us.hazard.close" not in named(model_for(["us.hazard.close=0.05"]))
    ranged = named(model_for(["us.hazard.close=0.01:0.05:0.2"]))["us.hazard.close"]
    assert set(ranged.streams) == {"input:us.hazard.close", "rate:us.close"}
    assert ranged.members[0].values(np.array([0.5])).tolist() == pytest.approx([0.05])


def test_the_value_of_a_hazard_is_the_rate_that_paths_draw(model_for):
    model = model_for(paths=50)
    member = named(model)["china.hazard.open"].members[0]
    block = model.block(0, 50)
    drawn = draw(model, block)
    assert np.array_equal(
        member.values(member_uniforms([member], model.scenario, block)[0]), drawn.gates.rates["china.open"]
    )


def test_uniforms_of_members_are_those_behind_the_values_of_paths(model_for):
    model = model_for(paths=40)
    block = model.block(0, 40)
    members = [
        m for f in factors_of(model) for m in f.members if m.stream is None and not m.key.startswith("buyer.")
    ]
    uniforms = member_uniforms(members, model.scenario, block)
    drawn = draw(model, block)
    for member, uniform in zip(members, uniforms, strict=True):
        expected = drawn.values.get(member.key)
        if expected is not None:
            assert np.array_equal(member.values(uniform), expected), member.key


def test_a_design_of_the_paths_own_numbers_is_those_paths_to_the_bit(model_for):
    model = model_for(months=12, paths=30)
    own = Block(model.scenario.seed, 7, 23)
    streams = [stream for factor in factors_of(model) for stream in factor.streams]
    designed = DesignedBlock(own.seed, {s: own.uniform(s) for s in streams}, np.arange(7, 30))
    ours, theirs = draw(model, designed), draw(model, own)
    assert all(
        np.array_equal(ours.values[name], theirs.values[name], equal_nan=True) for name in theirs.values
    )
    for part in ("us", "china", "tension", "batch_units"):
        assert np.array_equal(getattr(ours.gates, part), getattr(theirs.gates, part))


def test_a_designed_row_takes_only_luck_from_its_path(model_for):
    model = model_for(months=12)
    streams = [stream for factor in factors_of(model) for stream in factor.streams]
    middle = {s: np.full(3, 0.5) for s in streams}
    drawn = draw(model, DesignedBlock(model.scenario.seed, middle, np.array([4, 9, 4])))
    assert all(
        np.ptp(v[np.isfinite(v)]) == 0.0
        for v in drawn.values.values()
        if np.isfinite(v).any() and v.ndim == 1
    )
    chance = DesignedBlock(1, {}, np.array([4, 9, 4])).uniform("us.move:2026-10")
    assert chance[0] == chance[2] != chance[1]


def test_a_design_may_reach_the_ends_of_the_unit_interval():
    ends = DesignedBlock(1, {"input:x": np.array([0.0, 1.0])}, np.array([0, 1])).uniform("input:x")
    assert 0.0 < ends[0] < ends[1] < 1.0
