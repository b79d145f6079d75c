"""What a side wants is a weighted sum; anything else is refused with the place."""

from __future__ import annotations

import numpy as np
import pytest

from dualtrack.errors import ScenarioFault
from dualtrack.study.objectives import choose_objectives, parse_objective

MONTHS = [f"{2026 + n // 12}-{n % 12 + 1:02d}" for n in range(1, 37)]


def terms(text: str) -> list[tuple[float, str]]:
    return [(weight, question.name) for weight, question in parse_objective("us", text, MONTHS).terms]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("levy_paid", [(1, "levy_paid@2026-02..2029-01")]),
        ("-levy_paid@2027", [(-1, "levy_paid@2027")]),
        ("2*levy_paid@2027 + levy_paid@2028*3", [(2, "levy_paid@2027"), (3, "levy_paid@2028")]),
        (
            "levy_paid@FY2027Q2-1e-3*china_compute_h100e@2028-12",
            [(1, "levy_paid@FY2027Q2"), (-0.001, "china_compute_h100e@2028-12")],
        ),
        ("+ 2_000 * levy_paid @ 2026-02 .. 2026-05", [(2000, "levy_paid@2026-02..2026-05")]),
        (
            ".5*china_compute_h100e@2028-12 + levy_paid@2027",
            [(0.5, "china_compute_h100e@2028-12"), (1, "levy_paid@2027")],
        ),
    ],
)
def test_sums(text: str, wanted: list[tuple[float, str]]) -> None:
    assert terms(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("levy_piad", "Did you mean 'levy_paid'"),
        ("levy_paid +", "the end"),
        ("levy_paid levy_paid", "cannot read on at 'levy_paid'"),
        ("2*3*levy_paid", "cannot read on"),
        ("2*levy_paid*3", "cannot read on"),
        ("levy_paid*china_compute_h100e", "cannot read on at '*china"),
        ("(levy_paid)", "cannot read on at '(levy_paid)'"),
        ("__import__('os')", "cannot read on"),
        ("1e999*levy_paid", "cannot read on"),
        ("levy_paid@2040", "2040"),
        ("5", "cannot read on"),
    ],
)
def test_what_is_no_sum_is_refused(text: str, wanted: str) -> None:
    with pytest.raises(ScenarioFault, match="--objective us") as told:
        parse_objective("us", text, MONTHS)
    assert wanted in str(told.value)


def test_the_sum_is_taken_path_by_path() -> None:
    objective = parse_objective("us", "2*levy_paid@2027 - 3*china_compute_h100e", MONTHS)
    answers = {"levy_paid@2027": np.array([1.0, 2.0]), "china_compute_h100e@2029-01": np.array([10.0, 0.0])}
    assert objective.values(answers).tolist() == [-28.0, 4.0]


def test_what_is_not_stated_is_a_marked_assumption() -> None:
    faults: list[str] = []
    found = choose_objectives(["us=levy_paid"], MONTHS, faults)
    assert not faults
    assert found["us"].assumption is None
    assert found["china"].assumption and found["china"].terms


def test_sides_are_named_once_each() -> None:
    faults: list[str] = []
    choose_objectives(
        ["uk=levy_paid", "us=levy_paid", "us=levy_paid", "levy_paid", "china=levy_piad"], MONTHS, faults
    )
    assert len(faults) == 4
    assert "no side 'uk'" in faults[0] and "given twice" in faults[1]
