"""Conclusions as they are typed."""

from __future__ import annotations

import numpy as np
import pytest

from dualtrack.errors import ScenarioFault
from dualtrack.study.conclusions import parse_conclusion

MONTHS = ["2026-02", "2026-03", "2026-04"]


@pytest.mark.parametrize(
    ("text", "said", "holds"),
    [
        ("compute_gap_ratio@2026-03 < 15", "compute_gap_ratio@2026-03 < 15", [True, False, False, False]),
        ("compute_gap_ratio<=15", "compute_gap_ratio@2026-04 <= 15", [True, True, False, False]),
        ("compute_gap_ratio > 1.5e1", "compute_gap_ratio@2026-04 > 15", [False, False, True, False]),
        ("compute_gap_ratio@2026-04>=15", "compute_gap_ratio@2026-04 >= 15", [False, True, True, False]),
        ("compute_gap_ratio > 1_0", "compute_gap_ratio@2026-04 > 10", [True, True, True, False]),
    ],
)
def test_a_conclusion_is_true_on_one_side_of_its_value_and_never_where_undefined(text, said, holds):
    found = parse_conclusion(text, MONTHS)
    assert found.text == said
    assert found.holds(np.array([14.0, 15.0, 16.0, np.nan])).tolist() == holds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("compute_gap_ratio@2026-03", "wanted OUTCOME"),
        ("compute_gap_ratio = 15", "wanted OUTCOME"),
        ("compute_gap_ratio == 15", "wanted OUTCOME"),
        ("< 15", "wanted OUTCOME"),
        ("10 < compute_gap_ratio < 15", "wanted OUTCOME"),
        ("compute_gap_ratio < many", "'many' is not a number"),
        ("compute_gap_ratio < nan", "'nan' is not a number"),
        ("compute_gap_rati < 15", "Did you mean 'compute_gap_ratio'"),
        ("compute_gap_ratio@2031-01 < 15", "not a month"),
    ],
)
def test_what_is_no_conclusion_is_refused_with_its_form(text, message):
    with pytest.raises(ScenarioFault, match=message) as raised:
        parse_conclusion(text, MONTHS)
    assert str(raised.value).startswith("--conclusion '")
