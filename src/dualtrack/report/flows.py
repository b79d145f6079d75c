"""Charts of what follows from the channel: money, the compute gap, domestic makers, the cost of a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dualtrack.report.form import Chart, form
from dualtrack.report.ghost import behind, fan_ghost, note, shared, upright_ghost, within
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
from dualtrack.report.single import fan_chart, line_chart, outcome_rows, series_rows
from dualtrack.report.theme import BLUE, GREEN, ORANGE, PURPLE, VERMILION, WIDTH

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


def revenue(document: Document, ghost: Document | None = None) -> Chart:
    """Nvidia's revenue from AI chips for China by fiscal quarter."""
    by_quarter = document["outcomes"]["nvidia_china_ai_revenue"]["by_quarter"]
    labels = {
        quarter: quarter + (f" ({found['months']} of 3 months)" if found["partial"] else "")
        for quarter, found in by_quarter.items()
    }
    rows = spread_rows({labels[quarter]: found for quarter, found in by_quarter.items()}, BILLION)
    other = ghost["outcomes"]["nvidia_china_ai_revenue"]["by_quarter"] if ghost else {}
    # Sums of unlike numbers of months are not held against each other.
    alike = {
        labels[quarter]: found
        for quarter, found in shared(by_quarter, other).items()
        if found["months"] == by_quarter[quarter]["months"]
    }
    quiet = behind({"ghost": spread_rows(alike, BILLION)}, "grey")
    return Chart(_revenue(tuple(labels.values()), bool(quiet)), {"revenue": rows, **quiet})


@form
def _revenue(quarters: tuple[str, ...], ghost: bool) -> alt.LayerChart:
    import altair as alt

    title = "bn USD per fiscal quarter"
    x = alt.X(
        "period:N",
        sort=list(quarters),
        title="fiscal quarter of Nvidia",
        axis=alt.Axis(labelAngle=-45, labelLimit=200),
    )
    base = alt.Chart(data("revenue")).encode(x=x)
    beside = min(17.0, WIDTH / len(quarters) / 2)
    chart = layered(
        *(upright_ghost("ghost", x, title, beside) if ghost else []),
        base.mark_bar(size=7, color=ORANGE, opacity=0.3).encode(y=alt.Y("p05:Q", title=title), y2="p95:Q"),
        base.mark_bar(size=15, color=ORANGE, opacity=0.55).encode(y=alt.Y("p10:Q", title=title), y2="p90:Q"),
        base.mark_tick(size=24, thickness=3).encode(y=alt.Y("p50:Q", title=title)),
        base.mark_point(shape="diamond", filled=True, size=60, opacity=1).encode(
            y=alt.Y("mean:Q", title=title)
        ),
        *([note()] if ghost else []),
    )
    return titled(
        chart,
        "Nvidia's revenue from AI chips for China",
        "thin bar: 90 % of paths; thick bar: 80 %; tick: median; diamond: mean",
    )


def gap_ratio(document: Document, ghost: Document | None = None) -> Chart:
    """Compute of the five US hyperscalers over compute in China."""
    rows, quiet = (outcome_rows(found, "compute_gap_ratio") for found in (document, ghost))
    title = "Compute gap: five US hyperscalers over China"
    return fan_chart(rows, run_months(document), "US / China, times", PURPLE, title, quiet)


def gap_months(document: Document, ghost: Document | None = None) -> Chart:
    """How many months ago the five US hyperscalers stood where China stands."""
    rows, quiet = (outcome_rows(found, "compute_gap_months") for found in (document, ghost))
    return fan_chart(rows, run_months(document), "months behind", PURPLE, "Compute gap in months", quiet)


def domestic(document: Document, ghost: Document | None = None) -> Chart:
    """Domestic accelerators made in a month, by all makers and by Ascend."""
    months = run_months(document)
    rows: dict[str, Rows] = {}
    other: dict[str, Rows] = {}
    for name, label, _, _ in MAKERS:
        rows[name] = outcome_rows(document, name, THOUSAND)
        rows[f"{name} end"] = end_rows(rows[name], label)
        other[f"{name} ghost"] = within(outcome_rows(ghost, name, THOUSAND), months)
    quiet = behind(other, "dashed grey")
    return Chart(_domestic(tuple(months), bool(quiet)), {**rows, **quiet})


@form
def _domestic(months: tuple[str, ...], ghost: bool) -> alt.LayerChart:
    title = "thousand a month"
    layers: list[Any] = []
    for name, *_ in MAKERS:
        layers += fan_ghost(f"{name} ghost", months, title) if ghost else []
    for name, _, colour, dash in MAKERS:
        layers += [fan(name, months, title, colour, dash=dash), end_label(f"{name} end")]
    layers += [note()] if ghost else []
    return titled(layered(*layers), "Domestic accelerators made per month", HOW_TO_READ)


def obligations(document: Document, ghost: Document | None = None) -> Chart:
    """Domestic chips owed in a month under the ratio, what cannot be had, and what makers make: means."""

    def rows(found: Document) -> Rows:
        return [
            row
            for label, (name, _) in OWED.items()
            for row in series_rows(found["outcomes"][name]["by_month"], "mean", THOUSAND, label)
        ]

    return line_chart(
        rows(document),
        run_months(document),
        "thousand a month",
        {label: colour for label, (_, colour) in OWED.items()},
        "Domestic chips owed, missing, made",
        "means over all paths: in most paths and months nothing is owed",
        ghost=rows(ghost) if ghost else [],
    )


def owed_share(document: Document, ghost: Document | None = None) -> Chart:
    """Share of paths in which anything is owed, cannot be had, or is in arrears."""
    colours = {"anything owed": ORANGE, "owed and not to be had": VERMILION, "a buyer in arrears": PURPLE}

    def rows(found: Document) -> Rows:
        owed, missing = (
            {month: 1 - held["p_zero"] for month, held in found["outcomes"][name]["by_month"].items()}
            for name in ("ratio_obligation", "ratio_shortfall")
        )
        shares = zip(colours, (owed, missing, found["probabilities"]["ratio_in_arrears"]), strict=True)
        return [
            {"when": moment(month), "value": 100 * share, "series": label}
            for label, by_month in shares
            for month, share in by_month.items()
        ]

    title, subtitle = "How often the ratio asks for anything", "share of paths, month by month"
    quiet = rows(ghost) if ghost else []
    months, y_title = run_months(document), "share of paths, %"
    return line_chart(rows(document), months, y_title, colours, title, subtitle, height=200, ghost=quiet)


def _stop(
    document: Document, ghost: Document | None, name: str, scale: float, y_title: str, title: str
) -> Chart:
    colours = {"90th percentile": VERMILION, "mean": BLUE, "median": GREEN}
    fields = {"90th percentile": "p90", "mean": "mean", "median": "p50"}

    def rows(found: Document) -> Rows:
        by_month = found["outcomes"][name]["by_month"]
        return [row for label, field in fields.items() for row in series_rows(by_month, field, scale, label)]

    subtitle = "if the United States revoked in the month after the one shown"
    quiet = rows(ghost) if ghost else []
    return line_chart(rows(document), run_months(document), y_title, colours, title, subtitle, ghost=quiet)


def stop_usd(document: Document, ghost: Document | None = None) -> Chart:
    """What the vendor would lose if the United States revoked next month."""
    title = "Cost of a sudden stop to the vendor"
    return _stop(document, ghost, "stop_exposure_usd", BILLION, "bn USD", title)


def stop_units(document: Document, ghost: Document | None = None) -> Chart:
    """Units that would fall away or be stranded if the United States revoked next month."""
    title = "Units lost to a sudden stop"
    return _stop(document, ghost, "stop_exposure_units", THOUSAND, "thousand units", title)
