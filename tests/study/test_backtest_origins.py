"""The origins: nothing known later reaches a forecast, and the engine of today is the engine that is tested."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from dualtrack.errors import DataFault, ScenarioFault
from dualtrack.facts.book import load_book
from dualtrack.months import first_day, month_label, parse_month
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.session import run
from dualtrack.simulate.run import prepare
from dualtrack.study.backtest.cases import (
    EVENTS,
    Reading,
    chosen_origins,
    figure,
    load_origin,
    load_stop,
    load_targets,
    origins,
)
from dualtrack.study.backtest.forecasts import Job, Options, forecast_of, simulate_job
from dualtrack.study.backtest.stop import stop_jobs
from dualtrack.study.backtest.study import backtest

PATHS = 150

PRICE = """
nvidia.price.h20.2024:
  what: Price of the H20, asked again
  unit: usd_per_chip
  low: 19_000
  mid: 20_000
  high: 21_000
  on: 2024
  known_by: {known_by}
  source: background
  confidence: assumption
"""
OUTCOME = """
nvidia.units.china_fq.h20.fy2026q1:
  what: H20 sold to China in the quarter, counted again
  unit: units
  value: 1_000_000
  on: FY2026Q1
  known_by: 2026-06-30
  source: background
  confidence: assumption
"""
LATER_STOCK = """
stock.us5.h100e.2025q1:
  what: Compute of the five, counted again
  unit: h100e
  value: 99_000_000
  on: 2025Q1
  known_by: 2026-06-30
  source: background
  confidence: assumption
  hindsight: true
"""


def overlay(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def same(one, other) -> bool:
    return all(np.array_equal(one[name].values, other[name].values, equal_nan=True) for name in one.data_vars)


@pytest.fixture(scope="module")
def plain():
    return run("backtests/2025-01", paths=PATHS)


@pytest.fixture(scope="module")
def scored():
    return backtest(paths=PATHS)


def test_there_are_three_origins():
    assert origins() == ["2023-01", "2024-01", "2025-01"]


@pytest.mark.parametrize("origin", origins())
def test_no_fact_of_a_forecast_was_published_after_the_origin_but_for_starting_stocks(origin):
    book = load_book()
    forecast = forecast_of(simulate_job(Options(20, None, ()), Job(load_origin(origin).scenario)))
    known_by = load_scenario(load_origin(origin).scenario, book).known_by
    assert month_label(parse_month(origin)) == f"{known_by:%Y-%m}"
    for row in forecast.sources:
        fact = book.get(str(row["fact"]), known_by, allow_hindsight=True)
        if row["hindsight"]:
            assert fact.hindsight and fact.on_end <= known_by, fact.id
        else:
            assert fact.known_by <= known_by, fact.id


@pytest.mark.parametrize("origin", origins())
def test_only_stocks_rest_on_hindsight(origin):
    book = load_book()
    scenario = load_scenario(load_origin(origin).scenario, book)
    from dualtrack.scenarios.keys import load_keys
    from dualtrack.scenarios.scenario import origins as origins_of

    for key, spec in scenario.settings.items():
        for where in origins_of(spec):
            for name in where.facts:
                if min(fact.known_by for fact in book.versions(name)) > scenario.known_by:
                    assert load_keys()[key].entry.opening, (key, name)


def test_a_fact_known_after_the_origin_changes_no_forecast(plain, tmp_path):
    later = overlay(tmp_path, PRICE.format(known_by="2025-02-01") + OUTCOME + LATER_STOCK)
    assert same(plain, run("backtests/2025-01", paths=PATHS, facts=[later]))


def test_a_fact_known_before_the_origin_changes_the_forecast(plain, tmp_path):
    before = overlay(tmp_path, PRICE.format(known_by="2025-01-31"))
    changed = run("backtests/2025-01", paths=PATHS, facts=[before])
    name = "nvidia_china_ai_revenue"
    assert np.median(changed[name].values[0]) > 1.3 * np.median(plain[name].values[0])
    assert np.array_equal(changed["h200_shipped_cum"].values, plain["h200_shipped_cum"].values)


def test_what_is_found_out_later_changes_what_happened_and_nothing_else(scored, tmp_path):
    again = backtest(["2025-01"], paths=PATHS, facts=[overlay(tmp_path, OUTCOME)])
    before = [case for case in scored["cases"] if case["origin"] == "2025-01"]
    for old, new in zip(before, again["cases"], strict=True):
        assert old["forecast"] == new["forecast"]
    assert again["cases"][0]["readings"][0]["observed"] == 1_000_000
    assert before[0]["readings"][0]["observed"] == 378_000


@pytest.mark.parametrize("origin", origins())
def test_the_law_and_the_history_of_an_origin_end_there(origin):
    book = load_book()
    scenario = load_scenario(load_origin(origin).scenario, book)
    task = prepare(scenario, book)
    for name, values in task.model.law.items():
        assert np.unique(values).size == 1, name
        published = task.model.rulebook.parameters[name].value_on(first_day(scenario.start))
        assert values[0] == published, name
    last = task.history.first + len(task.history.stocks["us5"]) - 1
    assert last == scenario.start - 2
    assert task.model.licence_free
    assert all(
        date.fromisoformat(event[-10:].replace("_", "-")) <= scenario.known_by
        for record in task.model.records.values()
        for event in record.event_ids
    )


def test_before_its_record_begins_the_chinese_gate_has_counted_nothing():
    book = load_book()
    record = prepare(load_scenario("backtests/2025-01", book), book).model.records["china"]
    assert (record.close_months, record.close_count, record.step_months) == (0, 0, 0)


def test_in_a_gate_that_is_held_open_units_keep_to_line_and_orders():
    changes = [
        "gates.hazard_factor=0",
        "china.hazard.close=0",
        "gates.tension_rate=0",
        "vendor.stock_units=0",
        "vendor.line_capacity_units=1000",
        "demand.stated_orders=1000000",
        "demand.realism=1",
    ]
    found = run("backtests/2025-01", paths=5, changes=changes)
    assert np.diff(found["h200_shipped_cum"].values, axis=0) == pytest.approx(1000, rel=1e-4)
    assert (found["h200_refused_cum"].values == 0).all()


def test_orders_that_come_over_the_year_come_evenly():
    changes = [
        "gates.hazard_factor=0",
        "china.hazard.close=0",
        "gates.tension_rate=0",
        "vendor.stock_units=0",
        "vendor.line_capacity_units=10000000",
        "demand.stated_orders=110000",
        "demand.realism=1",
        "demand.decay=0",
        "demand.standing_share=0",
    ]
    shipped = run("backtests/2025-01", paths=5, changes=changes)["h200_shipped_cum"].values
    assert shipped[10] == pytest.approx(110_000, rel=1e-4)
    assert np.diff(shipped[:11], axis=0) == pytest.approx(10_000, rel=1e-3)


def test_a_barred_gate_stops_a_chip_that_needs_no_licence():
    found = run("backtests/2025-01", paths=5, changes=["us.gate_start=barred", "us.hazard.open=0"])
    assert (found["h200_shipped_cum"].values == 0).all()


# -- the data of what happened


def test_every_case_has_facts_of_its_own_unit_and_events_are_complete():
    book = load_book()
    for name in origins():
        origin = load_origin(name)
        assert set(origin.events) == set(EVENTS)
        periods = [(seen.target, seen.period) for seen in origin.observed]
        assert len(set(periods)) == len(periods)
        for seen in origin.observed:
            for reading in seen.readings:
                found = figure(reading, book)
                assert 0.0 <= found.low <= found.mid <= found.high, (name, seen)
        for fact in (fact for event in origin.events.values() for fact in event.facts):
            assert fact in book


@pytest.mark.parametrize("origin", origins())
def test_what_happened_lies_within_the_months_of_the_run(origin):
    file = load_origin(origin)
    scenario = load_scenario(file.scenario, load_book())
    forecast = forecast_of(simulate_job(Options(5, None, ()), Job(file.scenario)))
    for seen in file.observed:
        ensemble = forecast.of(load_targets()[seen.target], seen.period)
        assert ensemble.shape == (5,)
        if seen.period.startswith("FY"):
            # A fiscal year runs from February, as the horizon does.
            assert seen.period.startswith(f"FY{scenario.start // 12 + 1}")


def test_the_quarters_of_a_flow_add_up_to_the_year():
    forecast = forecast_of(simulate_job(Options(20, None, ()), Job("backtests/2024-01")))
    units = load_targets()["units"]
    quarters = [forecast.of(units, f"FY2025Q{n}") for n in (1, 2, 3, 4)]
    assert np.allclose(np.sum(quarters, axis=0), forecast.outcomes["h200_shipped_cum"][-1])


def test_a_figure_multiplies_and_divides_its_facts_with_their_ends_apart():
    book = load_book()
    share = figure(
        Reading(sum=("nvidia.revenue.dc.fy2024q1",), times=("nvidia.china.dc_share_pre_oct2023",)), book
    )
    assert (share.low, share.mid, share.high) == pytest.approx((4.28e9 * 0.2, 4.28e9 * 0.225, 4.28e9 * 0.25))
    over = figure(Reading(sum=("nvidia.revenue.h20.fy2026q3",), over=("nvidia.price.h20.2025",)), book)
    assert (over.low, over.high) == pytest.approx((5e7 / 12_000, 5e7 / 9_000))
    with pytest.raises(DataFault, match="is in kw"):
        figure(Reading(sum=("power.per_gpu.h200_allin_kw",)), book)


def test_last_year_repeated_is_the_year_before_by_hand(scored):
    case = next(c for c in scored["cases"] if c["origin"] == "2025-01" and c["target"] == "units")
    assert case["last_year"]["forecast"] == (200_000 + 233_000 + 285_000 + 336_000) / 4


# -- the document


def test_cases_are_counted_once_however_many_sources_speak(scored):
    row = next(r for r in scored["scores"] if r["target"] == "packages" and r["origin"] == "all")
    assert row["cases"] == 3
    case = next(c for c in scored["cases"] if c["target"] == "packages" and c["origin"] == "2025-01")
    assert len(case["readings"]) == 5
    assert case["score"]["crps_log"] == pytest.approx(np.mean([r["crps_log"] for r in case["readings"]]))


def test_skill_is_one_less_the_ratio_of_scores_on_the_cases_of_both(scored):
    row = next(r for r in scored["scores"] if r["target"] == "units" and r["origin"] == "2025-01")
    both = [
        c
        for c in scored["cases"]
        if (c["target"], c["origin"]) == ("units", "2025-01") and c["score"]["crps_log"] is not None
    ]
    assert row["cases"] == 4 and row["against_last_year"]["cases"] == len(both) == 3
    ours = sum(c["score"]["crps_log"] for c in both)
    theirs = sum(c["last_year"]["crps_log"] for c in both)
    assert row["against_last_year"]["skill"] == pytest.approx(1 - ours / theirs)
    assert row["against_guidance"] is None


def test_origins_are_run_alone_or_together_with_the_same_numbers(scored):
    alone = backtest(["2024-01"], paths=PATHS)
    assert alone["cases"] == [case for case in scored["cases"] if case["origin"] == "2024-01"]
    assert alone["events"] == [event for event in scored["events"] if event["origin"] == "2024-01"]


def test_chances_of_events_are_those_of_the_runs(scored, plain):
    found = {e["event"]: e["chance"] for e in scored["events"] if e["origin"] == "2025-01"}
    months = np.diff(plain["h200_shipped_cum"].values.astype(float), axis=0, prepend=0)
    assert found["zero_month"] == pytest.approx(np.mean((months < 1e-6).any(axis=0)))
    barred = plain["paths_us_gate"].sel(us_state="barred").values / PATHS
    assert barred.max() <= found["us_closed"] <= barred.sum()
    assert found["us_reopened"] <= found["us_closed"]


# -- the stop


def test_the_stop_costs_nothing_before_it_binds_and_something_after():
    book, stop = load_book(), load_stop()
    options = Options(PATHS, None, ())
    stopped, twin = (forecast_of(simulate_job(options, job)) for job in stop_jobs(stop, book)[:2])
    at = stopped.months.index(stop.before)
    assert np.array_equal(stopped.units[: at + 1], twin.units[: at + 1])
    assert (stopped.units[at + 1 :] == 0).all()
    assert (twin.units[at + 1 :].sum(axis=0) > 0).all()


def test_the_orders_reported_after_the_stop_raise_the_measure(scored):
    stop = scored["stop"]
    assert stop["with_reported_orders"]["orders"]["p50"] > stop["as_known_in_january"]["orders"]["p50"]
    assert stop["reported"]["orders"]["usd"] == 10.5e9
    assert stop["reported"]["charge"]["usd"] == 4.5e9


# -- wrong input


@pytest.mark.parametrize(
    ("name", "near"), [("2025-02", "'2025-01'"), ("2022-01", "2023-01, 2024-01, 2025-01")]
)
def test_an_origin_that_does_not_exist_names_those_that_do(name, near):
    with pytest.raises(ScenarioFault, match=name) as found:
        backtest([name])
    assert near in str(found.value) and "2024-01" in str(found.value)


def test_origins_come_once_and_in_order_of_time():
    assert chosen_origins(["2025-01", "2023-01", "2025-01"]) == ["2023-01", "2025-01"]
    assert chosen_origins([]) == origins()
