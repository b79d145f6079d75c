"""The page of a sweep, from its document: what moves, by how much, and what is weak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dualtrack.report import sweep_charts as charts
from dualtrack.report.numbers import interval, percent, quantity, unit_words
from dualtrack.report.sections import Section
from dualtrack.report.study_page import Figure, StudyPart
from dualtrack.report.sweep_frontier import frontier_items, frontier_rows
from dualtrack.report.sweep_game import game_items, reply_rows

Document = Mapping[str, Any]

MOST_ROWS = 25
NOISE = 2.0  # standard errors


def sweep_part(document: Document) -> StudyPart:
    """Answer, tables and charts of a sweep."""
    two = len(document["keys"]) == 2
    items: list[Section | Figure] = [_answer(document)]
    tables = {"sweep": tidy(document)}
    if document["frontier"]:
        items += frontier_items(document)
        tables["frontier"] = frontier_rows(document["frontier"])
    if document["game"]:
        items += game_items(document)
        tables["best_replies"] = reply_rows(document["game"])
    for outcome in document["outcomes"]:
        section = _outcome(document, outcome)
        if section is not None:
            items.append(section)
        if outcome["own"]["mean"] is not None:
            items.append(_figure(document, outcome, two))
    items.append(_reading(document))
    return StudyPart("sweep", _title(document), tuple(items), tables)


def _title(document: Document) -> str:
    keys = " and ".join(axis["key"] for axis in document["keys"])
    return f"{document['title']} over {keys}"


def _answer(document: Document) -> Section:
    axes = document["keys"]
    points = " x ".join(str(len(axis["values"])) for axis in axes)
    ranges = "; ".join(
        f"{axis['key']} from {axis['values'][0]} to {axis['values'][-1]} ({axis['what']})" for axis in axes
    )
    count = len(document["points"])
    first = (
        f"{document['paths']:,} paths at each of {points + ' = ' if len(axes) == 2 else ''}{count} {'point' if count == 1 else 'points'}, "
        f"the same luck at every one: {ranges}."
    )
    return Section(
        "What the sweep says", (first, *(_move(document, outcome) for outcome in document["outcomes"]))
    )


def _move(document: Document, outcome: Document) -> str:
    """The lowest and highest mean of an outcome, and whether that is more than noise."""
    found = [
        (point["outcomes"][outcome["name"]], point["at"])
        for point in document["points"]
        if point["outcomes"][outcome["name"]]["mean"] is not None
    ]
    label, unit = outcome["label"], outcome["unit"]
    if not found:
        return f"{label}: undefined at every point."
    low, low_at = min(found, key=lambda one: one[0]["mean"])
    high, high_at = max(found, key=lambda one: one[0]["mean"])
    own = outcome["own"]["mean"]
    if low["mean"] == high["mean"]:
        return f"{label}: a mean of {quantity(low['mean'], unit)} at every point."
    said = (
        f"{label}: the mean goes from {quantity(low['mean'], unit, digits=3)} (at {_at(low_at)}) to "
        f"{quantity(high['mean'], unit, digits=3)} (at {_at(high_at)}); {quantity(own, unit, digits=3)} at the scenario's own setting."
    )
    errors = [one["difference"]["se"] for one, _ in found if one["difference"]["se"] is not None]
    if errors and high["mean"] - low["mean"] < NOISE * max(errors):
        said += " That is within the noise of so many paths."
    return said


def _at(at: Mapping[str, str]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in at.items())


def _outcome(document: Document, outcome: Document) -> Section | None:
    """A table of an outcome by point, where that is not too long."""
    points = document["points"]
    if len(points) > MOST_ROWS:
        return None
    unit = outcome["unit"]

    def said(value: float | None) -> str:
        return quantity(value, unit, digits=3, with_unit=False)

    rows = []
    for at, found in [
        ("own setting", outcome["own"]),
        *((point["at"], point["outcomes"][outcome["name"]]) for point in points),
    ]:
        difference = found.get("difference")
        rows.append(
            (
                *(at.values() if isinstance(at, Mapping) else ([at] + [""] * (len(document["keys"]) - 1))),
                said(found["mean"]),
                said(found["p50"]),
                interval(found, unit),
                percent(found["p_zero"]),
                "" if difference is None else _plus_minus(difference, unit),
            )
        )
    keys = len(document["keys"])
    header = (
        *(axis["key"] for axis in document["keys"]),
        "mean",
        "median",
        "80 % of paths",
        "P(zero)",
        "against own",
    )
    return Section(
        charts_title(outcome),
        (),
        header,
        tuple(rows),
        numeric=tuple(range(keys, keys + 5)),
        whole=tuple(range(keys + 5)) if keys == 1 else (),
    )


def charts_title(outcome: Document) -> str:
    counted = unit_words(outcome["unit"])
    return (
        f"{outcome['label']}, {counted}"
        if counted and counted.lower() not in outcome["label"].lower()
        else outcome["label"]
    )


def _plus_minus(difference: Document, unit: str) -> str:
    """A mean difference with twice its standard error."""
    mean, error = difference["mean"], difference["se"]
    if mean is None:
        return "undefined"
    text = quantity(mean, unit, digits=3, with_unit=False)
    sign = "+" if mean > 0 else ""
    if error is None:
        return sign + text
    return f"{sign}{text} ± {quantity(NOISE * error, unit, digits=2, with_unit=False)}"


def _figure(document: Document, outcome: Document, two: bool) -> Figure:
    name = outcome["name"].replace("@", "-").replace("..", "-to-")
    if two:
        chart: Any = charts.over_two(document, outcome)
        how = "Colour: the mean over paths; the first key runs to the right, the second upwards."
    else:
        chart = charts.over_one(document, outcome)
        numeric = document["keys"][0]["numbers"] is not None
        how = (charts.LINE_READING if numeric else charts.BAR_READING).capitalize() + "."
    return Figure(name, outcome["label"], _move(document, outcome), how, chart)


def _reading(document: Document) -> Section:
    text = [
        "Differences are paired: the same paths, with the same luck, at both settings. `against own` is the mean difference to the scenario's own setting; after ± stand two standard errors "
        "of it. The 80 % interval is over paths and does not shrink with more of them.",
        "Only the swept keys change. Everything else stays as uncertain as the scenario has it, so the own setting of a key that "
        "is drawn from a range is that range, not one of the points.",
    ]
    partial = [outcome["label"] for outcome in document["outcomes"] if outcome["partial"]]
    if partial:
        text.append(f"The run holds only part of the period of: {'; '.join(partial)}.")
    if len(document["points"]) > MOST_ROWS:
        text.append("Every point with all its numbers: sweep.csv and sweep.json (with --out), or --json.")
    return Section("How to read this", tuple(text))


def tidy(document: Document) -> list[dict[str, Any]]:
    """One row for each point and outcome, and for the scenario's own setting."""
    keys = [axis["key"] for axis in document["keys"]]
    rows = []
    for outcome in document["outcomes"]:
        base = {"outcome": outcome["outcome"], "period": outcome["period"], "unit": outcome["unit"]}
        own = {**dict.fromkeys(keys, "own setting"), **base}
        rows.append({**own, **_numbers(outcome["own"])})
        rows += [
            {**point["at"], **base, **_numbers(point["outcomes"][outcome["name"]])}
            for point in document["points"]
        ]
    return rows


def _numbers(found: Document) -> dict[str, Any]:
    names = ("mean", "se", "p10", "p50", "p90", "p_zero")
    difference = found.get("difference") or {}
    return {
        **{name: found[name] for name in names},
        **{f"difference_{name}": difference.get(name) for name in (*names, "p_above", "p_below")},
    }
