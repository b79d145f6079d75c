"""A study of drivers in sentences: who moves what, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dualtrack.report.numbers import UNDEFINED, percent, quantity, unit_words

Document = Mapping[str, Any]

LUCK = "luck"
LUCK_WORDS = "event luck"
COMPARISONS = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above"}
HEAVY_TAIL = 0.3
NAMED = 3
SETTLED = 3
FAILED = -0.005


def called(name: str) -> str:
    return LUCK_WORDS if name == LUCK else name


def share(estimate: Mapping[str, float]) -> str:
    """`12 % (8 – 17 %)`: an index with its interval.

    A share cannot lie below zero: an estimate or end that does is shown as zero, unless the whole interval does, which
    says that the estimate has failed.

    >>> share({"value": -0.01, "low": -0.04, "high": 0.02}), share({"value": -0.1, "low": -0.2, "high": -0.05})
    ('0 % (0 – 2 %)', '−10 % (−20 – −5 %)')
    """
    ends = [estimate[part] for part in ("value", "low", "high")]
    if ends[2] >= 0.0:
        ends = [max(end, 0.0) for end in ends]
    value, low, high = (f"{'−' if end < 0.0 else ''}{percent(abs(end))}" for end in ends)
    return f"{value} ({low.removesuffix(' %')} – {high})"


def listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "nothing"


def subject(found: Document) -> str:
    """What is explained: an outcome, or whether a conclusion holds."""
    if "text" in found:
        return f"whether {found['label']} is {threshold(found)}"
    return str(found["label"])


def threshold(found: Document) -> str:
    words = unit_words(found["unit"])
    return (
        f"{COMPARISONS[found['comparison']]} {quantity(found['value'], found['unit'], digits=4, with_unit=False)}"
        + (f" {words}" if words else "")
    )


def strength(found: Document, document: Document) -> list[str]:
    """How much luck and the inputs explain, which lead, and whether that order is settled."""
    name = subject(found)
    name = name[0].upper() + name[1:]
    if found["undefined_rows"]:
        return [
            f"{name} is undefined in {percent(found['undefined_rows'])} of the rows, so its variance cannot be shared out. "
            "State a conclusion about it, where undefined counts as not true, or ask for an outcome that is always defined."
        ]
    if not found["varies"]:
        return [f"{name} is the same in every row: nothing moves it, and there is no variance to share out."]
    if found["effects"] is not None:
        return _screened(name, found, document)
    return _shared_out(name, found, document)


def _shared_out(name: str, found: Document, document: Document) -> list[str]:
    indices = found["indices"]
    by_name = {row["name"]: row for row in indices["inputs"]}
    luck = by_name[LUCK]
    of = "the variance of its rank" if document["on"] == "ranks" else "its variance"
    leading = [row for row in indices["inputs"] if row["name"] != LUCK][:NAMED]
    sentences = [
        f"{name}: event luck explains {share(luck['first'])} of {of} alone and has a part in {share(luck['total'])}; "
        f"the uncertain inputs explain {share(indices['inputs_alone'])} without it.",
        f"The inputs with the largest part (total order) are "
        f"{listed([' '.join((row['name'], share(row['total']))) for row in leading])}.",
    ]
    sentences += _weaknesses(found, document)
    return sentences


def _weaknesses(found: Document, document: Document) -> list[str]:
    indices = found["indices"]
    out = []
    settled = indices["settled"]
    if settled < min(SETTLED, len(indices["inputs"])):
        which = (
            "No place of the order is settled",
            "Only the first place of the order is settled",
            f"Only the first {settled} places of the order are settled",
        )[min(settled, 2)]
        out.append(
            f"{which} at {document['base']:,} base points: the intervals of the next ones overlap too much to rank them. "
            f"With --base {2 * document['base']} they are about 0.7 times as wide."
        )
    failed = [called(row["name"]) for row in indices["inputs"] if row["first"]["high"] < FAILED]
    if failed:
        out.append(
            f"The first order of {listed(failed)} comes out below zero, which no share can be: a few extreme rows spoil it. "
            "Take the total order, more base points, or --on ranks."
        )
    if indices["sum_of_first"]["high"] < 1.0:
        out.append(
            f"All first orders together are {share(indices['sum_of_first'])}; the rest is interplay, such as a gate "
            "that opens only for those who have orders."
        )
    tail = found.get("tail")
    if document["on"] == "values" and tail is not None and tail > HEAVY_TAIL:
        out.append(
            f"One path in a hundred holds {percent(tail)} of the variance, so these shares speak of extreme paths; "
            "--on ranks asks what decides whether a path ends high or low among all."
        )
    return out


def _screened(name: str, found: Document, document: Document) -> list[str]:
    rows = found["effects"]["inputs"]
    luck = next(row for row in rows if row["name"] == LUCK)
    leading = [row for row in rows if row["name"] != LUCK][:NAMED]
    said = [f"{row['name']} {change(row['size']['value'], found, document)}" for row in leading]
    return [
        f"{name}: another luck changes it by {change(luck['size']['value'], found, document)} on average. Of the inputs, "
        f"one step of {percent(document['step'])} of its own distribution changes it most for {listed(said)}.",
    ]


def change(value: float, found: Document, document: Document) -> str:
    """A change of what is explained, in its unit."""
    if document["on"] == "ranks" or "text" in found:
        return percent(value)
    return quantity(value, found["unit"])


def how_often(found: Document, document: Document) -> str:
    """How often a conclusion holds."""
    paths = f"{document['paths']:,} paths"
    head = f"{found['label']} is {threshold(found)}"
    if found["share"] == 1.0:
        return f"{head} in every one of {paths}: nothing in the scenario flips it."
    if found["share"] == 0.0:
        undefined = (
            f" (the outcome is undefined in {percent(found['undefined'])})" if found["undefined"] else ""
        )
        return f"{head} in none of {paths}{undefined}: nothing in the scenario brings it about."
    return f"{head} in {percent(found['share'])} of {paths}."


def shifted(found: Document, units: Mapping[str, str]) -> str:
    """Which inputs are distributed otherwise where a conclusion holds."""
    if not found["regional"]:
        return ""
    clear = [row for row in found["regional"] if row["clear"]]
    if not clear:
        return (
            "No input is distributed otherwise where it holds than where it fails, beyond what chance gives "
            f"({found['regional'][0]['threshold']:.2f}): luck decides, or a combination of inputs."
        )
    parts = []
    for row in clear[:NAMED]:
        unit = units[row["key"]]
        if row["median_if_holds"] is None:
            most = max(
                row["shares_if_holds"],
                key=lambda report: row["shares_if_holds"][report] - row["shares_if_not"][report],
            )
            parts.append(
                f"{row['key']} ({most}: {percent(row['shares_if_holds'][most])} against {percent(row['shares_if_not'][most])})"
            )
        else:
            holds, fails = (
                quantity(row[part], unit, with_unit=False) for part in ("median_if_holds", "median_if_not")
            )
            words = unit_words(unit)
            parts.append(f"{row['key']} (median {holds} against {fails}{' ' + words if words else ''})")
    return (
        f"{len(clear)} of {len(found['regional'])} inputs are distributed otherwise where it holds than where it fails: "
        f"{listed(parts)}{' lead' if len(clear) > NAMED else ''}."
    )


def region(box: Document, found: Document, units: Mapping[str, str]) -> str:
    """A box in words, with how good it is on the paths it was not searched on."""
    limits = listed([limit_words(limit, units[limit["key"]], True) for limit in box["limits"]])
    verb = "holds" if found["looked_for"] == "holds" else "fails"
    base = found["share"] if verb == "holds" else 1.0 - found["share"]
    checked = box["checked"]
    return (
        f"Where {limits}, it {verb} in {percent(checked['density'])} of paths, against {percent(base)} in all; these are "
        f"{percent(checked['coverage'])} of the paths in which it {verb} ({checked['cases_inside']:,} of {checked['cases']:,}; "
        f"the box has {checked['paths']:,} paths, none of which served the search)."
    )


def limit_words(limit: Document, unit: str, key: bool) -> str:
    """`us.hazard.open is above 0.12 per month (its upper 72 %)`."""
    name = f"{limit['key']} is " if key else ""
    if limit["reports"]:
        return f"{name}{' or '.join(limit['reports'])}"
    words = unit_words(unit)
    ends = [
        UNDEFINED if limit[end] is None else quantity(limit[end], unit, with_unit=False)
        for end in ("low", "high")
    ]
    low, high = limit["low_probability"], limit["high_probability"]
    if limit["high"] is None:
        text, part = f"above {ends[0]}", f"its upper {percent(1.0 - low)}"
    elif limit["low"] is None:
        text, part = f"below {ends[1]}", f"its lower {percent(high)}"
    else:
        text, part = f"between {ends[0]} and {ends[1]}", f"the {percent(high - low)} from {percent(low)} on"
    return f"{name}{text}{' ' + words if words else ''}" + (f" ({part})" if key else "")
