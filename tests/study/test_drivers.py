"""The study on real scenarios: what it says agrees with plain runs, and what cannot be said is said so."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import load_book
from dualtrack.futures.draws import DesignedBlock
from dualtrack.parallel import Where
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.simulate.run import prepare
from dualtrack.study.designs import sobol_design
from dualtrack.study.drivers import asked_of, command_of, default_outcomes, simulate_drivers
from dualtrack.study.drivers_document import drivers_document
from dualtrack.study.factors import factors_of

HERE = Where()


def study(*, scenario="h200-truce", changes=(), paths=300, months=12, **asked):
    book = load_book()
    chosen = load_scenario(scenario, book, changes=changes, run={"paths": paths, "months": months})
    question = asked_of(chosen.month_labels, **asked)
    return simulate_drivers(prepare(chosen, book), question, where=HERE)


def document(**options):
    simulated = study(**options)
    found = drivers_document(simulated, command_of("h200-truce", simulated.asked, {}))
    json.dumps(found, allow_nan=False)
    return found


@pytest.fixture(scope="module")
def small():
    return document(base=8, conclusions=["domestic_packages@2026-02..2027-01 > 1e6"])


def test_the_base_rows_have_the_distribution_of_a_plain_run():
    book = load_book()
    chosen = load_scenario("h200-truce", book, run={"paths": 2048})
    task = prepare(chosen, book)
    design = sobol_design(factors_of(task.model), 1024, seed=4)
    places = np.arange(1024)[:, None] * (len(design.names) + 2)
    rows = np.sort(np.add(places, (0, len(design.names) + 1)).ravel())
    streams = dict(zip(design.streams, design.uniforms(rows), strict=True))
    designed = task.measure(DesignedBlock(chosen.seed, streams, design.luck(rows))).totals
    plain = task.block(5000, 2048).totals
    for question in asked_of(chosen.month_labels).outcomes:
        base, run = question.values(designed), question.values(plain)
        assert abs(base.mean() - run.mean()) < 4 * np.hypot(base.std(), run.std()) / np.sqrt(2048)
        for level in (0.25, 0.5, 0.75, 0.9):
            quantile = np.quantile(run, level)
            # Four errors of the difference of two shares.
            apart = np.mean(base <= quantile) - np.mean(run <= quantile)
            assert abs(apart) < 4 * np.sqrt(2 * level * (1 - level) / 2048), question.name


def test_luck_cannot_move_what_is_made_before_a_gate_matters(small):
    made = next(found for found in small["outcomes"] if found["outcome"] == "domestic_packages")
    by_name = {row["name"]: row for row in made["indices"]["inputs"]}
    assert by_name["luck"]["total"]["value"] < 0.01
    assert by_name["domestic.other_units"]["total"]["value"] > 0.1


def test_the_document_names_every_input_in_every_outcome(small):
    names = {row["name"] for row in small["inputs"]}
    keys = [key for name in names for key in name.split(" + ")]
    settings = load_scenario("h200-truce", load_book()).settings
    assert {key for key, spec in settings.items() if spec.is_uncertain} < set(keys)
    assert len(keys) == len(set(keys))
    assert "luck" in names
    for found in small["outcomes"]:
        if found["indices"]:
            assert {row["name"] for row in found["indices"]["inputs"]} == names
            totals = [row["total"]["value"] for row in found["indices"]["inputs"]]
            assert totals == sorted(totals, reverse=True)
            for row in found["indices"]["inputs"]:
                for part in ("first", "total"):
                    assert row[part]["low"] <= row[part]["value"] <= row[part]["high"]


def test_a_conclusion_is_explained_by_what_explains_its_outcome(small):
    found = small["conclusions"][0]
    assert 0.2 < found["share"] < 0.8
    assert found["regional"][0]["key"] == "domestic.other_units"
    assert found["regional"][0]["clear"]
    assert found["boxes"][0]["limits"][0]["key"] == "domestic.other_units"
    assert found["boxes"][0]["checked"]["density"] > 0.6


def test_what_does_not_vary_has_no_indices_and_says_so():
    found = document(scenario="no-imports", base=4, months=3, paths=40, outcomes=["h200_delivered_cum"])[
        "outcomes"
    ][0]
    assert found["varies"] is False
    assert found["indices"] is None and found["tornado"] == []


def test_without_any_uncertain_input_luck_explains_everything():
    book = load_book()
    chosen = load_scenario("h200-truce", book, run={"paths": 20, "months": 2})
    fixed = [
        f"{key}={spec.range.mid!r}"
        for key, spec in chosen.settings.items()
        if spec.is_uncertain and hasattr(spec, "range")
    ]
    found = document(changes=fixed, base=4, paths=40, months=3, outcomes=["us_compute_h100e"])
    assert len(found["inputs"]) < 40
    # Only ranges move it, and they are fixed.
    assert found["outcomes"][0]["varies"] is False


@pytest.mark.parametrize(
    ("conclusion", "share"), [("compute_gap_ratio > 0", 1.0), ("compute_gap_ratio < 0", 0.0)]
)
def test_what_always_or_never_holds_has_no_region(conclusion, share):
    found = document(base=4, months=3, paths=60, outcomes=["compute_gap_ratio"], conclusions=[conclusion])
    concluded = found["conclusions"][0]
    assert concluded["share"] == share
    assert concluded["varies"] is False and concluded["indices"] is None
    assert concluded["regional"] == [] and concluded["boxes"] == []


def test_an_outcome_that_is_undefined_somewhere_has_no_indices_but_a_conclusion_about_it_has():
    found = document(
        base=16,
        months=2,
        paths=200,
        outcomes=["compute_gap_months@2026-02"],
        conclusions=["compute_gap_months@2026-02 < 40"],
        changes=["world.china_official=10000:60000:1000000", "world.china_smuggled=0"],
    )
    outcome, concluded = found["outcomes"][0], found["conclusions"][0]
    assert outcome["undefined_rows"] > 0.0
    assert outcome["indices"] is None
    assert concluded["undefined"] > 0.0
    assert concluded["indices"] is not None


def test_ranks_and_values_are_asked_of_the_same_rows():
    values, ranks = (document(base=8, months=2, paths=40, scale=scale) for scale in ("values", "ranks"))
    gap, ranked = (found["outcomes"][1] for found in (values, ranks))
    assert gap["design"] == ranked["design"]
    assert gap["indices"] != ranked["indices"]


def test_morris_ranks_what_sobol_ranks():
    found = document(method="morris", base=8, outcomes=["domestic_packages"])
    rows = found["outcomes"][0]["effects"]["inputs"]
    assert rows[0]["name"] in ("domestic.other_units", "domestic.other_growth")
    luck = next(row for row in rows if row["name"] == "luck")
    assert luck["size"]["value"] < rows[0]["size"]["value"] / 100
    assert found["step"] == pytest.approx(0.6)


def test_the_study_is_the_same_however_it_is_cut(monkeypatch):
    options = {"paths": 50, "months": 2, "base": 4, "outcomes": ["domestic_packages"]}
    one = study(**options)
    monkeypatch.setattr("dualtrack.study.drivers.ROWS_AT_ONCE", 37)
    two = study(**options)
    assert all(np.array_equal(one.rows[name], two.rows[name]) for name in one.rows)
    assert all(np.array_equal(one.values[name], two.values[name]) for name in one.values)
    assert np.array_equal(one.uniforms, two.uniforms)


def test_what_is_asked_where_nothing_is_said():
    months = [f"2026-{n:02d}" for n in range(2, 13)] + [f"2027-{n:02d}" for n in range(1, 13)]
    names = [question.name for question in asked_of(months).outcomes]
    assert names == [
        "h200_delivered_cum@2027-01",
        "h200_delivered_cum@2027-12",
        "compute_gap_ratio@2027-12",
        "nvidia_china_ai_revenue@2026-02..2027-12",
        "domestic_packages@2026-02..2027-12",
    ]
    # In a run of a year or less the first two are one.
    assert len(asked_of(months[:12]).outcomes) == 4
    assert default_outcomes(months[:3])[0] == "h200_delivered_cum@2026-04"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"method": "sobel"}, "--method 'sobel' is not known. Wanted: sobol or morris."),
        ({"scale": "logs"}, "--on 'logs' is not known. Wanted: values or ranks."),
        ({"outcomes": ["h200_delivered"]}, "Did you mean 'h200_delivered_cum'"),
    ],
)
def test_what_cannot_be_asked(asked, message):
    with pytest.raises(ScenarioFault, match=message):
        asked_of(["2026-02"], **asked)


@pytest.mark.parametrize(
    ("asked", "missing", "name"),
    [
        ({"method": "morris"}, "SALib", "SALib"),
        ({"conclusions": ["compute_gap_ratio < 15"]}, "ema_workbench", "EMA Workbench"),
    ],
)
def test_a_missing_library_is_told_with_how_to_install_it(asked, missing, name, monkeypatch):
    monkeypatch.setattr(
        "dualtrack.study.designs.find_spec", lambda module: None if module == missing else module
    )
    with pytest.raises(ScenarioFault, match=rf"{name}.*pip install 'dualtrack\[study\]'"):
        asked_of(["2026-02"], **asked)
    assert asked_of(["2026-02"]).method == "sobol"


def test_more_paths_than_can_be_kept_are_refused():
    with pytest.raises(ScenarioFault, match=r"--paths 300,000 is more than the 200,000"):
        study(paths=300_000, base=4)
