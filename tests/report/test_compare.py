"""The page of a comparison says what its document holds: signs, shares, notes, charts and files."""

import copy
import csv
import io
import json

import pytest

from dualtrack.report.compare_charts import axis_of, how_often, medians, side_by_side
from dualtrack.report.compare_part import compare_part, compare_sections
from dualtrack.report.sections import markdown
from dualtrack.report.study_page import study_files
from dualtrack.study.compare import compare


@pytest.fixture(scope="module")
def document():
    return compare("h200-truce", "no-imports", buyers=["next_tier"], paths=60, months=14)


@pytest.fixture(scope="module")
def several():
    return compare(
        "one-for-one", "h200-truce:china.ratio=2", "no-imports", paths=20, months=4, outcomes=["h200_backlog"]
    )


def one_value(document, **numbers):
    """The document of a comparison with one outcome, and these numbers put in."""
    changed = copy.deepcopy(document)
    name = "china_compute_h100e@2027-03"
    changed["questions"] = {name: changed["questions"][name]}
    value = changed["comparisons"][0]["values"][name]
    value["difference"] |= numbers.pop("difference", {})
    value |= numbers
    changed["comparisons"][0]["values"] = {name: value}
    return changed


def test_the_answer_says_sign_interval_mean_error_and_shares(document):
    found = one_value(
        document,
        difference={"p10": -1200.0, "p50": 152_400.0, "p90": 1.2e6, "mean": 410_000.0},
        standard_error=12_000.0,
        p_more=0.78,
        p_equal=0.2,
        p_less=0.02,
    )
    text = compare_sections(found)[0].text
    assert text[1] == (
        "Compute in China, 2027-03: +150k H100e (80 % interval −1.2k to +1.2M), mean +410k ± 10k; more on 78 % of paths, "
        "the same on 20 %, less on 2 %."
    )


def test_what_never_differs_stands_in_a_sentence_not_in_the_table(document):
    _, changed, means, both, *_ = compare_sections(document)
    assert "Compute of five US hyperscalers (2027-01)" in changed.text[0]
    assert not [row for row in (*changed.rows, *means.rows) if "hyperscalers" in row[0]]
    assert [row for row in both.rows if "hyperscalers" in row[0]]
    same = compare_sections(one_value(document, p_equal=1.0, p_more=0.0, p_less=0.0))
    assert [section.title.partition(":")[0] for section in same[1:4]] == [
        "What h200-truce changes against no-imports",
        "Side by side",
        "How it was compared",
    ]
    assert same[0].text[1].endswith("the same on every path.")


def test_undefined_paths_and_ratios_are_told(document):
    found = one_value(document, undefined=7, paths=53, ratio_paths=40)
    _, changed, means, *_ = compare_sections(found)
    assert "up to 7 of 60 paths" in changed.text[0]
    assert changed.rows[0][0].endswith("*")
    assert means.rows[0][2].endswith("†")
    assert "no-imports is nought" in means.text[0]
    nowhere = one_value(
        document, undefined=60, paths=0, p_equal=None, p_more=None, p_less=None, ratio_paths=0
    )
    assert "undefined on every path" in compare_sections(nowhere)[0].text[1]


def test_a_period_is_said_as_it_is_meant(document, several):
    labels = [row[0] for row in compare_sections(document)[3].rows]
    assert "Compute in China, H100e: 2027-03" in labels
    assert "China AI capex, USD: to 2027-01" in labels
    assert "Domestic chips bought since the start (next tier), units: 2027-03" in labels
    year = compare(
        "open-door", "no-imports", paths=4, months=14, outcomes=["levy_paid@2026", "h200_stock@2026"]
    )
    labels = [row[0] for row in compare_sections(year)[-2].rows]
    assert labels == ["Levy paid, USD: 2026, in part", "Vendor's stock, units: 2026-12"]


def test_the_tables_hold_every_number(document):
    tables = compare_part(document).tables
    assert len(tables["compare"]) == len(document["questions"])
    assert len(tables["compare-by-month"]) == 5 * 14
    for row in tables["compare"]:
        name = f"{row['buyer']}/" * bool(row["buyer"]) + f"{row['outcome']}@{row['period']}"
        value = document["comparisons"][0]["values"][name]
        for column, number in (
            ("difference_p50", value["difference"]["p50"]),
            ("ratio_p90", value["ratio"]["p90"]),
            ("standard_error", value["standard_error"]),
            ("p_equal", value["p_equal"]),
            ("base_mean", document["scenarios"]["no-imports"]["values"][name]["mean"]),
        ):
            assert row[column] == number, (name, column)


def test_the_files_are_document_page_tables_and_pictures():
    found = compare("open-door", "no-imports", paths=20, months=4, outcomes=["china_compute_h100e"])
    part, told = compare_part(found), []
    files = study_files(part, found, lambda done, whole: told.append((done, whole)))
    assert told == [(done, len(part.figures)) for done in range(1, len(part.figures) + 1)]
    assert json.loads(files["compare.json"]) == found
    page = files["compare.html"].decode()
    assert page.count("<svg") == 2 and "<script" not in page
    assert "| Compute in China, H100e: 2026-05 |" in files["compare.md"].decode()
    assert len(list(csv.DictReader(io.StringIO(files["compare.csv"].decode())))) == 1
    assert {"compare-how-often.png", "compare-china-compute-h100e.svg"} <= set(files)


def test_several_comparisons_get_their_own_figures_and_one_of_all(several):
    part = compare_part(several)
    assert [figure.name for figure in part.figures] == [
        "how-often-1",
        "h200_backlog-1",
        "how-often-2",
        "h200_backlog-2",
        "medians-h200_backlog",
    ]
    assert part.title == "one-for-one and h200-truce:china.ratio=2 against no-imports"
    assert part.sections[0].text[1].startswith("one-for-one: H200 backlog, 2026-05: ")
    assert markdown(part.sections).count("Side by side") == 2


def spread(**numbers):
    return dict.fromkeys(("mean", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "p_zero"), 0.0) | numbers


def test_an_axis_takes_the_scale_of_the_largest_number():
    by_month = {"2026-02": spread(p10=-2.5e6, p90=900.0)}
    assert axis_of("h100e", [by_month], difference=True) == (1e6, "difference, million H100e")
    assert axis_of("usd", [{"2026-02": spread(p90=3e9)}]) == (1e9, "bn USD")
    assert axis_of("ratio", [{"2026-02": spread(p90=3.0)}]) == (1.0, "times")
    assert axis_of("fraction", [by_month], difference=True) == (0.01, "difference, percentage points")
    assert axis_of("months", [{"2026-02": dict.fromkeys(spread())}]) == (1.0, "months")


def test_charts_carry_the_numbers(several):
    months = several["months"]
    sides = {name: side["by_month"]["h200_backlog"] for name, side in several["scenarios"].items()}
    found = several["comparisons"][0]
    two = {name: sides[name] for name in ("one-for-one", "no-imports")}
    drawn = side_by_side("Backlog", "units", months, two, found["by_month"]["h200_backlog"]).to_dict()
    text = json.dumps(drawn)
    assert str(found["by_month"]["h200_backlog"]["2026-05"]["p10"] / 1e3) in text
    assert '"difference, thousand units"' in text
    middle = json.dumps(medians("Backlog", "units", months, sides).to_dict())
    scale, _ = axis_of("units", list(sides.values()), high="p50")
    assert str(sides["no-imports"]["2026-05"]["p50"] / scale) in middle
    bars = json.dumps(
        how_often([("x", {"p_less": 0.25, "p_equal": 0.7, "p_more": 0.05})], "one", "base").to_dict()
    )
    assert '"low": 25.0, "high": 95.0' in bars and '"70 %"' in bars
