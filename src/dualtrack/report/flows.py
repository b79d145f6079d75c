"""Charts of what follows from the channel: money, the compute gap, domestic makers, the cost of a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dualtrack.report.form import Chart, form
from dualtrack.report.headline import Document, run_months
from dualtrack.report.marks import (
    HOW_TO_READ,
    Rows,
    data,
    end_label,
    end_rows,
    fan,
    layered,
    moment,
    spread_rows,
    titled,
)
from dualtrack.report.single import fan_chart, line_chart
from dualtrack.report.theme import BLUE, GREEN, ORANGE, PURPLE, VERMILION

if TYPE_CHECKING:
    import altair as alt

THOUSAND = 1e3
BILLION = 1e9
MAKERS = (
    ("domestic_packages", "all makers", GREEN, 0),
    ("huawei_packages", "Ascend", ORANGE, 1),
)
OWED = {
    "made by domestic makers (mean)": ("domestic_packages", GREEN),
    "delivered to buyers (mean)": ("domestic_bought", BLUE),
    "owed for imports (mean)": ("ratio_obligation", ORANGE),
    "owed and not to be had (mean)": ("ratio_shortfall", VERMILION),
}


def revenue(document: Document) -> Chart:
    """Nvidia's revenue from AI chips for China by fiscal quarter."""
    labels = {
        quarter: quarter + (f" ({found['months']} of 3 months)" if found["partial"] else "")
        for quarter, found in document["outcomes"]["nvidia_china_ai_revenue"]["by_quarter"].items()
    }
    by_quarter = document["outcomes"]["nvidia_china_ai_revenue"]["by_quarter"]
    rows = spread_rows({labels[quarter]: found for quarter, found in by_quarter.items()}, BILLION)
    return Chart(_revenue(tuple(labels.values())), {"revenue": rows})


@form
def _revenue(quarters: tuple[str, ...]) -> alt.LayerChart:
    import altair as alt

    title = "bn USD per fiscal quarter"
    base = alt.Chart(data("revenue")).encode(
        x=alt.X(
            "period:N",
            sort=list(quarters),
            title="fiscal quarter of Nvidia",
            axis=alt.Axis(labelAngle=-45, labelLimit=200),
        )
    )
    chart = layered(
        base.mark_bar(size=7, color=ORANGE, opacity=0.3).encode(y=alt.Y("p05:Q", title=title), y2="p95:Q"),
        base.mark_bar(size=15, color=ORANGE, opacity=0.55).encode(y=alt.Y("p10:Q", title=title), y2="p90:Q"),
        base.mark_tick(size=24, thickness=3).encode(y=alt.Y("p50:Q", title=title)),
        base.mark_point(shape="diamond", filled=True, size=60, opacity=1).encode(
            y=alt.Y("mean:Q", title=title)
        ),
    )
    return titled(
        chart,
        "Nvidia's revenue from AI chips for China",
        "thin bar: 90 % of paths; thick bar: 80 %; tick: median; diamond: mean",
    )


def gap_ratio(document: Document) -> Chart:
    """Compute of the five US hyperscalers over compute in China."""
    rows = spread_rows(document["outcomes"]["compute_gap_ratio"]["by_month"])
    title = "Compute gap: five US hyperscalers over China"
    return fan_chart(rows, run_months(document), "US / China, times", PURPLE, title)


def gap_months(document: Document) -> Chart:
    """How many months ago the five US hyperscalers stood where China stands."""
    rows = spread_rows(document["outcomes"]["compute_gap_months"]["by_month"])
    return fan_chart(rows, run_months(document), "months behind", PURPLE, "Compute gap in months")


def domestic(document: Document) -> Chart:
    """Domestic accelerators made in a month, by all makers and by Ascend."""
    rows: dict[str, Rows] = {}
    for name, label, _, _ in MAKERS:
        rows[name] = spread_rows(document["outcomes"][name]["by_month"], THOUSAND)
        rows[f"{name} end"] = end_rows(rows[name], label)
    return Chart(_domestic(tuple(run_months(document))), rows)


@form
def _domestic(months: tuple[str, ...]) -> alt.LayerChart:
    layers: list[Any] = []
    for name, _, colour, dash in MAKERS:
        layers += [fan(name, months, "thousand a month", colour, dash=dash), end_label(f"{name} end")]
    return titled(layered(*layers), "Domestic accelerators made per month", HOW_TO_READ)


def obligations(document: Document) -> Chart:
    """Domestic chips owed in a month under the ratio, what cannot be had, and what makers make: means."""
    rows: Rows = [
        {"when": moment(month), "value": found["mean"] / THOUSAND, "series": label}
        for label, (name, _) in OWED.items()
        for month, found in document["outcomes"][name]["by_month"].items()
        if found["mean"] is not None
    ]
    return line_chart(
        rows,
        run_months(document),
        "thousand a month",
        {label: colour for label, (_, colour) in OWED.items()},
        "Domestic chips owed, missing, made",
        "means over all paths: in most paths and months nothing is owed",
    )


def owed_share(document: Document) -> Chart:
    """Share of paths in which anything is owed, cannot be had, or is in arrears."""
    outcomes = document["outcomes"]
    months = run_months(document)
    colours = {"anything owed": ORANGE, "owed and not to be had": VERMILION, "a buyer in arrears": PURPLE}
    rows: Rows = []
    for month in months:
        shares = {
            "anything owed": 1 - outcomes["ratio_obligation"]["by_month"][month]["p_zero"],
            "owed and not to be had": 1 - outcomes["ratio_shortfall"]["by_month"][month]["p_zero"],
            "a buyer in arrears": document["probabilities"]["ratio_in_arrears"][month],
        }
        rows += [
            {"when": moment(month), "value": 100 * share, "series": name} for name, share in shares.items()
        ]
    title, subtitle = "How often the ratio asks for anything", "share of paths, month by month"
    return line_chart(rows, months, "share of paths, %", colours, title, subtitle, height=200)


def _stop(document: Document, name: str, scale: float, y_title: str, title: str) -> Chart:
    colours = {"90th percentile": VERMILION, "mean": BLUE, "median": GREEN}
    fields = {"90th percentile": "p90", "mean": "mean", "median": "p50"}
    rows: Rows = [
        {"when": moment(month), "value": found[field] / scale, "series": label}
        for label, field in fields.items()
        for month, found in document["outcomes"][name]["by_month"].items()
        if found[field] is not None
    ]
    subtitle = "if the United States revoked in the month after the one shown"
    return line_chart(rows, run_months(document), y_title, colours, title, subtitle)


def stop_usd(document: Document) -> Chart:
    """What the vendor would lose if the United States revoked next month."""
    return _stop(document, "stop_exposure_usd", BILLION, "bn USD", "Cost of a sudden stop to the vendor")


def stop_units(document: Document) -> Chart:
    """Units that would fall away or be stranded if the United States revoked next month."""
    return _stop(document, "stop_exposure_units", THOUSAND, "thousand units", "Units lost to a sudden stop")
