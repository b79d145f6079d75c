import itertools
import json
import re

import pytest

from dualtrack.report.charts import CHARTS, make_chart, needed, render_png, render_svg, themed
from dualtrack.report.marks import spaced
from dualtrack.report.theme import page_svg
from dualtrack.results.summary import summarise
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.session import run, run_prepared
from dualtrack.simulate.run import prepare


def axis_titles(document):
    """Every axis title anywhere in a Vega-Lite document."""
    found = set()

    def walk(part):
        if isinstance(part, dict):
            encoding = part.get("encoding", {})
            for channel in ("x", "y"):
                place = encoding.get(channel) or {}
                title = place.get("title") or (place.get("axis") or {}).get("title")
                if title:
                    found.add(title)
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(document)
    return found


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_drawn_with_its_axes_named(name, truce):
    chart = make_chart(name, truce.document, truce.names["buyer_names"])
    svg = render_svg(chart)
    assert svg.startswith("<svg") and len(svg) > 3000
    titles = axis_titles(themed(chart))
    assert titles
    for title in titles:
        assert title in svg
    assert "NaN" not in svg


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("case", ["twin", "undefined"])
def test_charts_are_drawn_where_nothing_arrives_or_a_measure_is_undefined(name, case, request):
    part = request.getfixturevalue(case)
    document = themed(make_chart(name, part.document, {}))
    assert "NaN" not in json.dumps(document)
    if case == "undefined" or name in ("delivered", "revenue", "binding"):
        assert "NaN" not in render_svg(make_chart(name, part.document, {}))


def test_a_page_chart_takes_the_ink_of_its_page_and_says_what_it_shows(truce):
    svg = page_svg(make_chart("delivered", truce.document), 'More than "one" <unit>')
    assert "currentColor" in svg and "#010203" not in svg
    assert 'aria-label="More than &quot;one&quot; &lt;unit>"' in svg
    assert "viewBox" in svg


def test_a_png_has_its_title_and_size(truce):
    png = render_png(make_chart("gap_ratio", truce.document), scale=1.0)
    assert png.startswith(b"\x89PNG") and len(png) > 5000


def test_labels_of_a_stack_keep_their_order_and_distance():
    assert spaced([1.0, 1.5, 2.0], least=10.0, top=100.0) == [1.0, 11.0, 21.0]
    pushed = spaced([97.0, 98.0, 99.0], least=5.0, top=100.0)
    assert pushed == sorted(pushed) and pushed[-1] == 100.0
    assert all(after - before >= 5.0 for before, after in itertools.pairwise(pushed))


def test_shares_of_each_month_fill_the_stack(truce):
    document = themed(make_chart("binding", truce.document))
    rows = document["datasets"][document["layer"][0]["data"]["name"]]
    highs = [row["high"] for row in rows]
    assert max(highs) == pytest.approx(100.0, abs=0.5)


@pytest.mark.parametrize("name", CHARTS)
def test_a_run_that_holds_what_a_chart_needs_gives_the_chart_of_the_full_run(name, small):
    outcomes, buyers = needed([name])
    document = summarise(run_prepared(*small, outcomes=outcomes, buyers=buyers))
    whole = summarise(run_prepared(*small))
    assert set(document["outcomes"]) == set(outcomes)
    assert themed(make_chart(name, document)) == themed(make_chart(name, whole))


def test_charts_together_need_each_outcome_once():
    outcomes, buyers = needed(["delivered", "buyers", "domestic", "obligations"])
    owed = ["domestic_bought", "ratio_obligation", "ratio_shortfall"]
    assert outcomes == ["h200_delivered_cum", "domestic_packages", "huawei_packages", *owed]
    assert buyers == ["h200_delivered_cum"]
    assert needed(["gates"]) == ([], [])


@pytest.fixture(scope="module")
def small(book):
    scenario = load_scenario("h200-truce", book, changes=["china.ratio=1"], run={"paths": 40, "months": 11})
    return prepare(scenario, book), book


@pytest.fixture(scope="module")
def fewer_paths():
    return summarise(run("h200-truce", paths=40, months=14, changes=["china.ratio=1"]))


@pytest.mark.parametrize("name", CHARTS)
def test_two_runs_of_one_shape_share_their_form_and_keep_their_own_rows(name, truce, fewer_paths):
    first, second = (make_chart(name, document) for document in (truce.document, fewer_paths))
    before = json.dumps(first.to_dict())
    assert first.form is second.form
    assert first.rows != second.rows
    assert second.to_dict()["datasets"] == second.rows
    assert json.dumps(make_chart(name, truce.document).to_dict()) == before


@pytest.mark.parametrize("theme", ["light", "page"])
def test_a_theme_leaves_the_form_as_it_is(truce, theme):
    chart = make_chart("gates", truce.document)
    before = json.dumps(chart.form)
    themed(chart, theme, title=False)
    render_png(chart, scale=0.5)
    assert json.dumps(chart.form) == before


def test_another_shape_has_another_form(truce, small):
    names = {buyer: f"The {buyer}" for buyer in truce.document["by_buyer"]}
    assert make_chart("buyers", truce.document, names).form != make_chart("buyers", truce.document).form
    shorter = summarise(run_prepared(*small))
    for name in CHARTS:
        assert make_chart(name, shorter).form != make_chart(name, truce.document).form


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_follows_the_schema_and_asks_for_no_rows_but_its_own(name, truce):
    chart = make_chart(name, truce.document)
    document = chart.to_dict(validate=True)
    asked = set(re.findall(r'"data": {"name": "([^"]*)"}', json.dumps(chart.form)))
    assert asked == set(document["datasets"])
