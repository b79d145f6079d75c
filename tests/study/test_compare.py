"""Comparisons of runs: the numbers are those of the runs, wherever they come from; known effects have their sign."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import dualtrack
from dualtrack.errors import ResultFault, ScenarioFault
from dualtrack.results.dataset import save, set_attribute
from dualtrack.results.questions import parse_question
from dualtrack.results.summary import summarise
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.session import run
from dualtrack.simulate.run import prepare
from dualtrack.study.compare import compare
from dualtrack.study.paired import Asked, run_paired

SMALL = {"paths": 150, "months": 14}


@pytest.fixture(scope="module")
def runs():
    return {name: run(name, **SMALL) for name in ("h200-truce", "no-imports")}


@pytest.fixture(scope="module")
def document():
    return compare("h200-truce", "no-imports", buyers=["tencent"], **SMALL)


@pytest.fixture(scope="module")
def saved(runs, tmp_path_factory):
    """Folders of both runs, as `run --out` names the file."""
    place = tmp_path_factory.mktemp("saved")
    for name, dataset in runs.items():
        (place / name).mkdir()
        save(dataset, place / name / "result.nc")
    return {name: str(place / name) for name in runs}


@pytest.fixture
def changed(saved, tmp_path):
    """A function: attribute, text -> a copy of a saved result that says so."""

    def copy(name, text):
        path = tmp_path / "changed.nc"
        shutil.copy(Path(saved["h200-truce"]) / "result.nc", path)
        set_attribute(path, name, text)
        return str(path)

    return copy


def test_the_document_is_json_without_nan(document):
    json.dumps(document, allow_nan=False)
    assert document["base"] == "no-imports"
    assert list(document["scenarios"]) == ["h200-truce", "no-imports"]
    assert document["command"] == (
        "dualtrack compare h200-truce no-imports --buyer tencent --paths 150 --months 14"
    )


def test_each_side_is_the_run_of_that_name(document, runs):
    for name, dataset in runs.items():
        alone = summarise(dataset)
        side = document["scenarios"][name]
        for outcome in ("china_compute_h100e", "compute_gap_months"):
            assert side["values"][f"{outcome}@2027-01"] == alone["outcomes"][outcome]["by_month"]["2027-01"]
        assert side["by_month"]["compute_gap_ratio"] == alone["outcomes"]["compute_gap_ratio"]["by_month"]
        of_buyer = alone["by_buyer"]["tencent"]["h200_delivered_cum"]["2027-03"]
        assert side["values"]["tencent/h200_delivered_cum@2027-03"] == of_buyer


def test_the_difference_is_that_of_the_two_runs_path_by_path(document, runs):
    one, base = (runs[name]["nvidia_china_ai_revenue"].values for name in ("h200-truce", "no-imports"))
    found = document["comparisons"][0]
    sums = one.sum(axis=0) - base.sum(axis=0)
    value = found["values"]["nvidia_china_ai_revenue@2026-02..2027-03"]
    assert value["difference"]["mean"] == pytest.approx(sums.mean())
    assert value["difference"]["p50"] == pytest.approx(np.median(sums))
    assert value["p_more"] == np.mean(sums > 1e-6)
    month = found["by_month"]["nvidia_china_ai_revenue"]["2026-08"]
    assert month["mean"] == pytest.approx((one[:7].sum(axis=0) - base[:7].sum(axis=0)).mean())


def test_headline_outcomes_are_asked_after_a_year_and_at_the_end(document):
    names = list(document["questions"])
    assert "china_compute_h100e@2027-01" in names and "china_compute_h100e@2027-03" in names
    assert "domestic_packages@2026-02..2027-01" in names
    assert "h200_licensed_cum@2027-01" not in names
    short = compare("open-door", "no-imports", paths=8, months=12)
    assert [name for name in short["questions"] if name.startswith("china_compute")] == [
        "china_compute_h100e@2027-01"
    ]


def test_a_scenario_beside_a_saved_result_runs_with_its_draws(saved):
    found = compare(saved["h200-truce"], "open-door", "h200-truce", outcomes=["levy_paid"], paths="150")
    assert (found["paths"], len(found["months"])) == (150, 14)
    itself, other = (next(iter(one["values"].values())) for one in found["comparisons"])
    assert itself["p_equal"] == 1.0
    assert other["p_equal"] < 1.0


def test_saving_makes_no_difference(document, saved):
    again = compare(saved["h200-truce"], saved["no-imports"], buyers=["tencent"])
    for part in ("values", "by_month"):
        assert again["comparisons"][0][part] == document["comparisons"][0][part]


def test_each_of_several_is_compared_with_the_last():
    found = dualtrack.compare("h200-truce:china.ratio=3", "one-for-one", "h200-truce", paths=40, months=6)
    assert [one["scenario"] for one in found["comparisons"]] == ["h200-truce:china.ratio=3", "one-for-one"]
    assert {one["base"] for one in found["comparisons"]} == {"h200-truce"}
    assert found["scenarios"]["h200-truce:china.ratio=3"]["changes"] == ["china.ratio=3"]


def test_a_change_for_all_is_one_for_each():
    together = compare("h200-truce", "open-door", changes=["vendor.stock_units=1000"], paths=40, months=6)
    apart = compare(
        *(f"{name}:vendor.stock_units=1000" for name in ("h200-truce", "open-door")), paths=40, months=6
    )
    assert together["comparisons"][0]["values"] == apart["comparisons"][0]["values"]


# -- refusals


@pytest.mark.parametrize(("what", "value"), [("seed", 7), ("paths", 20)])
def test_saved_results_of_other_draws_are_refused(saved, changed, what, value):
    with pytest.raises(ScenarioFault, match=f"(?s)has {what} {value}, .* has {what} .*same {what}"):
        compare(changed(what, str(value)), saved["h200-truce"])


def test_saved_results_of_other_months_are_refused(runs, saved, tmp_path):
    save(runs["no-imports"].isel(month=slice(0, 6)), tmp_path / "short.nc")
    with pytest.raises(ScenarioFault, match=r"(?s)has months 6, .* has months 14"):
        compare(str(tmp_path / "short.nc"), saved["h200-truce"])


def test_results_of_another_version_or_other_facts_are_refused(runs, saved, changed):
    manifest = json.loads(runs["h200-truce"].attrs["manifest"])
    old = changed("manifest", json.dumps(manifest | {"version": "0.0.9"}))
    with pytest.raises(ResultFault, match=r"(?s)version 0\.0\.9.*Run the older again"):
        compare(old, saved["no-imports"])
    other = changed("manifest", json.dumps(manifest | {"facts_sha256": "0" * 64}))
    with pytest.raises(ResultFault, match=r"(?s)facts with the hash 000000000000,.*give the same files"):
        compare(other, "no-imports")


def test_a_result_of_the_other_backend_is_refused(changed):
    with pytest.raises(ResultFault, match=r"(?s)made with jax.*without --backend"):
        compare(changed("backend", "jax"), "no-imports")


def test_options_that_a_saved_result_cannot_follow_are_refused(saved):
    with pytest.raises(ScenarioFault, match=r"(?s)--paths 20: .* has paths 150.*Leave --paths out"):
        compare(saved["h200-truce"], "no-imports", paths="20")
    with pytest.raises(ScenarioFault, match=r"(?s)--set china.ratio=1.*SCENARIO:china.ratio=1"):
        compare(saved["h200-truce"], "no-imports", changes=["china.ratio=1"])


def test_a_result_without_buyers_is_not_asked_for_one(runs, tmp_path):
    dataset = runs["h200-truce"]
    save(
        dataset.drop_vars([name for name in dataset.data_vars if name.startswith("buyer_")]),
        tmp_path / "n.nc",
    )
    with pytest.raises(ResultFault, match="keep_buyers"):
        compare(str(tmp_path / "n.nc"), "no-imports", buyers=["tencent"])


# -- known effects

CALM = (
    "gates.hazard_factor=0,china.gate_start=quota,demand.decay=0,demand.substitution=0,domestic.learning=0,"
    "domestic.response_elasticity=0,vendor.ageing_rate=0,vendor.diversion_rate=0,vendor.sold_elsewhere_rate=0,"
    "vendor.line_capacity_units=0"
)


@pytest.mark.parametrize("timing", ["before", "with"])
def test_a_stricter_ratio_lets_less_in_on_average_and_the_share_of_the_others_is_told(timing):
    """Feedbacks off and gates open; single paths may turn, as chips that serve one buyer are missing to another."""
    calm = f"h200-truce:{CALM},china.ratio_timing={timing}"
    found = compare(
        f"{calm},china.ratio=3",
        f"{calm},china.ratio=1",
        outcomes=["h200_delivered_cum"],
        paths=200,
        months=24,
    )
    value = found["comparisons"][0]["values"]["h200_delivered_cum@2028-01"]
    assert value["difference"]["mean"] < -4 * value["standard_error"]
    assert value["p_less"] > 0.5
    assert value["p_more"] <= 0.03


def test_with_feedbacks_the_mean_and_the_share_of_paths_going_the_other_way_are_told():
    found = compare(
        "h200-truce:china.ratio=3",
        "h200-truce:china.ratio=0",
        outcomes=["h200_delivered_cum"],
        paths=400,
        months=24,
    )
    (value,) = found["comparisons"][0]["values"].values()
    assert value["difference"]["mean"] < 0
    assert 0 < value["p_more"] < value["p_less"]
    assert value["p_more"] + value["p_equal"] + value["p_less"] == pytest.approx(1.0)


def kept_of_changes(book, asked, *changes, paths=150, months=24):
    run_ = {"paths": paths, "months": months}
    return run_paired(
        [prepare(load_scenario("h200-truce", book, changes=c.split(","), run=run_), book) for c in changes],
        asked,
    )


def test_a_higher_cap_does_nothing_where_clearances_are_below_licences_for_every_buyer(book, traced):
    """Terms are accepted and the share limit is wide, so that more licences for one cost the others nothing."""
    small = (
        "china.gate_start=rationed,gates.hazard_factor=0,china.tranche_units=200,demand.acceptance=1,"
        "us.share_limit=100"
    )
    low, high = f"{small},us.buyer_cap=40000", f"{small},us.buyer_cap=400000"
    trace = traced(low.split(","), paths=150, months=24)
    refused = [buyer.id for buyer in trace.model.buyers].index("state")
    licensed, cleared = (
        np.delete(trace.cumulative(name)[-1], refused, axis=0) for name in ("licensed", "cleared")
    )
    below = (cleared <= licensed).all(axis=0)
    assert below.mean() > 0.8
    asked = Asked(monthly=("h200_delivered_cum", "h200_cleared_cum", "h200_licensed_cum"))
    one, other, bound = kept_of_changes(book, asked, low, high, f"{small},us.buyer_cap=2000")
    assert one.monthly["h200_delivered_cum"][-1].mean() > 1000
    for name in ("h200_delivered_cum", "h200_cleared_cum"):
        np.testing.assert_array_equal(one.monthly[name][:, below], other.monthly[name][:, below])
    assert (other.monthly["h200_licensed_cum"][-1] > one.monthly["h200_licensed_cum"][-1]).all()
    # A cap below the clearances does bind, and then a higher one lets more through.
    assert one.monthly["h200_delivered_cum"][-1].mean() > bound.monthly["h200_delivered_cum"][-1].mean()


def test_where_domestic_supply_binds_a_stricter_ratio_does_not_raise_domestic_volume_in_the_year(book):
    scarce = (
        "china.gate_start=quota,gates.hazard_factor=0,domestic.memory_stock=100000,domestic.other_units=50000"
    )
    months = load_scenario("h200-truce", book, run={"months": 12}).month_labels
    made, bought = (
        parse_question(f"{name}@2026", months) for name in ("domestic_packages", "domestic_bought")
    )
    asked = Asked((made, bought))
    loose, strict = kept_of_changes(
        book, asked, f"{scarce},china.ratio=1", f"{scarce},china.ratio=4", paths=300, months=12
    )
    np.testing.assert_array_equal(strict.values[made.name], loose.values[made.name])
    all_sold = loose.values[bought.name] >= loose.values[made.name] * (1 - 1e-6)
    assert all_sold.mean() > 0.5
    assert (strict.values[bought.name] <= loose.values[bought.name] * (1 + 1e-6))[all_sold].all()
    # Where chips are left over, the ratio does sell more of them.
    assert (strict.values[bought.name] > loose.values[bought.name] * (1 + 1e-6))[~all_sold].any()
