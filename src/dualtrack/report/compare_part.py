"""A comparison as a page: what changes, both sides beside it, how sure it is; from its document alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dualtrack.report.compare_charts import HOW_TO_READ, how_often, medians, side_by_side
from dualtrack.report.numbers import (
    PERCENT_UNITS,
    is_defined,
    median_and_interval,
    percent,
    quantity,
    short,
    signed,
    signed_interval,
    unit_words,
    with_unit_words,
)
from dualtrack.report.sections import Section
from dualtrack.report.study_page import Figure, Rows, StudyPart
from dualtrack.results.outputs import outputs_table

Document = Mapping[str, Any]
MOST_FIGURES = 6
MOST_BARS = 30
MOST_SENTENCES = 6
NO_RATIO = "–"
_SPREAD = ("mean", "p05", "p10", "p50", "p90", "p95")
_SHARES = ("p_more", "p_equal", "p_less")


def compare_part(document: Document) -> StudyPart:
    """The page of a comparison."""
    *sections, how = compare_sections(document)
    tables = {"compare": _rows(document), "compare-by-month": _month_rows(document)}
    return StudyPart("compare", _title(document), (*sections, *_figures(document), how), tables)


def compare_sections(document: Document) -> list[Section]:
    """What it says in words and tables: the answer first, how it was compared last."""
    tables = [section for found in document["comparisons"] for section in _sections(document, found)]
    return [_answer(document), *tables, _how_compared(document)]


def _title(document: Document) -> str:
    return f"{_listed([found['scenario'] for found in document['comparisons']])} against {document['base']}"


def _answer(document: Document) -> Section:
    """What moves, in sentences: the last period of the outcomes that are shown month by month, or the first asked."""
    several = len(document["comparisons"]) > 1
    months = document["months"]
    sentences = [
        f"{document['paths']:,} paths, seed {document['seed']}, {months[0]} to {months[-1]}. Every path meets the same "
        f"luck in all; differences are taken path by path, each less {document['base']}."
    ]
    for found in document["comparisons"]:
        for name in _most_telling(document, found):
            about, value = document["questions"][name], found["values"][name]
            of = f"{found['scenario']}: " if several else ""
            sentences.append(
                f"{of}{_label(about)}, {_when(document, about)}: {_change(value, about['unit'])}."
            )
    return Section(f"In short: {_title(document)}", tuple(sentences))


def _most_telling(document: Document, found: Document) -> list[str]:
    charted = next(iter(document["scenarios"].values()))["by_month"]
    last = document["months"][-1]
    names = [
        name
        for outcome in charted
        for name, about in document["questions"].items()
        if about["outcome"] == outcome and not about["buyer"] and about["last_month"] == last
    ]
    return (names or list(document["questions"]))[: max(2, MOST_SENTENCES // len(document["comparisons"]))]


def _change(value: Document, unit: str) -> str:
    """Median, interval and mean of a difference, and how often it is which, in words."""
    found = value["difference"]
    if not value["paths"]:
        return "undefined on every path of one or the other"
    if value["p_equal"] == 1.0:
        return "the same on every path"
    words = "" if unit in ("fraction", "ratio") else f" {unit_words(unit)}"
    return (
        f"{signed(found['p50'], unit)}{words} (80 % interval {signed_interval(found, unit)}), mean {_mean(value, unit)}; "
        f"more on {percent(value['p_more'])} of paths, the same on {percent(value['p_equal'])}, less on "
        f"{percent(value['p_less'])}"
    )


def _sections(document: Document, found: Document) -> list[Section]:
    """The tables of one comparison: the difference, its mean and the ratio, both sides."""
    scenario, base = found["scenario"], found["base"]
    one, other = (document["scenarios"][name]["values"] for name in (scenario, base))
    changed, means, both, same = [], [], [], []
    for name, value in found["values"].items():
        about = document["questions"][name]
        unit = about["unit"]
        label = f"{with_unit_words(_label(about), unit)}: {_when(document, about)}"
        both.append((label, median_and_interval(one[name], unit), median_and_interval(other[name], unit)))
        if value["p_equal"] == 1.0:
            same.append(f"{_label(about)} ({_when(document, about)})")
            continue
        label += "*" if value["undefined"] else ""
        shares = (percent(value[share]) for share in _SHARES)
        changed.append((label, _middle(value["difference"], unit), *shares))
        ratio = _ratio(value) + ("†" if 0 < value["ratio_paths"] < value["paths"] else "")
        means.append((label, _mean(value, unit), ratio, _gain(value)))
    left_out = max(value["undefined"] for value in found["values"].values())
    undivided = any(row[2] == NO_RATIO or row[2].endswith("†") for row in means)
    notes = [
        f"The same on every path: {'; '.join(same)}." if same else "",
        f"* undefined on one side or both on up to {left_out:,} of {document['paths']:,} paths, which are left out."
        if left_out
        else "",
    ]
    of_ratios = (
        f"{NO_RATIO} or †: {base} is nought on all or some of the paths, on which there is no ratio.",
    )
    sections = [
        Section(
            f"What {scenario} changes against {base}",
            tuple(note for note in notes if note),
            ("", "difference: median (80 %)", "more", "same", "less"),
            tuple(changed),
            numeric=(1, 2, 3, 4),
            whole=(1, 2, 3, 4),
        )
    ]
    if means:
        sections.append(
            Section(
                f"On average, and as a ratio: {scenario} against {base}",
                of_ratios if undivided else (),
                ("", "mean difference ± s.e.", "ratio: median (80 %)", "same luck"),
                tuple(means),
                numeric=(1, 2, 3),
                whole=(1, 2, 3),
            )
        )
    header = ("median (80 % of paths)", scenario, base)
    sections.append(Section(f"Side by side: {scenario} and {base}", (), header, tuple(both), numeric=(1, 2)))
    return sections


def _middle(found: Document, unit: str) -> str:
    """Median and interval of a difference."""
    middle = signed(found["p50"], unit)
    return f"{middle} ({signed_interval(found, unit)})" if is_defined(found["p50"]) else middle


def _ratio(value: Document) -> str:
    if not value["ratio_paths"]:
        return NO_RATIO
    low, middle, high = (short(value["ratio"][name], digits=3) for name in ("p10", "p50", "p90"))
    return f"{middle} ({low} – {high})"


def _gain(value: Document) -> str:
    return NO_RATIO if value["pairing_gain"] is None else f"× {short(value['pairing_gain'])}"


def _figures(document: Document) -> list[Figure]:
    comparisons = document["comparisons"]
    outcomes = list(next(iter(document["scenarios"].values()))["by_month"])
    figures = []
    for number, found in enumerate(comparisons):
        bars = [
            (f"{_label(about)}, {_when(document, about)}", found["values"][name])
            for name, about in document["questions"].items()
            if found["values"][name]["paths"]
        ][:MOST_BARS]
        scenario, base = found["scenario"], found["base"]
        if bars:
            figures.append(
                Figure(
                    f"how-often{_suffix(number, comparisons)}",
                    f"How often {scenario} is more than {base}",
                    f"{len(bars)} outcomes, {document['paths']:,} paths.",
                    "share of paths on which the outcome is less, the same (to a millionth), or more than under the base",
                    how_often(bars, scenario, base),
                )
            )
        figures += [
            _figure(document, found, outcome, _suffix(number, comparisons))
            for outcome in outcomes[: max(1, MOST_FIGURES // len(comparisons))]
        ]
    if len(comparisons) > 1:
        figures += [_medians(document, outcome) for outcome in outcomes[:MOST_FIGURES]]
    return figures


def _figure(document: Document, found: Document, outcome: str, suffix: str) -> Figure:
    row = outputs_table()[outcome]
    label = row.label + (" since the start" if row.kind == "flow" else "")
    sides = {
        found[side]: document["scenarios"][found[side]]["by_month"][outcome] for side in ("scenario", "base")
    }
    last = document["months"][-1]
    change = found["by_month"][outcome][last]
    middles = [
        f"{quantity(by_month[last]['p50'], row.unit)} under {name}" for name, by_month in sides.items()
    ]
    reading = (
        f"In {last} the median is {' and '.join(middles)}; path by path the difference is "
        f"{signed(change['p50'], row.unit)} ({signed_interval(change, row.unit)})."
    )
    chart = side_by_side(label, row.unit, document["months"], sides, found["by_month"][outcome])
    title = f"{label}: {found['scenario']} against {found['base']}"
    return Figure(f"{outcome}{suffix}", title, reading, HOW_TO_READ, chart)


def _medians(document: Document, outcome: str) -> Figure:
    row = outputs_table()[outcome]
    label = row.label + (" since the start" if row.kind == "flow" else "")
    sides = {name: side["by_month"][outcome] for name, side in document["scenarios"].items()}
    last = document["months"][-1]
    reading = ", ".join(f"{name} {quantity(found[last]['p50'], row.unit)}" for name, found in sides.items())
    chart = medians(label, row.unit, document["months"], sides)
    return Figure(
        f"medians-{outcome}", f"{label}: all", f"Medians in {last}: {reading}.", "lines: medians", chart
    )


def _how_compared(document: Document) -> Section:
    text = [
        "More, the same, less: shares of the paths on which both are defined; the same is what differs by less than a "
        "millionth. The mean stands with its standard error from the paired differences; pp are percentage points.",
        "Same luck: how many times the paths independent draws would need for the same standard error; × 1 where the base "
        "does not vary.",
    ]
    rows = tuple(
        (name, side["title"], side["known_by"], side["chip"], "; ".join(side["changes"]) or "none")
        for name, side in document["scenarios"].items()
    )
    header = ("compared", "scenario", "known by", "chip of the channel", "changes")
    return Section("How it was compared", tuple(text), header, rows)


def _rows(document: Document) -> Rows:
    """One row for each comparison and question, every number in full."""
    out = []
    for found in document["comparisons"]:
        one, base = (document["scenarios"][found[side]]["values"] for side in ("scenario", "base"))
        for name, value in found["values"].items():
            about = document["questions"][name]
            row = {"scenario": found["scenario"], "base": found["base"]}
            row |= {key: about[key] for key in ("outcome", "period", "buyer", "unit", "label")}
            row |= _prefixed("difference", value["difference"])
            row |= {"standard_error": value["standard_error"]}
            row |= {share: value[share] for share in _SHARES}
            row |= _prefixed("ratio", value["ratio"])
            row |= {
                "paths": value["paths"],
                "undefined": value["undefined"],
                "ratio_paths": value["ratio_paths"],
            }
            row |= {"pairing_gain": value["pairing_gain"]}
            out.append(row | _prefixed("scenario", one[name]) | _prefixed("base", base[name]))
    return out


def _month_rows(document: Document) -> Rows:
    out = []
    for found in document["comparisons"]:
        one, base = (document["scenarios"][found[side]]["by_month"] for side in ("scenario", "base"))
        for outcome, by_month in found["by_month"].items():
            row = outputs_table()[outcome]
            for month, difference in by_month.items():
                out.append(
                    {"scenario": found["scenario"], "base": found["base"], "outcome": outcome, "month": month}
                    | {"unit": row.unit, "since_the_start": row.kind == "flow"}
                    | _prefixed("difference", difference)
                    | {share: difference[share] for share in _SHARES}
                    | _prefixed("scenario", one[outcome][month])
                    | _prefixed("base", base[outcome][month])
                )
    return out


def _prefixed(prefix: str, found: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{name}": found[name] for name in _SPREAD}


def _label(about: Document) -> str:
    return f"{about['label']} ({about['buyer'].replace('_', ' ')})" if about["buyer"] else str(about["label"])


def _when(document: Document, about: Document) -> str:
    """The month of a stock; the period of a flow, `to 2027-01` for a sum since the start."""
    if about["kind"] == "stock":
        return str(about["last_month"])
    first, dots, last = about["period"].partition("..")
    partly = ", in part" if about["partial"] else ""
    return f"to {last}" if dots and first == document["months"][0] else about["period"] + partly


def _mean(value: Document, unit: str) -> str:
    mean, error = value["difference"]["mean"], value["standard_error"]
    if not is_defined(error) or not is_defined(mean):
        return signed(mean, unit)
    if not error:
        return signed(mean, unit)
    return f"{signed(mean, unit).removesuffix(' pp')} ± {_error(error, unit)}"


def _error(error: float, unit: str) -> str:
    return f"{short(100 * error, digits=1)} pp" if unit in PERCENT_UNITS else short(error, digits=1)


def _suffix(number: int, comparisons: Sequence[object]) -> str:
    return f"-{number + 1}" if len(comparisons) > 1 else ""


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
