"""The page of a study of drivers, from its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dualtrack.report import drivers_charts as charts
from dualtrack.report.drivers_tables import drivers_tables
from dualtrack.report.drivers_words import (
    called,
    change,
    how_often,
    limit_words,
    region,
    share,
    shifted,
    strength,
    subject,
)
from dualtrack.report.numbers import median_and_interval, percent, quantity, setting, unit_words
from dualtrack.report.sections import Section
from dualtrack.report.study_page import Figure, StudyPart

Document = Mapping[str, Any]
Items = list[Section | Figure]

SHOWN = charts.SHOWN


def drivers_part(document: Document) -> StudyPart:
    """Sections, figures and tables."""
    items: Items = [_answer(document)]
    for number, found in enumerate(document["outcomes"], 1):
        items += _outcome_items(found, document, f"outcome-{number}")
    for number, found in enumerate(document["conclusions"], 1):
        items += _conclusion_items(found, document, f"conclusion-{number}")
    items += [_inputs(document), _method(document)]
    title = f"What moves the outcomes of “{document['title']}”"
    return StudyPart("drivers", title, tuple(items), drivers_tables(document))


def _answer(document: Document) -> Section:
    text = []
    for found in document["outcomes"]:
        text += strength(found, document)[:2]
    for found in document["conclusions"]:
        text.append(" ".join([how_often(found, document), *_regions(found, document)[:1]]))
    return Section(f"Drivers of {document['scenario']}", tuple(text))


def _outcome_items(found: Document, document: Document, name: str) -> Items:
    spread = found["paths"]
    words = unit_words(found["unit"])
    about = f"Over {document['paths']:,} paths: median and 80 % interval {median_and_interval(spread, found['unit'])}"
    about += f"{' ' + words if words else ''}, mean {quantity(spread['mean'], found['unit'])}."
    text = [about, *strength(found, document)[2:]]
    if found["partial"]:
        text.append(f"The run holds only part of {found['period']}.")
    items: Items = [_strength_section(found["label"], text, found, document)]
    items += _strength_figure(found, document, name)
    clear = charts.clear_swings(found)
    if clear:
        items.append(_tornado_figure(found, clear, name))
    elif found["varies"] and found["tornado"]:
        items.append(Section("Low and high", ("No input alone moves the mean by more than chance would.",)))
    return items


def _strength_section(title: str, text: Sequence[str], found: Document, document: Document) -> Section:
    swings = {row["key"]: row for row in found.get("tornado", ())}
    rows: list[tuple[str, ...]] = []
    if found["indices"] is not None:
        header: tuple[str, ...] = ("input", "alone", "in all")
        rows += [
            (called(row["name"]), share(row["first"]), share(row["total"]))
            for row in found["indices"]["inputs"][:SHOWN]
        ]
    elif found["effects"] is not None:
        header = ("input", "change for one step", "95 % interval", "spread of the changes")
        for row in found["effects"]["inputs"][:SHOWN]:
            ends = [change(row["size"][end], found, document) for end in ("low", "high")]
            spread = "" if row["deviation"] is None else change(row["deviation"], found, document)
            rows.append(
                (called(row["name"]), change(row["size"]["value"], found, document), " – ".join(ends), spread)
            )
    else:
        return Section(title, tuple(text))
    if swings:
        header = (*header, "if low", "if high")
        rows = [(*row, *_ends(row[0], swings, found["unit"])) for row in rows]
    numeric = tuple(range(1, len(header)))
    return Section(title, tuple(text), header, tuple(rows), numeric=numeric, whole=numeric)


def _ends(name: str, swings: Mapping[str, Document], unit: str) -> tuple[str, str]:
    """The outcome's mean at both ends of an input; of inputs that vary together, the one that moves it more."""
    members = [swings[key] for key in name.split(" + ") if key in swings]
    if not members:
        return "", ""
    largest = max(members, key=lambda row: abs(row["change"]))
    low, high = (quantity(largest[end]["mean"], unit, with_unit=False) for end in ("low", "high"))
    return low, high


def _strength_figure(found: Document, document: Document, name: str) -> Items:
    title = f"What moves {subject(found)}" if "text" not in found else f"What decides {subject(found)}"
    reading = " ".join(strength(found, document)[:2])
    if found["indices"] is not None:
        return [
            Figure(
                f"{name}-indices",
                title,
                reading,
                "bars: shares of the variance; lines: 95 % intervals of the estimates",
                charts.strengths(found, title, document["on"]),
            )
        ]
    if found["effects"] is not None:
        unit = "fraction" if "text" in found else found["unit"]
        return [
            Figure(
                f"{name}-effects",
                title,
                reading,
                "bars: mean absolute change for one step; lines: 95 % intervals of the estimates",
                charts.effects(found, unit, title, document["on"]),
            )
        ]
    return []


def _tornado_figure(found: Document, clear: Sequence[Document], name: str) -> Figure:
    first = clear[0]
    low, high = (quantity(first[end]["mean"], found["unit"]) for end in ("low", "high"))
    where = [first[end]["where"] for end in ("low", "high")]
    if first["low"]["from"] is not None:
        where = [f"in its {part}" for part in where]
    reading = (
        f"With {first['key']} {where[0]} the mean is {low}, {where[1]} {high}. "
        f"{len(clear)} of {len(found['tornado'])} inputs move the mean by more than chance would."
    )
    title = f"{found['label']}: inputs low and high"
    return Figure(
        f"{name}-tornado",
        title,
        reading,
        "bars: mean of the outcome over the paths with the input in its lowest and highest tenth; line: over all paths",
        charts.tornado(found, title),
    )


def _conclusion_items(found: Document, document: Document, name: str) -> Items:
    units = _units(document)
    text = [how_often(found, document)]
    if 0.0 < found["share"] < 1.0:
        text += strength(found, document)
        text += [shifted(found, units), *_regions(found, document)]
    items: Items = [_strength_section(f"Conclusion: {found['text']}", text, found, document)]
    if not 0.0 < found["share"] < 1.0:
        return items
    items += _strength_figure(found, document, name)
    title = f"Inputs where {found['text']}, and where not"
    reading = shifted(found, units)
    how = "bars: distance of an input's distribution where it holds from that where it fails, green beyond chance"
    items.append(Figure(f"{name}-regional", title, reading, how, charts.distances(found, title)))
    if not found["boxes"]:
        return items
    verb = found["looked_for"]
    items.append(_box_section(found, units, verb))
    title = f"Boxes in which it {verb}: {found['text']}"
    reading = "Each step cuts a twentieth of the paths away: coverage falls, density rises, more inputs are asked about."
    how = "dots: on the half of the paths that was searched; diamonds: the boxes chosen, on the other half"
    items.append(Figure(f"{name}-peeling", title, reading, how, charts.peeling(found, title)))
    for number, box in enumerate(found["boxes"], 1):
        title = f"Box {number}: where it {verb} more often"
        drawn = {"limits": [_drawn(limit, document) for limit in box["limits"]]}
        items.append(
            Figure(
                f"{name}-box-{number}",
                title,
                region(box, found, units),
                "green: the part of each input's distribution that the box keeps",
                charts.box_ranges(drawn, title),
            )
        )
    return items


def _regions(found: Document, document: Document) -> list[str]:
    if not 0.0 < found["share"] < 1.0:
        return []
    units = _units(document)
    if found["looked_for"] is None:
        return ["Too few paths lie on one side to search for a region of inputs."]
    if not found["boxes"]:
        return [
            "No region of up to four inputs was found in which it comes out otherwise much more often than in all paths."
        ]
    return [region(box, found, units) for box in found["boxes"]]


def _box_section(found: Document, units: Mapping[str, str], verb: str) -> Section:
    rows = []
    for number, box in enumerate(found["boxes"], 1):
        checked = box["checked"]
        for place, limit in enumerate(box["limits"]):
            head = (
                str(number),
                percent(checked["coverage"]),
                percent(checked["density"]),
                f"{checked['paths']:,}",
            )
            rows.append(
                (
                    *(head if not place else ("",) * 4),
                    limit["key"],
                    limit_words(limit, units[limit["key"]], False),
                    _quasi_p(limit["quasi_p"]),
                )
            )
    text = (
        f"Coverage: the part of all paths in which it {verb} that lies inside. Density: the part of the paths inside in "
        "which it does. Both on the half of the paths that did not serve the search. Quasi-p: how likely the box "
        "without that limit would have been as dense by chance.",
        f"Searched were the {len(found['searched'])} inputs whose distribution differs most: {', '.join(found['searched'])}.",
    )
    header = ("box", "coverage", "density", "paths", "input", "kept", "quasi-p")
    return Section(f"Where it {verb}", text, header, tuple(rows), numeric=(1, 2, 3, 6), whole=(1, 2, 3, 6))


def _quasi_p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _drawn(limit: Document, document: Document) -> Document:
    units = _units(document)
    parts = [(limit["low_probability"], limit["high_probability"])]
    if limit["reports"]:
        member = next(m for row in document["inputs"] for m in row["members"] if m["key"] == limit["key"])
        parts, start = [], 0.0
        for report, weight in member["reports"].items():
            if report in limit["reports"]:
                parts.append((start, start + weight))
            start += weight
    words = limit_words(limit, units[limit["key"]], False)
    return {"key": limit["key"], "parts": parts, "words": words}


def _units(document: Document) -> dict[str, str]:
    return {member["key"]: member["unit"] for row in document["inputs"] for member in row["members"]}


def _inputs(document: Document) -> Section:
    """What the names that were shown stand for."""
    shown: dict[str, None] = {}
    for found in (*document["outcomes"], *document["conclusions"]):
        kind = found["indices"] or found["effects"]
        shown.update(dict.fromkeys(row["name"] for row in (kind["inputs"][:SHOWN] if kind else ())))
    rows = []
    for row in document["inputs"]:
        if row["name"] not in shown:
            continue
        if not row["members"]:
            rows.append((called(row["name"]), row["what"], ""))
        rows += [(member["key"], member["what"], _range(member)) for member in row["members"]]
    return Section("The inputs shown", (), ("input", "what it is", "range"), tuple(rows))


def _range(member: Document) -> str:
    if "reports" in member:
        return "; ".join(f"{percent(weight)}: {report}" for report, weight in member["reports"].items())
    words = unit_words(member["unit"])
    text = setting([member["p10"], member["p50"], member["p90"]], member["unit"])
    return f"{text}{' ' + words if words else ''}"


def _method(document: Document) -> Section:
    count = len(document["inputs"])
    rows = f"{document['rows']:,} rows"
    if document["method"] == "sobol":
        first = (
            f"{count} inputs vary at once ({document['base']:,} base points of a Sobol' sequence, {rows}). The first order is "
            "the share of variance that would go if the input were known (alone); the total order the share that would be left "
            "if all else were known (in all: alone or with others)."
        )
    else:
        first = (
            f"{count} inputs move one after the other along {document['base']:,} trajectories through the 5th, 35th, 65th and "
            f"95th percentile of each ({rows}). A screening: it ranks inputs, and shares out no variance."
        )
    return Section(
        "How to read this",
        (
            first,
            "If low, if high: the mean of the outcome with the input in its lowest and highest tenth; for an input drawn between "
            "reports, under the report with the lowest mean and the highest.",
            "Event luck is one input: all that is drawn month by month. Hazards counted from events, and where gates go when "
            "they move, are inputs of their own. Correlated inputs, joined by a plus, vary together as one: of one alone no "
            "index is defined without saying which of them leads.",
            f"Lows and highs, distances and boxes come from {document['paths']:,} paths of the scenario itself, the ones of "
            "dualtrack run; there a correlated input carries its partner along. Ranges are this project's assumptions or "
            "sourced facts: an input with a narrow range moves little, however much the world hangs on it.",
        ),
    )
