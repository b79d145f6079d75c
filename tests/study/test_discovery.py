"""Boxes: one that is planted is found, one that is not there is not."""

from __future__ import annotations

import numpy as np
import pytest

from dualtrack.study.discovery import discover, reports

from .test_swings import MEMBERS, PATHS

GENERATOR = np.random.default_rng(3)
UNIFORMS = GENERATOR.uniform(size=(3, PATHS))


@pytest.fixture(scope="module")
def planted():
    """Three paths in four inside the box hold, one in twenty outside."""
    inside = (UNIFORMS[0] > 0.6) & (UNIFORMS[1] < 0.5)
    holds = GENERATOR.uniform(size=PATHS) < np.where(inside, 0.75, 0.05)
    return holds, discover(MEMBERS, UNIFORMS, holds)


def test_a_planted_box_is_found_with_its_range_and_its_reports(planted):
    found = planted[1]
    limits = {limit.key: limit for limit in found.boxes[0].limits}
    assert set(limits) == {"x", "r"}
    assert limits["x"].low_probability == pytest.approx(0.6, abs=0.05)
    assert limits["x"].high is None
    assert limits["r"].names == ("first", "second")
    assert all(limit.quasi_p < 0.001 for limit in limits.values())


def test_coverage_and_density_are_measured_on_paths_that_were_not_searched(planted):
    holds, found = planted
    box = found.boxes[0]
    inside = np.all([limit.holds(m, u) for limit, m, u in _bound(box)], axis=0)
    other = np.arange(PATHS) % 2 == 1
    assert box.checked.paths == (inside & other).sum()
    assert box.checked.density == pytest.approx(holds[inside & other].mean())
    assert box.checked.coverage == pytest.approx((holds & inside & other).sum() / (holds & other).sum())
    assert box.checked.density == pytest.approx(0.75, abs=0.08)


def _bound(box):
    at = {member.key: n for n, member in enumerate(MEMBERS)}
    return [(limit, MEMBERS[at[limit.key]], UNIFORMS[at[limit.key]]) for limit in box.limits]


def test_the_rarer_side_is_looked_for(planted):
    assert planted[1].looked_for
    other = discover(MEMBERS, UNIFORMS, ~planted[0])
    assert not other.looked_for
    assert other.boxes == planted[1].boxes


def test_where_chance_alone_decides_no_box_is_found():
    holds = np.random.default_rng(8).uniform(size=PATHS) < 0.3
    found = discover(MEMBERS, UNIFORMS, holds)
    assert found.boxes == ()
    assert len(found.trajectory) > 1


def test_too_few_cases_are_not_searched():
    assert discover(MEMBERS, UNIFORMS, np.arange(PATHS) < 30) is None


def test_a_report_is_the_one_whose_part_of_the_unit_interval_holds_the_draw():
    assert reports(MEMBERS[1], np.array([0.0, 0.2499, 0.25, 0.5, 0.9999])).tolist() == [
        "first",
        "first",
        "second",
        "third",
        "third",
    ]
