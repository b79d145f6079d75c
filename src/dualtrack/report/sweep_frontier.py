"""The frontier of the ratio on a page: what domestic makers gain, what imports lose, and where it stops to help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dualtrack.report import sweep_charts as charts
from dualtrack.report.numbers import percent, quantity
from dualtrack.report.sections import Section
from dualtrack.report.study_page import Figure

Document = Mapping[str, Any]

MOST_ROWS = 25


def frontier_items(document: Document) -> list[Section | Figure]:
    """Text, table and charts of the frontier."""
    frontier = document["frontier"]
    domestic = frontier["domestic"]["label"]
    dots = "Each dot is a point of the grid, its number the ratio; values are means over paths."
    return [
        Section(
            "The frontier of the ratio", (_ends(frontier), _peak(frontier), _stop(frontier), _mean(frontier))
        ),
        _table(frontier),
        Figure(
            "frontier-imports",
            f"Imports against domestic makers' volume: {domestic}",
            _ends(frontier),
            f"{dots} A stricter ratio moves along the line to the right and down.",
            charts.exchange(frontier, "imports"),
        ),
        Figure(
            "frontier-compute",
            f"Compute in China against domestic makers' volume: {domestic}",
            _peak(frontier),
            f"{dots} Where the line falls, the imports kept out weigh more than the domestic chips gained.",
            charts.exchange(frontier, "compute"),
        ),
        Figure(
            "frontier-supply",
            "What holds the ratio",
            _stop(frontier),
            "Shares of path-months in which domestic chips are owed, and in which owed chips cannot be had; and, of the paths that lose "
            f"imports in {frontier['year']}, those in which no stricter ratio of the grid raises that year's domestic deliveries.",
            charts.holding(frontier),
        ),
    ]


def _change(one: Document, unit: str) -> str:
    """A mean with its 95 % interval."""

    def said(value: float | None) -> str:
        return quantity(value, unit, with_unit=False)

    return f"{said(one['mean'])} ({said(one['low'])} to {said(one['high'])})"


def _plus_minus(one: Document, unit: str) -> str:
    """A mean with half the width of its interval, for a table."""
    mean = quantity(one["mean"], unit, with_unit=False)
    if one["low"] is None:
        return mean
    half = (one["high"] - one["low"]) / 2
    return f"{mean} ± {quantity(half, unit, with_unit=False)}"


def _ends(frontier: Document) -> str:
    first, last = frontier["points"][0], frontier["points"][-1]

    def moved(name: str) -> str:
        unit = frontier[name]["unit"]
        return f"from {quantity(first[name]['mean'], unit, digits=3)} to {quantity(last[name]['mean'], unit, digits=3)}"

    return (
        f"From a ratio of {first['ratio']:g} to {last['ratio']:g} mean imports go {moved('imports')}, domestic chips delivered "
        f"{moved('domestic')}, and compute in China {moved('compute')}."
    )


def _peak(frontier: Document) -> str:
    peak = frontier["compute_peak"]
    span = "" if peak["low"] == peak["high"] else f"; {peak['low']:g} to {peak['high']:g} in 80 %"
    said = (
        f"Mean compute in China is highest at a ratio of {peak['ratio']:g} (in {percent(peak['share'])} of resamples of the paths{span}): "
        f"{_change(peak['gain'], 'h100e')} H100e above the loosest point."
    )
    if peak["at_end"]:
        return f"{said} That is the end of the grid, so a stricter ratio may add more."
    share = next(point for point in frontier["points"] if point["ratio"] == peak["ratio"])["months_missing"]
    return (
        f"{said} Beyond it the imports kept out weigh more than the domestic chips gained: {_change(peak['loss_to_end'], 'h100e')} H100e "
        f"from there to the end. Owed chips cannot be had there in {percent(share)} of all path-months."
    )


def _stop(frontier: Document) -> str:
    stop, year = frontier["supply_stop"], frontier["year"]
    if not stop["p_bitten"]:
        return f"In no path does the ratio keep anything out in {year}."
    first = frontier["points"][0]["ratio"]
    bitten = f"In {percent(stop['p_bitten'])} of paths a stricter ratio keeps imports out in {year}, when buying more cannot yet raise what is made."
    rising = f"In {percent(stop['p_rising'])} they still rise at the end of the grid."
    start = stop["by_ratio"][0]
    used_up = (
        f"In {percent(start)} of these domestic supply is used up from the loosest point on: no stricter ratio gets makers to deliver one "
        "chip more in that year, and all it does is keep imports out."
    )
    if stop["ratio"] == first:
        return f"{bitten} {used_up} {rising}"
    if stop["ratio"] is None:
        return f"{bitten} In most of these makers' deliveries of that year still rise at the end of the grid. {used_up}"
    return (
        f"{bitten} In the median path of these, domestic supply stops the ratio from {stop['ratio']:g} on: makers deliver no more in that "
        f"year, and imports still fall. {used_up} {rising}"
    )


def _mean(frontier: Document) -> str:
    stop, year = frontier["mean_stop"], frontier["year"]
    if stop is not None:
        return (
            f"On the mean over all paths, domestic deliveries of {year} stop rising at a ratio of {stop['ratio']:g}; beyond it a stricter ratio "
            f"helps no domestic maker in that year, and imports of the year go down by {_change(stop['imports_to_end'], 'units').replace('−', '')} units."
        )
    step = frontier["points"][-1]["step"]["domestic_same_year"]
    rise = step["mean"] / max(frontier["points"][-2]["domestic_by_year"][year]["mean"], 1.0)
    before = frontier["points"][-2]["ratio"]
    if step["low"] is not None and step["low"] > 0.0:
        return (
            f"On the mean over all paths, domestic deliveries of {year} still rise at the end of the grid, by {_change(step, 'units')} units or {percent(rise)} from a ratio "
            f"of {before:g} on: the paths in which makers have chips left keep the mean from stopping."
        )
    return f"On the mean over all paths, no point of the grid marks a stop: beyond it either deliveries of {year} rise or imports do not fall."


def _table(frontier: Document) -> Section:
    rows = []
    points = frontier["points"]
    for point in points[:: max(1, -(-len(points) // MOST_ROWS))]:
        step = point["step"]
        rows.append(
            (
                f"{point['ratio']:g}",
                quantity(point["imports"]["mean"], "units", digits=3, with_unit=False),
                quantity(point["compute"]["mean"], "h100e", digits=4, with_unit=False),
                quantity(point["domestic"]["mean"], "units", digits=4, with_unit=False),
                percent(point["months_missing"]),
                "" if step is None else _plus_minus(step["imports"], "units"),
                "" if step is None else _plus_minus(step["domestic_same_year"], "units"),
            )
        )
    header = (
        "ratio",
        "imports",
        "compute",
        "domestic",
        "missing",
        "imports, step",
        f"{frontier['year']}, step",
    )
    text = (
        "Means over paths. Missing: share of path-months in which owed chips cannot be had. A step is the paired difference to the "
        f"point before, the width after ± that of its 95 % interval: of imports, and of domestic deliveries in {frontier['year']}.",
    )
    return Section(
        "The frontier, point by point",
        text,
        header,
        tuple(rows),
        numeric=tuple(range(7)),
        whole=tuple(range(7)),
    )


def frontier_rows(frontier: Document) -> list[dict[str, Any]]:
    """One row for each point of the frontier."""
    rows = []
    by_ratio = frontier["supply_stop"]["by_ratio"] or [None] * len(frontier["points"])
    for point, stopped in zip(frontier["points"], by_ratio, strict=True):
        row: dict[str, Any] = {"ratio": point["ratio"]}
        for name in ("imports", "compute", "domestic"):
            row |= {f"{name}_{stat}": point[name][stat] for stat in ("mean", "p10", "p50", "p90")}
        row |= {f"domestic_{year}_mean": found["mean"] for year, found in point["domestic_by_year"].items()}
        row |= {
            "months_owed": point["months_owed"],
            "months_missing": point["months_missing"],
            "paths_stopped": stopped,
        }
        for name in ("imports", "imports_same_year", "compute", "domestic", "domestic_same_year"):
            step = point["step"] and point["step"][name]
            row |= {f"step_{name}_{end}": step and step[end] for end in ("mean", "low", "high")}
        rows.append(row)
    return rows
