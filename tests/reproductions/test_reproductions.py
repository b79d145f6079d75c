"""Published analyses come out again, within the tolerance of each figure, from the pieces of the library."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pydoc import locate

import numpy as np
import pytest
from scipy.special import ndtri

from dualtrack.facts.book import load_book
from dualtrack.results.outputs import outputs_table

from . import page
from .cases import KINDS, SAME, Answer, Beside, Case, Input, Output, UsedChip, load_cases
from .computations import review_of
from .drawn import B30A_SOLD, fleet, leads, simulated
from .pieces import ARITHMETIC, FACTS
from .registry import COMPUTATIONS, figures_of

CASES = load_cases()
COMPUTED = [case for case in CASES.values() if case.id in COMPUTATIONS]
FIGURES = [(case, name) for case in COMPUTED for name, output in case.outputs.items() if not output.left_out]


def same(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= SAME * abs(other)


def case_and_name(value: object) -> str:
    return value.id if isinstance(value, Case) else str(value)


@pytest.mark.parametrize(("case", "name"), FIGURES, ids=case_and_name)
def test_a_published_figure_comes_out(case: Case, name: str) -> None:
    published, computed = case.outputs[name], figures_of(case.id)[name]
    assert published.agrees(computed.value), (
        f"{case.id}, {name}: published {published.value} {published.unit} by {case.source['publisher']} "
        f"({case.source['title']}), computed {computed.value} by {', '.join(computed.by)}"
    )


@pytest.mark.parametrize("case", CASES.values(), ids=case_and_name)
def test_a_case_is_computed_or_says_why_not(case: Case) -> None:
    assert case.kind in KINDS
    assert all(case.source[part] for part in ("publisher", "title", "url", "published"))
    assert (case.id in COMPUTATIONS) is not bool(case.not_reproduced)
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
        (Output((21, 49), "times"), 21.0, 20.9),
        (Output((21, 49), "times"), 49.0, float("inf")),
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
    assert set(figures_of(case.id)) == wanted


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
    before = figures_of(case.id)
    for name in case.inputs:
        moved = {**case.inputs, name: Input(case.number(name) * 1.1)}
        assert COMPUTATIONS[case.id](replace(case, inputs=moved)) != before, name


@pytest.mark.parametrize("case", [case for case in COMPUTED if case.intervals], ids=case_and_name)
def test_every_interval_moves_a_figure(case: Case) -> None:
    before = figures_of(case.id)
    for name, interval in case.intervals.items():
        moved = {**case.intervals, name: interval.times(1.1)}
        assert COMPUTATIONS[case.id](replace(case, intervals=moved)) != before, name


@pytest.mark.parametrize("case", [case for case in COMPUTED if case.chips], ids=case_and_name)
def test_another_chip_moves_a_figure(case: Case) -> None:
    before = figures_of(case.id)
    for name in case.chips:
        # Below every threshold, slower than any chip of the cases, and with every figure they ask for.
        moved = {**case.chips, name: UsedChip("nvidia.l2", {})}
        assert COMPUTATIONS[case.id](replace(case, chips=moved)) != before, name


@pytest.mark.parametrize("case", COMPUTED, ids=case_and_name)
def test_a_piece_that_is_named_exists(case: Case) -> None:
    for found in figures_of(case.id).values():
        assert found.by
        for piece in set(found.by) - {ARITHMETIC}:
            if piece.startswith("run:"):
                assert piece.removeprefix("run:") in outputs_table()
                continue
            owner, _, name = piece.rpartition(".")
            place = locate(owner)
            assert hasattr(place, name) or name in getattr(place, "__dataclass_fields__", ()), piece


@pytest.mark.parametrize("case", COMPUTED, ids=case_and_name)
def test_a_case_is_more_than_its_authors_arithmetic(case: Case) -> None:
    assert {piece for found in figures_of(case.id).values() for piece in found.by} != {ARITHMETIC}


BESIDE = [(case, one) for case in CASES.values() for one in case.beside]


@pytest.mark.parametrize(("case", "one"), BESIDE, ids=lambda value: getattr(value, "id", ""))
def test_a_number_beside_our_book_is_one_of_the_case(case: Case, one: Beside) -> None:
    assert page.published_or_used(case, one.of) > 0 and one.ours > 0
    # Where ours is used in the author's place it cannot stand beside it as another.
    assert one.of not in case.inputs or case.inputs[one.of].ours is None


def test_the_base_of_a_forecast_for_china_is_far_below_what_was_counted() -> None:
    """Its median for 2028 is less than the stock of 2025 by the count that leaves smuggled chips out."""
    case = CASES["dark_compute.prc_stock_2028"]
    for one in case.beside:
        assert page.published_or_used(case, one.of) < 0.1 * one.ours
        assert page.published_or_used(case, "p50") < one.ours
    counted = load_book().get("stock.china.official.h100e.2025q4")
    assert case.number("stock_2025_h100e") < 0.2 * counted.low


def test_smuggled_chips_and_their_share_imply_a_multiple_of_what_was_counted() -> None:
    case = CASES["cnas2025.smuggled_2024"]
    computed = figures_of(case.id)["implied_total"].value
    assert isinstance(computed, float)
    official, with_smuggled = (one.ours for one in case.beside)
    assert computed / official == pytest.approx(4, rel=0.1)
    assert computed > 2.5 * with_smuggled


def test_a_sum_widens_with_the_correlation_of_its_parts() -> None:
    case = CASES["epoch.nvidia_cumulative_h100e.correlation_a"]
    widths = [np.diff(np.quantile(fleet(case, rho), [0.05, 0.95]))[0] for rho in (0.0, 0.25, 0.5)]
    assert widths == sorted(widths)
    # Published: from 13.26 to 15.91 million without, from 12.64 to 16.52 million with it.
    assert widths[2] / widths[0] == pytest.approx((16.52 - 12.64) / (15.91 - 13.26), rel=0.04)


@pytest.mark.parametrize("case_id", ["epoch.nvidia_units.fy26q1", "epoch.nvidia_units.fy26q3"])
def test_percentiles_of_drawn_units_are_those_of_the_quotient_of_two_lognormals(case_id: str) -> None:
    case = CASES[case_id]
    hardware = case.intervals["hardware_share"]
    for name, found in figures_of(case_id).items():
        chip, level = name.split(".p")
        price = case.intervals[f"{chip}_price_usd"]
        sizes = [np.log(one.high / one.low) / (2 * ndtri(0.9)) for one in (hardware, price)]
        middle = np.sqrt(hardware.low * hardware.high / (price.low * price.high))
        bought = case.number("compute_revenue_usd_bn") * 1e9 * case.number(f"{chip}_revenue_share")
        exact = bought * middle / case.number(f"{chip}_price_factor")
        exact *= np.exp(ndtri(int(level) / 100) * np.hypot(*sizes))
        assert found.value == pytest.approx(exact, rel=0.005), name


def test_a_correlation_between_all_is_that_of_one_common_factor() -> None:
    case = CASES["pilz.owner_gb300e.coreweave"]
    rng = np.random.default_rng(20260131)
    common, rho = rng.standard_normal(200_000), case.number("correlation")
    total = np.zeros_like(common)
    for name in case.chips:
        own = rng.standard_normal(common.size)
        score = np.sqrt(rho) * common + np.sqrt(1 - rho) * own
        given = case.intervals[f"{name}_units"]
        assert given.mid is not None
        side = np.where(score < 0, np.log(given.mid / given.low), np.log(given.high / given.mid))
        weight = case.chips[name].figures["fp8"] / 5000
        total += weight * given.mid * np.exp(score * side / ndtri(0.95))
    found = figures_of(case.id)
    for level, percentile in (("fp8.p10", 0.1), ("fp8.p90", 0.9)):
        assert found[level].value == pytest.approx(np.quantile(total, percentile), rel=0.004)


def test_of_two_open_doors_the_chip_in_stock_counts_first_and_the_better_chip_in_the_end() -> None:
    """What the page says of the order of the US lead with H200 and with B30A."""
    h200, b30a = simulated("open-door"), simulated(*B30A_SOLD)
    assert np.median(leads(h200, months=6)) < np.median(leads(b30a, months=6))
    assert np.median(leads(h200)) > np.median(leads(b30a))


def test_facts_alone_are_told_from_the_engine() -> None:
    case = CASES["cnas2025.smuggled_2024"]
    assert {piece for found in figures_of(case.id).values() for piece in found.by} == {FACTS}
    before, _, after = page.text().partition("## Following from the fact book")
    assert f"### `{case.id}`" in after and f"### `{case.id}`" not in before


def test_an_order_for_a_chip_never_sold_in_the_us_is_denied_inside_the_window() -> None:
    """What the page says of the A800: the published case looks at two axes, the rule at one condition more."""
    a800 = CASES["rule_2026_01.china_a"].chips["a800"].catalogue
    day = date(2026, 1, 15)
    assert review_of(a800, day) == "case_by_case"
    assert review_of(a800, day, chip__commercially_available_us=False) == "presumption_of_denial"
    assert a800.commercially_available_us is False


def test_the_page_is_that_of_the_cases() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.text(), f"stale; write it with: {page.COMMAND}"
