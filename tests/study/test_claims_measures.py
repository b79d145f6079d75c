"""Each kind of measure, on constructed arrays and against a second computation."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.study.claims_files import SMALL, one_measure, plan_for

from dualtrack import run
from dualtrack.entities import find_chip
from dualtrack.measures.sectors import months_gained
from dualtrack.months import parse_month
from dualtrack.study.claims.of_months import Event, First, first_true, gate_event
from dualtrack.study.claims.of_runs import Outcome
from dualtrack.study.claims.runs import Lived

START = parse_month("2026-02")


def ground(monthly: dict[tuple[int, str], np.ndarray] | None = None, lived: Lived | None = None) -> Any:
    """What a measure is judged on, with arrays in place of runs."""
    return SimpleNamespace(
        monthly=lambda number, name: (monthly or {})[number, name],
        lived=lambda number: lived,
        plan=SimpleNamespace(judged=SimpleNamespace(start=START)),
    )


def test_the_first_month_of_each_path() -> None:
    true = np.array([[True, False, False], [False, True, False]])
    assert first_true(true, START).tolist() == [START, START + 1, math.inf]


def test_one_outcome_passes_another_strictly_and_over_the_window() -> None:
    one = np.array([[1.0, 0.0], [1.0, 5.0], [3.0, 0.0]])
    other = np.array([[1.0, 4.0], [1.0, 0.0], [1.0, 0.0]])
    arrays = {(0, "one"): one, (1, "other"): other}

    def first(window: int) -> list[float]:
        return First("one", "other", window, 0, 1, "").evaluate(ground(arrays)).values.tolist()

    assert first(1) == [START + 2, START + 1]
    # Two months of the second path: 5 against 4 in the second month, which ends the first window.
    assert first(2) == [START + 2, START + 1]
    assert first(3) == [START + 2, START + 2]


def test_an_event_counts_only_after_the_other() -> None:
    us = np.array([[0, 2, 2], [2, 0, 2], [2, 2, 2]])
    china = np.array([[2, 0, 3], [2, 2, 3], [2, 2, 3]])
    lived = Lived({}, us, china)
    shut = Event("any_gate shut", None, 0, "").evaluate(ground(lived=lived)).values
    assert shut.tolist() == [START, START, math.inf]
    later = Event("any_gate shut", "both_gates open", 0, "").evaluate(ground(lived=lived)).values
    # The first path is shut at the start only; the second never opens before it shuts.
    assert later.tolist() == [math.inf, math.inf, math.inf]
    us[2] = [0, 0, 2]
    later = Event("any_gate shut", "both_gates open", 0, "").evaluate(ground(lived=lived)).values
    assert later.tolist() == [START + 2, math.inf, math.inf]
    assert gate_event("china_gate open", lived)[0].tolist() == [False, False, True]


def outcome(plus: np.ndarray, twin: np.ndarray | None, compared: str) -> list[float]:
    question = SimpleNamespace(name="q", partial=False)
    found = Outcome((question,), (), (), (), 0, None if twin is None else 1, compared, "", "units")  # type: ignore[arg-type]
    arrays = [plus, twin]
    return found.evaluate(SimpleNamespace(answers=lambda number, q: arrays[number])).values.tolist()  # type: ignore[arg-type]


def test_against_a_twin_path_by_path() -> None:
    here, there = np.array([3.0, 1.0, 2.0]), np.array([2.0, 4.0, 0.0])
    assert outcome(here, there, "difference") == [1.0, -3.0, 2.0]
    ratio = outcome(here, there, "ratio")
    assert ratio[:2] == [1.5, 0.25] and math.isnan(ratio[2])
    assert outcome(here, there, "change")[:2] == [0.5, -0.75]
    assert outcome(here, None, "difference") == [3.0, 1.0, 2.0]


def test_rounding_is_no_difference() -> None:
    here = np.array([1e6 + 0.25, 1e6 + 2.0])
    assert outcome(here, np.array([1e6, 1e6]), "difference") == [0.0, 2.0]
    assert outcome(here, np.array([1e6, 1e6]), "change") == [0.0, 2e-6]


@pytest.fixture(scope="module")
def runs() -> Any:
    small = {name: int(value) for name, value in SMALL.items()}
    return run(**small), run("no-imports", **small)  # type: ignore[arg-type]


def test_numbers_of_futures_are_those_of_a_run(runs: Any, tmp_path: Path) -> None:
    base, twin = runs
    found = one_measure("outcome: h200_delivered_cum@2027-02, test: '> 10000'", tmp_path)
    values = base["h200_delivered_cum"].sel(month="2027-02").values.astype(float)
    assert found["value"] == pytest.approx(np.quantile(values, 0.5))
    assert found["interval"] == pytest.approx(np.quantile(values, [0.1, 0.9]))
    assert found["probability"] == np.mean(values > 10000)
    against = one_measure("outcome: china_compute_h100e@2027-02, against: no-imports, test: '> 0'", tmp_path)
    name = "china_compute_h100e"
    change = (base[name] - twin[name]).sel(month="2027-02").values.astype(float)
    assert against["value"] == pytest.approx(np.quantile(change, 0.5), rel=1e-6, abs=0.5)
    gained = one_measure("months_gained: healthcare@2026-12, test: '>= 1'", tmp_path)
    sector = "sector_compute_healthcare"
    wanted = months_gained(
        base[sector].values.astype(float), twin[sector].values.astype(float), base[f"opening_{sector}"].values
    )[base["month"].values.tolist().index("2026-12")]
    # Where the level is not reached within the run, nothing was gained.
    assert gained["probability"] == np.mean(np.nan_to_num(wanted, nan=-1.0) >= 1.0)


def test_event_counts_are_those_of_a_run(runs: Any, tmp_path: Path) -> None:
    base, _ = runs
    first = one_measure("event: first_delivery, test: by 2026-12", tmp_path)
    by_month = base["paths_any_delivery"].sel(month="2026-12").item() / 40
    assert first["probability"] == by_month
    barred = one_measure("event: us_gate barred, test: by 2026-02", tmp_path)
    assert barred["probability"] == base["paths_us_gate"].sel(month="2026-02", us_state="barred").item() / 40


def test_chips_on_each_side_of_six_times(tmp_path: Path) -> None:
    one, other = find_chip("H200"), find_chip("H20")
    assert one.rate_8bit and other.rate_8bit
    found = one_measure("chips: [H200, H20], by: arithmetic, test: 5 to 7", tmp_path)
    assert found["value"] == pytest.approx(one.rate_8bit / other.rate_8bit) == pytest.approx(6.69, abs=0.01)
    assert found["verdict"] == "holds"
    found = one_measure("chips: [H200, H20], by: bandwidth, test: 5 to 7", tmp_path)
    assert (found["value"], found["verdict"]) == (pytest.approx(1.2), "does not hold")
    serving = one_measure("chips: [H200, H20], by: serving, test: 5 to 7", tmp_path)
    assert 1.2 < serving["interval"][0] < serving["value"] < serving["interval"][1] < 6.69


def test_reports_that_conflict_make_a_range(tmp_path: Path) -> None:
    facts = "[nvidia.orders.h200.china_2026, import.demand.orders_ft]"
    found = one_measure(f"fact: {facts}, test: '>= 2000000'", tmp_path)
    assert found["interval"] == [1e6, 2e6]
    assert found["value"] == 2e6  # the report named first, not a middle that nobody gave
    assert (found["probability"], found["verdict"]) == (0.5, "holds partly")
    over = one_measure(f"fact: {facts}, over: nvidia.inventory.h200.2025_12, test: '> 1'", tmp_path)
    assert over["value"] == pytest.approx(2e6 / 7e5)
    assert over["verdict"] == "holds"


def test_days_between_events(tmp_path: Path) -> None:
    found = one_measure(
        "fact: import.event.2026_01_28, since: export.event.2026_01_15, test: 10 to 13", tmp_path
    )
    assert (found["value"], found["verdict"]) == (13.0, "holds")
    found = one_measure(
        "fact: import.event.2026_01_28, since: export.event.2026_01_15, test: 10 to 12", tmp_path
    )
    assert found["verdict"] == "does not hold"


ORDER = "{chip: H200, buyer: bytedance, units: 10000, us_units: 1000000, declare: all"


@pytest.mark.parametrize(
    ("us", "china", "outcome"),
    [
        ("review", "quota", "may_ship"),
        ("barred", "quota", "may_not_ship"),
        ("review", "blocked", "may_not_ship"),
        ("review", "open", "may_ship"),
    ],
)
def test_both_gates_must_be_open(us: str, china: str, outcome: str, tmp_path: Path) -> None:
    found = one_measure(f"decide: {ORDER}, us_gate: {us}, china_gate: {china}}}, test: is may_ship", tmp_path)
    assert found["value"] == outcome
    assert found["verdict"] == ("holds" if outcome == "may_ship" else "does not hold")
    assert found["basis"] == "rules"


def test_a_condition_is_required_if_the_order_without_it_may_not_ship(tmp_path: Path) -> None:
    lacking = f"{ORDER}, us_gate: review, china_gate: quota, except: {{third_party_test: false}}}}"
    assert one_measure(f"decide: {lacking}, test: is may_not_ship", tmp_path)["verdict"] == "holds"


def test_the_levy_is_a_quarter(tmp_path: Path) -> None:
    found = one_measure(f"decide: {ORDER}}}, read: levy_rate, test: '>= 25 %'", tmp_path)
    assert (found["value"], found["verdict"]) == (0.25, "holds")


@pytest.mark.parametrize(
    ("measure", "missing"),
    [
        ("parameter: china.ratio.required, test: '> 0'", "reported only as a certain ratio"),
        ("fact: import.ratio.official, test: '> 0'", "a published value"),
        ("fact: stock.share.china_all.2025q4, test: '> 5 %'", "was not known on 2026-01-31"),
        ("outcome: h200_delivered_cum@2027-12, test: '> 0'", "the run ends in 2027-03"),
        ("event: us_gate barred, test: by 2027-04", "months to 2027-04"),
        ("outcome: nvidia_china_ai_revenue@2027, test: '> 0'", "the run ends in 2027-03"),
        ("stake: compute, revocation: 2027-03, test: '> 0'", "the run ends there"),
        ("missing: a census", "a census"),
    ],
)
def test_what_cannot_be_judged_says_what_is_missing(measure: str, missing: str, tmp_path: Path) -> None:
    found = one_measure(measure, tmp_path)
    assert found["verdict"] == "cannot be judged"
    assert missing in found["missing"]
    assert found["value"] is None and found["probability"] is None


def test_a_question_that_hardly_arises_cannot_be_judged(tmp_path: Path) -> None:
    never = plan_for(scenario="no-imports")
    share = "outcome: h200_delivered_cum, buyers: [bytedance], over: h200_delivered_cum, test: '> 50 %'"
    found = one_measure(share, tmp_path, never)
    assert found["undefined"] == 1.0
    assert found["verdict"] == "cannot be judged"
    assert "undefined in 100 %" in found["missing"]


def test_a_stop_takes_nothing_from_who_gets_nothing(tmp_path: Path) -> None:
    measure = "stake: vendor_revenue, revocation: 2026-06, test: '> 0'"
    assert one_measure(measure, tmp_path)["interval"][1] > 0
    closed = plan_for("vendor.letter_chip_units=0", scenario="no-imports")
    assert one_measure(measure, tmp_path, closed)["verdict"] == "does not hold"


def test_a_twin_keeps_the_users_changes_but_not_against_its_own(tmp_path: Path) -> None:
    plan = plan_for("china.gate_start=open", "vendor.stock_units=12345")
    twin = plan.scenarios[plan.run("no-imports")]
    assert twin.settings["vendor.stock_units"].value == 12345  # type: ignore[union-attr]
    assert twin.settings["china.gate_start"].value == 0  # type: ignore[union-attr]
    assert plan.run("no-imports") == plan.run("no-imports")
