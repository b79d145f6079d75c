"""`dualtrack run`: what may be typed, and the document that comes back."""

import json
import math

import numpy as np
import pytest
from tests.cli.helpers import SMALL, dualtrack, small_run

from dualtrack.results.outputs import outputs_table
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import RUN_KEYS
from dualtrack.session import run

REQUIRED = [
    "h200_licensed_cum",
    "h200_cleared_cum",
    "h200_ordered_cum",
    "h200_delivered_cum",
    "h200_delivered_mainland_cum",
    "h200_powered_cum",
    "h200_stranded",
    "h200_backlog",
    "nvidia_china_ai_revenue",
    "levy_paid",
    "nvidia_write_down",
    "domestic_packages",
    "huawei_packages",
    "domestic_revenue",
    "domestic_share_of_compute_added",
    "china_compute_h100e",
    "us_compute_h100e",
    "compute_gap_ratio",
    "compute_gap_months",
    "china_share_of_world",
    "largest_run_flop",
    "china_added_power_mw",
    "china_ai_capex",
]
QUANTILES = ["p05", "p10", "p25", "p50", "p75", "p90", "p95"]
BUYERS = ["bytedance", "alibaba", "tencent", "next_tier", "state", "research"]


def document(*words):
    answer = dualtrack("run", *words, *SMALL, "--json")
    assert answer.code == 0, answer.err
    return answer.document


def without_seconds(shown):
    return {name: part for name, part in shown.items() if name != "seconds"}


def numbers(shown):
    """The document less what only says how it was asked for."""
    hidden = {"seconds", "manifest", "scenario", "title", "sources"}
    return {name: part for name, part in shown.items() if name not in hidden}


def settings(*changes):
    table = json.loads(run("h200-truce", changes=changes, paths=4, months=12).attrs["settings"])
    return {row["key"]: row for row in table}


# -- what may be typed


def test_numbers_and_a_month_are_taken_as_typed():
    words = ("us.share_limit=0.5", "china.ratio=1", "us.revocation=2026-10")
    shown = settings(*words)
    assert shown["us.share_limit"]["value"] == 0.5
    assert shown["china.ratio"]["value"] == 1
    assert shown["us.revocation"]["value"] == "2026-10"
    for key in ("us.share_limit", "china.ratio", "us.revocation"):
        assert shown[key]["assumption"] == shown[key]["changed_by"] == "set on the command line"
        assert not shown[key]["uncertain"]
    said = [text for word in words for text in ("--set", word)]
    answer = dualtrack("run", *said, "--paths", "20", "--months", "10", "--json")
    assert answer.code == 0, answer.err
    text = answer.document["manifest"]["scenario_text"]
    assert all(word in text for word in words)


def test_ranges_windows_and_names_are_taken_as_typed():
    shown = settings(
        "china.ratio=0.3:1:2.5",
        "us.revocation=2026-05..2026-12",
        "china.ratio_basis=units",
        "vendor.chip=mi325x",
    )
    assert shown["china.ratio"]["value"] == [0.3, 1, 2.5]
    assert shown["us.revocation"]["value"] == "2026-05..2026-12"
    assert shown["china.ratio_basis"]["value"] == "units"
    assert shown["vendor.chip"]["value"] == "amd.mi325x"
    assert shown["china.ratio"]["uncertain"]
    assert shown["us.revocation"]["uncertain"]


def test_spaces_and_underscores_do_not_matter():
    shown = settings(" china.ratio = 1 ", "us.buyer_cap=50_000")
    assert shown["china.ratio"]["value"] == 1
    assert shown["us.buyer_cap"]["value"] == 50_000


def test_law_means_the_law_in_force():
    assert "us.share_limit" not in settings("us.share_limit=law")
    law = document("--set", "us.share_limit=law")
    assert numbers(law) == numbers(small_run("h200-truce"))


def test_run_keys_may_be_set_like_any_other():
    options = dualtrack("run", "--paths", "10", "--months", "4", "--seed", "7", "--json").document
    keys = dualtrack("run", "--set", "paths=10", "--set", "months=4", "--set", "seed=7", "--json").document
    assert numbers(options) == numbers(keys)
    assert (keys["paths"], keys["seed"]) == (10, 7)
    assert len(keys["outcomes"]["h200_backlog"]["by_month"]) == 4


def test_the_first_word_is_the_scenario_and_h200_truce_if_there_is_none():
    assert small_run()["scenario"] == "h200-truce"
    assert small_run("one-for-one")["scenario"] == "one-for-one"


def test_a_revocation_takes_effect_from_the_next_month():
    shown = document("--set", "us.revocation=2026-02")
    barred = [shown["probabilities"]["us_gate"][month]["barred"] for month in ("2026-02", "2026-03")]
    assert barred[0] < 1.0
    assert barred[1] == 1.0


def test_an_open_door_delivers_at_least_the_truce():
    words = ("--paths", "40", "--months", "12", "--json")
    last = [
        dualtrack("run", name, *words).document["outcomes"]["h200_delivered_cum"]["by_month"]["2027-01"][
            "mean"
        ]
        for name in ("h200-truce", "open-door")
    ]
    assert last[0] < last[1]


def test_chunks_and_workers_change_no_number():
    base = numbers(small_run("h200-truce"))
    assert numbers(document("--chunk", "7")) == base
    assert numbers(document("--chunk", "10", "--workers", "2")) == base


# -- the keys


def test_run_keys_lists_every_key_with_unit_and_source():
    answer = dualtrack("run", "--keys", columns=160)
    assert answer.code == 0
    assert answer.err == ""
    for name in RUN_KEYS:
        assert f"\n{name} " in "\n" + answer.out, name
    blocks = {block.split(" ", 1)[0]: block for block in _blocks(answer.out)}
    for name, key in load_keys().items():
        assert key.entry.unit in blocks[name], name
        assert "From:" in blocks[name] or "law in force" in blocks[name], name


def _blocks(text):
    blocks = []
    for line in text.splitlines():
        first = line.split(" ", 1)[0]
        if first in load_keys() or first in RUN_KEYS:
            blocks.append("")
        if blocks:
            blocks[-1] += line + "\n"
    return blocks


def test_run_keys_as_json_has_unit_and_source_of_every_key():
    rows = {row["key"]: row for row in dualtrack("run", "--keys", "--json").document}
    assert set(rows) == {*load_keys(), *RUN_KEYS}
    for name in load_keys():
        row = rows[name]
        assert row["what"]
        assert row["facts"] or row["assumption"] or row["law"], name
        if row["kind"] in ("number", "integer"):
            assert row["unit"], name
            assert len(row["bounds"]) == 2


# -- the document


def test_the_document_has_the_parts_of_the_contract():
    shown = small_run("h200-truce")
    wanted = {"scenario", "known_by", "paths", "seed", "backend", "seconds", "manifest", "opening"}
    assert wanted | {"outcomes", "probabilities", "by_buyer", "by_place", "sources"} <= set(shown)
    assert (shown["scenario"], shown["known_by"]) == ("h200-truce", "2026-01-31")
    assert (shown["paths"], shown["seed"], shown["backend"]) == (20, 20260131, "numpy")
    assert 0 < shown["seconds"] < 60
    for name, quantiles in shown["opening"].items():
        assert list(quantiles) == ["p10", "p50", "p90"], name
        assert quantiles["p10"] <= quantiles["p50"] <= quantiles["p90"], name
    assert {"version", "facts_sha256", "scenario_text", "seed", "known_by"} <= set(shown["manifest"])


def test_every_required_outcome_is_there_with_unit_and_kind():
    outcomes = small_run("h200-truce")["outcomes"]
    assert set(REQUIRED) <= set(outcomes)
    for name, outcome in outcomes.items():
        assert outcome["unit"], name
        assert outcome["kind"] in ("stock", "flow"), name


def test_months_run_from_february_2026_to_the_horizon():
    answer = dualtrack("run", "--paths", "5", "--json")
    outcomes = answer.document["outcomes"]
    for name, outcome in outcomes.items():
        months = list(outcome["by_month"])
        assert (months[0], months[-1], len(months)) == ("2026-02", "2029-01", 36), name


def test_every_spread_is_whole_and_in_order():
    for name, outcome in small_run("h200-truce")["outcomes"].items():
        for when, row in {**outcome["by_month"], **outcome["by_quarter"]}.items():
            assert {"mean", "p_zero", *QUANTILES} <= set(row), (name, when)
            values = [row[level] for level in QUANTILES]
            if None in values:
                assert values == [None] * len(values), (name, when)
                assert row["mean"] is None
                continue
            assert values == sorted(values), (name, when)
            assert 0.0 <= row["p_zero"] <= 1.0
            assert all(math.isfinite(value) for value in (row["mean"], *values)), (name, when)


def test_quarters_are_marked_partial_where_months_are_missing():
    outcomes = small_run("h200-truce")["outcomes"]  # February to April 2026
    calendar = outcomes["h200_backlog"]["by_quarter"]
    assert {quarter: row["partial"] for quarter, row in calendar.items()} == {"2026Q1": True, "2026Q2": True}
    fiscal = outcomes["nvidia_china_ai_revenue"]["by_quarter"]
    assert {quarter: row["partial"] for quarter, row in fiscal.items()} == {"FY2027Q1": False}


def test_a_quarter_sums_a_flow_and_takes_the_last_month_of_a_stock():
    outcomes = small_run("h200-truce")["outcomes"]
    revenue = outcomes["nvidia_china_ai_revenue"]
    total = sum(row["mean"] for row in revenue["by_month"].values())
    assert revenue["by_quarter"]["FY2027Q1"]["mean"] == pytest.approx(total)
    stock = outcomes["china_compute_h100e"]
    assert stock["by_quarter"]["2026Q1"]["p50"] == stock["by_month"]["2026-03"]["p50"]
    assert stock["by_quarter"]["2026Q2"]["p50"] == stock["by_month"]["2026-04"]["p50"]


def test_probabilities_are_probabilities_and_gate_states_add_to_one():
    shown = small_run("h200-truce")["probabilities"]
    assert {"any_delivery_by", "us_gate", "china_gate"} <= set(shown)
    assert set(shown["us_gate"]["2026-02"]) == {"barred", "narrow", "review"}
    assert set(shown["china_gate"]["2026-02"]) == {"blocked", "rationed", "quota", "open"}
    for gate in ("us_gate", "china_gate"):
        for month, states in shown[gate].items():
            assert sum(states.values()) == pytest.approx(1.0), (gate, month)
    by_now = list(shown["any_delivery_by"].values())
    assert by_now == sorted(by_now)
    assert all(0.0 <= probability <= 1.0 for probability in by_now)


def test_buyers_and_places_add_up_to_the_whole():
    dataset = run("h200-truce", paths=30, months=12)
    everywhere = dataset["h200_delivered_cum"].values
    buyers = dataset["buyer_h200_delivered_cum"].sum("buyer").values
    assert np.allclose(buyers, everywhere, rtol=1e-4, atol=1.0)
    shown = small_run("h200-truce")
    assert list(shown["by_buyer"]) == BUYERS
    assert set(shown["by_place"]) == {"mainland", "hong_kong", "offshore"}
    month = {
        place: rows["h200_delivered_cum"]["2026-04"]["mean"] for place, rows in shown["by_place"].items()
    }
    whole = shown["outcomes"]["h200_delivered_cum"]["by_month"]["2026-04"]["mean"]
    assert sum(month.values()) == pytest.approx(whole)


def test_one_buyer_is_shown_when_one_is_asked_for():
    shown = document("--buyer", "tencent")
    assert list(shown["by_buyer"]) == ["tencent"]
    assert shown["by_buyer"]["tencent"] == small_run("h200-truce")["by_buyer"]["tencent"]
    assert shown["outcomes"] == small_run("h200-truce")["outcomes"]


def test_every_fact_named_by_the_result_is_cited_in_full():
    shown = small_run("h200-truce")
    assert len({source["fact"] for source in shown["sources"]}) == len(shown["sources"]) > 100
    for source in shown["sources"]:
        assert source["publisher"], source
        assert source["known_by"] <= "2026-01-31" or source["hindsight"], source


def test_the_same_seed_gives_the_same_document():
    again = document("h200-truce")
    assert without_seconds(again) == without_seconds(small_run("h200-truce"))
    other = document("h200-truce", "--seed", "1")
    assert other["outcomes"] != again["outcomes"]


def test_the_first_paths_of_a_longer_run_are_the_paths_of_a_short_one():
    short, long = run("h200-truce", paths=7, months=6), run("h200-truce", paths=23, months=6)
    for name in outputs_table():
        assert np.array_equal(short[name], long[name].isel(path=slice(0, 7)), equal_nan=True), name


def test_json_is_all_there_is_on_standard_output():
    answer = dualtrack("run", *SMALL, "--json")
    assert answer.out.count("\n") == 1
    assert answer.out.endswith("}\n")
    assert answer.err == ""


def test_the_summary_is_on_standard_output_and_fits_the_screen():
    for columns in (80, 100, 160):
        answer = dualtrack("run", *SMALL, "--buyer", "tencent", columns=columns)
        assert answer.code == 0, answer.err
        assert "H200 truce" in answer.out
        assert answer.err == ""
        assert max(len(line) for line in answer.out.splitlines()) <= columns
        assert "nan" not in answer.out.lower().split()


@pytest.mark.parametrize("columns", [80, 100, 160])
def test_every_row_of_the_summary_says_what_it_is(columns):
    # 80 columns is also what a pipe or a file gets.
    answer = dualtrack("run", "--paths", "20", "--buyer", "tencent", columns=columns)
    assert answer.code == 0, answer.err
    for words in ("H200 delivered", "H200 backlog", "Compute in China", "Median", "Domestic chips bought"):
        assert words in answer.out, words


# -- P(outcome > value)


@pytest.mark.parametrize(
    ("asked", "months"),
    [
        ("h200_licensed_cum=10000@2026-06", ["2026-06"]),
        ("h200_licensed_cum=1e4@2026Q2", ["2026-06"]),
        ("domestic_packages=150_000@2026Q2", ["2026-04", "2026-05", "2026-06"]),
        ("nvidia_china_ai_revenue=1e8@FY2027Q2", ["2026-05", "2026-06", "2026-07"]),
        ("compute_gap_ratio=8", ["2027-01"]),
    ],
)
def test_exceedance_agrees_with_counting_in_the_dataset(asked, months):
    answer = dualtrack("run", "--paths", "60", "--months", "12", "--exceed", asked, "--json")
    assert answer.code == 0, answer.err
    (found,) = answer.document["exceedance"]
    name, _, rest = asked.partition("=")
    value = float(rest.split("@")[0])
    dataset = run("h200-truce", paths=60, months=12)
    reached = dataset[name].sel(month=months).sum("month").values
    assert found["probability"] == (reached > value).mean()
    assert (found["outcome"], found["value"]) == (name, value)
    assert 0.0 < found["probability"] < 1.0, "this case shows little"


def test_several_exceedances_come_in_the_order_asked():
    shown = document("--exceed", "h200_backlog=1", "--exceed", "levy_paid=0@2026-03")
    assert [(row["outcome"], row["period"]) for row in shown["exceedance"]] == [
        ("h200_backlog", "2026-04"),
        ("levy_paid", "2026-03"),
    ]


def test_more_is_not_the_same_as_as_much():
    shown = document("--exceed", "us_compute_h100e=0", "--exceed", "h200_delivered_cum=0@2026-02")
    assert shown["exceedance"][0]["probability"] == 1.0
    delivered = shown["outcomes"]["h200_delivered_cum"]["by_month"]["2026-02"]
    assert shown["exceedance"][1]["probability"] == pytest.approx(1.0 - delivered["p_zero"])
