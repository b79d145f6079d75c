"""Published analyses come out again, within the tolerance of each figure, from the pieces of the library."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pydoc import locate

import pytest

from dualtrack.results.outputs import outputs_table

from . import page
from .cases import COMPUTED_KINDS, LATER_KINDS, SAME, Answer, Case, Input, Output, UsedChip, load_cases
from .computations import COMPUTATIONS, review_of

CASES = load_cases()
COMPUTED = [case for case in CASES.values() if case.id in COMPUTATIONS]
FIGURES = [(case, name) for case in COMPUTED for name, output in case.outputs.items() if not output.left_out]


def same(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= SAME * abs(other)


def case_and_name(value: object) -> str:
    return value.id if isinstance(value, Case) else str(value)


@pytest.mark.parametrize(("case", "name"), FIGURES, ids=case_and_name)
def test_a_published_figure_comes_out(case: Case, name: str) -> None:
    published, computed = case.outputs[name], COMPUTATIONS[case.id](case)[name]
    assert published.agrees(computed.value), (
        f"{case.id}, {name}: published {published.value} {published.unit} by {case.source['publisher']} "
        f"({case.source['title']}), computed {computed.value} by {', '.join(computed.by)}"
    )


@pytest.mark.parametrize("case", CASES.values(), ids=case_and_name)
def test_a_case_is_computed_or_says_why_not(case: Case) -> None:
    assert case.kind in COMPUTED_KINDS + LATER_KINDS
    assert (
        case.source["publisher"] and case.source["title"] and case.source["url"] and case.source["published"]
    )
    ways = [case.id in COMPUTATIONS, bool(case.not_reproduced), bool(case.asks)]
    assert ways.count(True) == 1
    assert bool(case.asks) == (case.kind in LATER_KINDS)
    if case.kind in COMPUTED_KINDS:
        assert case.method and case.as_of and case.confidence and case.evidence and case.outputs


@pytest.mark.parametrize(
    ("output", "within", "outside"),
    [
        (Output(100.0, "units", relative=0.01), 101.0, 101.1),
        (Output(-100.0, "units", relative=0.01), -99.0, -98.9),
        (Output(7.0, "units", absolute=0.5), 6.5, 6.4),
        (Output(5.1, "times", accept=(5.0, 5.7)), 5.7, 5.8),
        (Output(100.0, "units"), 100.0, 100.1),
        (Output("case_by_case", "review"), "case_by_case", "presumption_of_denial"),
        (Output(True, "due"), True, False),
        (Output(True, "due"), True, 1.0),
    ],
)
def test_a_figure_outside_its_tolerance_does_not_agree(
    output: Output, within: Answer, outside: Answer
) -> None:
    assert output.agrees(within)
    assert not output.agrees(outside)


def test_every_computation_has_its_case() -> None:
    assert set(COMPUTATIONS) <= set(CASES)


@pytest.mark.parametrize("case", COMPUTED, ids=case_and_name)
def test_a_computation_gives_the_outputs_that_are_not_left_out(case: Case) -> None:
    wanted = {name for name, output in case.outputs.items() if not output.left_out}
    assert set(COMPUTATIONS[case.id](case)) == wanted


@pytest.mark.parametrize("case", [case for case in COMPUTED if case.chips], ids=case_and_name)
def test_a_chips_figure_is_that_of_the_catalogue_or_listed_as_another(case: Case) -> None:
    for name, used in case.chips.items():
        assert set(used.differs) <= set(used.figures)
        for figure, value in used.figures.items():
            agrees = same(used.ours(figure), value)
            seen = f"{case.id}, {name}: {figure} is {value} there, {used.ours(figure)} in {used.catalogue_id}"
            assert agrees is not (figure in used.differs), seen


@pytest.mark.parametrize("case", [case for case in COMPUTED if case.inputs], ids=case_and_name)
def test_a_number_is_that_of_the_book_or_the_rules_or_listed_as_another(case: Case) -> None:
    for name, given in case.inputs.items():
        if given.ours is not None:
            seen = f"{case.id}, {name}: {given.value} there, {given.ours} in {given.fact or given.parameter}"
            assert same(given.ours, given.value) is not bool(given.differs), seen


@pytest.mark.parametrize("case", [case for case in COMPUTED if case.inputs], ids=case_and_name)
def test_every_number_moves_a_figure(case: Case) -> None:
    before = COMPUTATIONS[case.id](case)
    for name in case.inputs:
        moved = {**case.inputs, name: Input(case.number(name) * 1.1)}
        assert COMPUTATIONS[case.id](replace(case, inputs=moved)) != before, name


@pytest.mark.parametrize("case", [case for case in COMPUTED if case.chips], ids=case_and_name)
def test_another_chip_moves_a_figure(case: Case) -> None:
    before = COMPUTATIONS[case.id](case)
    for name in case.chips:
        # Below every threshold, slower than any chip of the cases, and with every figure they ask for.
        moved = {**case.chips, name: UsedChip("nvidia.l2", {})}
        assert COMPUTATIONS[case.id](replace(case, chips=moved)) != before, name


@pytest.mark.parametrize("case", COMPUTED, ids=case_and_name)
def test_a_piece_that_is_named_exists(case: Case) -> None:
    for found in COMPUTATIONS[case.id](case).values():
        assert found.by
        for piece in found.by:
            if piece.startswith("run:"):
                assert piece.removeprefix("run:") in outputs_table()
                continue
            owner, _, name = piece.rpartition(".")
            place = locate(owner)
            assert hasattr(place, name) or name in getattr(place, "__dataclass_fields__", ()), piece


def test_an_order_for_a_chip_never_sold_in_the_us_is_denied_inside_the_window() -> None:
    """What the page says of the A800: the published case looks at two axes, the rule at one condition more."""
    a800 = CASES["rule_2026_01.china_a"].chips["a800"].catalogue
    day = date(2026, 1, 15)
    assert review_of(a800, day) == "case_by_case"
    assert review_of(a800, day, chip__commercially_available_us=False) == "presumption_of_denial"
    assert a800.commercially_available_us is False


def test_the_page_is_that_of_the_cases() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.text(), f"stale; write it with: {page.COMMAND}"
