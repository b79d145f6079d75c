"""Charts of the channel itself: its gates, its stages, what holds it back, who is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dualtrack.report.form import Chart, form
from dualtrack.report.headline import REASON_WORDS, STATE_WORDS, Document, marks, run_months
from dualtrack.report.marks import (
    Rows,
    data,
    intervals,
    layered,
    moment,
    month_axis,
    spread_rows,
    stack,
    stack_rows,
    titled,
)
from dualtrack.report.numbers import short
from dualtrack.report.single import fan_chart
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
GATES = {"us_gate": "US export gate", "china_gate": "China import gate"}
REASON_LABELS = {name: REASON_WORDS[name] for name in REASON_COLOURS}
GATE_HEIGHT = 190
BINDING_HEIGHT = 300
THOUSAND = 1e3
SINCE_START = "thousand units since the start"
HOW_TO_READ_INTERVALS = "thin bar: 80 % of paths; thick bar: 50 %; tick: median; diamond: mean"


def any_delivery(document: Document) -> Chart:
    """Probability that at least one unit has been delivered, by month."""
    found = document["probabilities"]["any_delivery_by"]
    rows: Rows = [{"when": moment(month), "value": 100 * share} for month, share in found.items()]
    return Chart(_any_delivery(tuple(found)), {"chance": rows})


@form
def _any_delivery(months: tuple[str, ...]) -> alt.LayerChart:
    import altair as alt

    line = (
        alt.Chart(data("chance"))
        .mark_line(strokeWidth=2.5, color=BLUE)
        .encode(
            x=month_axis(months),
            y=alt.Y("value:Q", title="probability, %", scale=alt.Scale(domain=[0, 100])),
        )
    )
    subtitle = "share of paths in which at least one unit has arrived"
    return titled(line, "Has anything been delivered?", subtitle, 200)


def delivered(document: Document) -> Chart:
    """Units delivered since the start: a fan."""
    rows = spread_rows(document["outcomes"]["h200_delivered_cum"]["by_month"], THOUSAND)
    return fan_chart(rows, run_months(document), SINCE_START, BLUE, "Units delivered, cumulative")


def stages(document: Document) -> Chart:
    """Units by stage at the last month: licensed, cleared, ordered, shipped, delivered, switched on."""
    last = run_months(document)[-1]
    rows: Rows = []
    for name, label in STAGES:
        rows += spread_rows({last: document["outcomes"][name]["by_month"][last]}, THOUSAND, stage=label)
    for row in rows:
        row["text"] = f"median {short(row['p50'] * THOUSAND)}"
    return Chart(_stages(last), {"stages": rows})


@form
def _stages(last: str) -> alt.LayerChart:
    import altair as alt

    order = [label for _, label in STAGES]
    texts = (
        alt.Chart(data("stages"))
        .mark_text(align="left", dx=8, fontSize=12)
        .encode(y=alt.Y("stage:N", sort=order), x=alt.X("p90:Q"), text="text:N")
    )
    chart = layered(intervals("stages", "stage", order, SINCE_START), texts)
    return titled(chart, f"From licence to switch, to {last}", HOW_TO_READ_INTERVALS)


def gates(document: Document) -> Chart:
    """Probability of each state of the two gates, month by month."""
    rows: dict[str, Rows] = {}
    for name in GATES:
        rows[name], rows[f"{name} labels"] = stack_rows(
            document["probabilities"][name], STATE_WORDS, GATE_HEIGHT
        )
    return Chart(_gates(tuple(run_months(document))), rows)


@form
def _gates(months: tuple[str, ...]) -> alt.VConcatChart:
    import altair as alt

    colours = {STATE_WORDS[name]: colour for name, colour in STATE_COLOURS.items()}
    panels = [
        stack(name, f"{name} labels", months, colours, "share of paths, %").properties(
            title=alt.TitleParams(title, fontSize=14), width=WIDTH - 110, height=GATE_HEIGHT
        )
        for name, title in GATES.items()
    ]
    joined: alt.VConcatChart = alt.vconcat(*panels, spacing=24).properties(
        title=alt.TitleParams(
            text="State of the two gates",
            subtitle="share of paths in each state; shut at the bottom, open at the top",
        )
    )
    return joined


def binding(document: Document) -> Chart:
    """Which limit holds imports back: share of paths by reason and month."""
    found = document["probabilities"]["binding_limit"]
    rows, beside = stack_rows(found, REASON_LABELS, BINDING_HEIGHT)
    return Chart(_binding(tuple(found)), {"reasons": rows, "labels": beside})


@form
def _binding(months: tuple[str, ...]) -> alt.LayerChart:
    colours = {REASON_LABELS[name]: colour for name, colour in REASON_COLOURS.items()}
    chart = stack("reasons", "labels", months, colours, "share of paths, %")
    subtitle = "share of paths in which it is the one nearest to the goods"
    return titled(chart, "Which limit binds", subtitle, height=BINDING_HEIGHT, width=WIDTH - 130)


def buyers(document: Document, buyer_names: Mapping[str, str] | None = None) -> Chart:
    """Units delivered to each buyer at a year, two years and three (or the run's end)."""
    names = {buyer: (buyer_names or {}).get(buyer, buyer.replace("_", " ")) for buyer in document["by_buyer"]}
    chosen = [month for mark, month in marks(document) if mark in (12, 24, 36)]
    chosen = chosen or run_months(document)[-1:]
    rows: dict[str, Rows] = {}
    for month in chosen:
        rows[month] = []
        for buyer, found in document["by_buyer"].items():
            rows[month] += spread_rows(
                {month: found["h200_delivered_cum"][month]}, THOUSAND, buyer=names[buyer]
            )
    most = max((row["p90"] for shown in rows.values() for row in shown), default=0.0)
    return Chart(_buyers(tuple(chosen), tuple(names.values())), {**rows, "end": [{"end": most}]})


@form
def _buyers(months: tuple[str, ...], names: tuple[str, ...]) -> alt.VConcatChart:
    import altair as alt

    # The panels have axes of their own, and the same end.
    end = alt.Chart(data("end")).mark_point(opacity=0).encode(x=alt.X("end:Q", title=SINCE_START))
    panels = [
        layered(intervals(month, "buyer", names, SINCE_START, colour=GREEN), end).properties(
            title=alt.TitleParams(f"by {month}", fontSize=14), width=WIDTH - 130, height=28 * len(names)
        )
        for month in months
    ]
    joined: alt.VConcatChart = alt.vconcat(*panels, spacing=12).properties(
        title=alt.TitleParams(text="Who gets what: units delivered by buyer", subtitle=HOW_TO_READ_INTERVALS)
    )
    return joined
