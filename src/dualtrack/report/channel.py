"""Charts of the channel itself: its gates, its stages, what holds it back, who is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dualtrack.report.headline import REASON_WORDS, STATE_WORDS, Document, marks, run_months
from dualtrack.report.marks import (
    HOW_TO_READ,
    Rows,
    data,
    fan,
    intervals,
    layered,
    lines,
    moment,
    spread_rows,
    stack,
    titled,
)
from dualtrack.report.numbers import short
from dualtrack.report.theme import (
    BLUE,
    DEEP,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SAND,
    SKY,
    TEAL,
    VERMILION,
    WIDTH,
    YELLOW,
)

if TYPE_CHECKING:
    import altair as alt

STAGES = (
    ("h200_licensed_cum", "Licensed"),
    ("h200_refused_cum", "Terms refused"),
    ("h200_cleared_cum", "Cleared"),
    ("h200_ordered_cum", "Ordered (firm)"),
    ("h200_shipped_cum", "Shipped"),
    ("h200_delivered_cum", "Delivered"),
    ("h200_powered_cum", "Switched on"),
)
STATE_COLOURS = {
    "barred": VERMILION,
    "narrow": YELLOW,
    "review": BLUE,
    "blocked": VERMILION,
    "rationed": YELLOW,
    "quota": SKY,
    "open": BLUE,
}
REASON_COLOURS = {
    "us_gate": DEEP,
    "china_gate": VERMILION,
    "licence": SKY,
    "share_limit": BLUE,
    "buyer_cap": TEAL,
    "tranche": YELLOW,
    "batch_quota": ORANGE,
    "ratio": GREEN,
    "budget": PURPLE,
    "stock": SAND,
    "none": GREY,
}
THOUSAND = 1e3


def any_delivery(document: Document) -> alt.LayerChart:
    """Probability that at least one unit has been delivered, by month."""
    found = document["probabilities"]["any_delivery_by"]
    rows: Rows = [
        {"when": moment(month), "value": 100 * share, "series": "any delivery by the month"}
        for month, share in found.items()
    ]
    import altair as alt

    chart = lines(rows, list(found), "probability, %", {"any delivery by the month": BLUE}).encode(
        y=alt.Y("value:Q", title="probability, %", scale=alt.Scale(domain=[0, 100])),
        color=alt.value(BLUE),
        strokeDash=alt.value([1, 0]),
    )
    return titled(
        chart, "Has anything been delivered?", "share of paths in which at least one unit has arrived", 200
    )


def delivered(document: Document) -> alt.LayerChart:
    """Units delivered since the start: a fan."""
    months = run_months(document)
    rows = spread_rows(document["outcomes"]["h200_delivered_cum"]["by_month"], THOUSAND)
    chart = fan(rows, months, "thousand units since the start")
    return titled(chart, "Units delivered, cumulative", HOW_TO_READ)


def stages(document: Document) -> alt.LayerChart:
    """Units by stage at the last month: licensed, cleared, ordered, shipped, delivered, switched on."""
    import altair as alt

    last = run_months(document)[-1]
    rows: Rows = []
    for name, label in STAGES:
        found = document["outcomes"][name]["by_month"][last]
        rows += spread_rows({last: found}, THOUSAND, stage=label)
    order = [label for _, label in STAGES]
    chart = intervals(rows, "stage", order, "thousand units since the start")
    texts = (
        alt.Chart(data([{**row, "text": f"median {short(row['p50'] * THOUSAND)}"} for row in rows]))
        .mark_text(align="left", dx=8, fontSize=12)
        .encode(y=alt.Y("stage:N", sort=order), x=alt.X("p90:Q"), text="text:N")
    )
    return titled(
        layered(chart, texts),
        f"From licence to switch, to {last}",
        "thin bar: 80 % of paths; thick bar: 50 %; tick: median; diamond: mean",
    )


def gates(document: Document) -> alt.VConcatChart:
    """Probability of each state of the two gates, month by month."""
    import altair as alt

    panels = []
    for name, title in (("us_gate", "US export gate"), ("china_gate", "China import gate")):
        by_month = document["probabilities"][name]
        states = list(next(iter(by_month.values())))
        chart = stack(by_month, {s: STATE_WORDS[s] for s in states}, STATE_COLOURS, "share of paths, %", 190)
        panels.append(
            chart.properties(title=alt.TitleParams(title, fontSize=14), width=WIDTH - 110, height=190)
        )
    # The two gates name different states, so each panel has its own scale of colours.
    apart = alt.vconcat(*panels, spacing=24).resolve_scale(color="independent")
    joined: alt.VConcatChart = apart.properties(
        title=alt.TitleParams(
            text="State of the two gates",
            subtitle="share of paths in each state; shut at the bottom, open at the top",
        )
    )
    return joined


def binding(document: Document) -> alt.LayerChart:
    """Which limit holds imports back: share of paths by reason and month."""
    chart = stack(
        document["probabilities"]["binding_limit"],
        {name: REASON_WORDS[name] for name in REASON_COLOURS},
        REASON_COLOURS,
        "share of paths, %",
        300,
    )
    subtitle = "share of paths in which it is the one nearest to the goods"
    return titled(chart, "Which limit binds", subtitle, height=300, width=WIDTH - 130)


def buyers(document: Document, buyer_names: Mapping[str, str] | None = None) -> alt.VConcatChart:
    """Units delivered to each buyer at a year, two years and three (or the run's end)."""
    import altair as alt

    names = buyer_names or {}
    months = run_months(document)
    chosen = [month for mark, month in marks(document) if mark in (12, 24, 36)] or [months[-1]]
    order = [names.get(buyer, buyer.replace("_", " ")) for buyer in document["by_buyer"]]
    most = max(
        found["h200_delivered_cum"][month]["p90"] or 0.0
        for found in document["by_buyer"].values()
        for month in chosen
    )
    panels = []
    for month in chosen:
        rows: Rows = []
        for buyer, found in document["by_buyer"].items():
            rows += spread_rows(
                {month: found["h200_delivered_cum"][month]},
                THOUSAND,
                buyer=names.get(buyer, buyer.replace("_", " ")),
            )
        x_title = "thousand units since the start"
        chart = intervals(rows, "buyer", order, x_title, colour=GREEN)
        end = (
            alt.Chart(data([{"end": most / THOUSAND}]))
            .mark_point(opacity=0)
            .encode(x=alt.X("end:Q", title=x_title))
        )
        panels.append(
            layered(chart, end).properties(
                title=alt.TitleParams(f"by {month}", fontSize=14), width=WIDTH - 130, height=28 * len(order)
            )
        )
    joined: alt.VConcatChart = alt.vconcat(*panels, spacing=12).properties(
        title=alt.TitleParams(
            text="Who gets what: units delivered by buyer",
            subtitle="thin bar: 80 % of paths; thick bar: 50 %; tick: median; diamond: mean",
        )
    )
    return joined
