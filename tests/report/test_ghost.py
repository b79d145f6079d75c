"""Another run behind a chart: its own numbers, in the months that both have, and said to be another's."""

import copy
import json

import pytest

from dualtrack.report.charts import CHARTS, make_chart, render_svg, themed
from dualtrack.report.ghost import NOTE, WITHOUT
from dualtrack.report.headline import run_months
from dualtrack.report.marks import moment
from dualtrack.results.summary import summarise
from dualtrack.session import run

FANS = {
    "delivered": ("h200_delivered_cum", 1e3),
    "gap_ratio": ("compute_gap_ratio", 1.0),
    "gap_months": ("compute_gap_months", 1.0),
}


def made(months):
    """The truce of the other tests, revoked after half a year."""
    changes = ["china.ratio=1", "us.revocation=2026-08"]
    return summarise(run("h200-truce", paths=64, months=months, changes=changes))


@pytest.fixture(scope="module")
def revoked():
    """Four months shorter than the truce."""
    return made(10)


@pytest.fixture(scope="module")
def as_long():
    return made(14)


def relabelled(part, years):
    """A document moved by whole years, its words and numbers as they were."""
    if isinstance(part, dict):
        return {moved(name, years): relabelled(value, years) for name, value in part.items()}
    return part


def moved(name, years):
    return f"{int(name[:4]) + years}{name[4:]}" if name[:4].isdigit() else name


def ghost_rows(chart, own):
    """Rows of the chart that come with its ghost, by name."""
    return {name: rows for name, rows in chart.rows.items() if name not in own.rows and name != NOTE}


@pytest.mark.parametrize("name", CHARTS)
def test_a_ghost_comes_with_its_rows_and_its_label_and_leaves_the_runs_own_as_they_are(name, truce, as_long):
    names = truce.names["buyer_names"]
    own = make_chart(name, truce.document, names)
    chart = make_chart(name, truce.document, names, as_long)
    document = chart.to_dict(validate=True)
    assert WITHOUT in document["datasets"][NOTE][0]["text"]
    assert any(ghost_rows(chart, own).values())
    for rows in own.rows:
        # The last ends the axis of both runs.
        assert chart.rows[rows] == own.rows[rows] or rows == "end"
    for ground in ("light", "dark", "page"):
        svg = render_svg(chart, ground, title=False)
        assert WITHOUT in svg and "NaN" not in svg
    assert WITHOUT not in json.dumps(themed(own))


@pytest.mark.parametrize("name", FANS)
def test_the_ghost_of_a_fan_has_the_other_runs_numbers_in_the_months_of_both(name, truce, revoked):
    outcome, scale = FANS[name]
    found = revoked["outcomes"][outcome]["by_month"]
    for document, ghost in ((truce.document, revoked), (revoked, truce.document)):
        rows = make_chart(name, document, ghost=ghost).rows["ghost"]
        assert [row["when"] for row in rows] == [moment(month) for month in run_months(revoked)]
    shown = make_chart(name, truce.document, ghost=revoked).rows["ghost"]
    assert [row["p50"] for row in shown] == [found[month]["p50"] / scale for month in run_months(revoked)]


def test_a_quarter_of_which_the_other_run_holds_fewer_months_is_not_shown(truce, revoked):
    found = truce.document["outcomes"]["nvidia_china_ai_revenue"]["by_quarter"]
    other = revoked["outcomes"]["nvidia_china_ai_revenue"]["by_quarter"]
    alike = [name for name in other if other[name]["months"] == found[name]["months"]]
    assert 0 < len(alike) < len(other)
    rows = make_chart("revenue", truce.document, ghost=revoked).rows["ghost"]
    assert [row["period"] for row in rows] == alike


def test_the_ghost_of_a_stack_is_where_the_other_runs_states_meet(truce, revoked):
    rows = make_chart("gates", truce.document, ghost=revoked).rows["us_gate ghost"]
    shares = revoked["probabilities"]["us_gate"]
    barred = {row["when"]: row["at"] for row in rows if row["state"].startswith("barred")}
    assert barred == {moment(month): pytest.approx(100 * found["barred"]) for month, found in shares.items()}
    assert not [row for row in rows if row["state"].startswith("review")]


def test_the_ghosts_of_buyers_stand_in_the_panels_of_their_month_and_end_the_axis(truce, revoked):
    # The truce is shown at its twelfth month, which the shorter run has not.
    assert NOTE not in make_chart("buyers", truce.document, ghost=revoked).rows
    last = run_months(revoked)[-1]
    more = copy.deepcopy(truce.document)
    more["by_buyer"]["tencent"]["h200_delivered_cum"][last]["p90"] = 9e6
    chart = make_chart("buyers", revoked, ghost=more)
    assert {row["buyer"] for row in chart.rows[f"{last} ghost"]} == {row["buyer"] for row in chart.rows[last]}
    assert chart.rows["end"] == [{"end": 9e3}]


@pytest.mark.parametrize("name", CHARTS)
def test_a_run_of_other_months_leaves_the_chart_as_it_is(name, truce):
    other = relabelled(truce.document, 10)
    if name == "revenue":
        quarters = other["outcomes"]["nvidia_china_ai_revenue"]
        quarters["by_quarter"] = {f"FY20{n}Q1": q for n, q in enumerate(quarters["by_quarter"].values(), 50)}
    assert themed(make_chart(name, truce.document, ghost=other)) == themed(make_chart(name, truce.document))


def test_an_undefined_ghost_is_not_drawn(truce, undefined):
    assert NOTE not in make_chart("gap_months", truce.document, ghost=undefined.document).rows
    svg = render_svg(make_chart("gap_months", undefined.document, ghost=truce.document))
    assert WITHOUT in svg and "NaN" not in svg
