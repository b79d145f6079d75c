"""The verdicts of claims in sentences: why each measure and each statement was judged as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dualtrack.report.numbers import PERCENT_UNITS, UNDEFINED, percent, quantity

Document = Mapping[str, Any]

_OF = {"futures": "futures", "reports": "reports"}
NEVER = "not in the run"


def worded(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a sentence in `why` for every measure and every claim."""
    for claim in document["claims"]:
        for measure in claim["measures"]:
            measure["why"] = measure_sentence(measure)
        claim["why"] = claim_sentence(claim)
    return document


def counts_words(counts: Mapping[str, int]) -> str:
    """How many statements have each verdict.

    >>> counts_words({"holds": 1, "holds partly": 2, "does not hold": 3, "cannot be judged": 0})
    '1 holds, 2 hold partly, 3 do not hold'
    """

    def said(verdict: str, count: int) -> str:
        words = verdict if count == 1 else verdict.replace("holds", "hold").replace("does", "do")
        return f"{count} {words}"

    return ", ".join(said(verdict, count) for verdict, count in counts.items() if count)


def value_words(measure: Document) -> str:
    """The number of a measure: `6.7`, `320k units`, `2027-03`, `may not ship`."""
    value, unit = measure["value"], measure["unit"]
    if unit == "word":
        return str(value).replace("_", " ")
    if unit == "month":
        return str(value) if value else NEVER
    if value is None and measure["interval"] is not None and measure["kind"] == "months_gained":
        return NEVER
    return _amount(value, unit)


def interval_words(measure: Document) -> str:
    """The 80 % interval; empty where the number has none."""
    if measure["interval"] is None or measure["basis"] == "rules" or measure["count"] <= 1:
        return ""
    low, high = measure["interval"]
    if measure["unit"] == "month":
        return f"{low or NEVER} – {high or NEVER}"
    if low == high:
        return ""
    ends = [NEVER if end is None else _amount(end, measure["unit"], bare=True) for end in (low, high)]
    return f"{ends[0].removesuffix(' %') if NEVER not in ends else ends[0]} – {ends[1]}"


def share_words(measure: Document) -> str:
    """How much agrees with the test: `74 % of futures`, `yes`, `no`."""
    share = measure["probability"]
    if share is None:
        return ""
    if measure["basis"] in _OF:
        return f"{percent(share)} of {_OF[measure['basis']]}"
    return "yes" if share else "no"


def measure_sentence(measure: Document) -> str:
    """What was measured, what came out, and what was asked."""
    if measure["missing"]:
        return f"Cannot be judged. Missing: {measure['missing']}."
    found = value_words(measure)
    within = interval_words(measure)
    said = f"{_capital(measure['what'])}: {found}"
    if within:
        said += f" (80 % interval {within})"
    said += "."
    if measure["mean"] is not None and measure["value"] is not None and _is_skewed(measure):
        said += f" The mean is {_amount(measure['mean'], measure['unit'])}."
    if measure["verdict"]:
        said += f" Wanted: {measure['test_words']}; {_agreement(measure)}."
    if measure["never"]:
        said += f" In {percent(measure['never'])} of futures it does not come about in the run."
    if measure["undefined"]:
        said += (
            f" The question does not arise in {percent(measure['undefined'])} of futures, which are left out."
        )
    if measure["close"]:
        said += " The share is so near to the threshold that another seed could turn the verdict: give it more --paths."
    return " ".join([said, *measure["notes"]])


def claim_sentence(claim: Document) -> str:
    """The verdict on a statement, on what it holds, and what is missing."""
    measures = {one["name"]: one for one in claim["measures"]}

    def listed(names: Sequence[str]) -> str:
        return "; ".join(f"{name} ({_brief(measures[name])})" for name in names)

    parts = []
    if claim["holds_on"]:
        parts.append(f"holds on {listed(claim['holds_on'])}")
    if claim["partly_on"]:
        parts.append(f"open on {listed(claim['partly_on'])}")
    if claim["fails_on"]:
        parts.append(f"does not hold on {listed(claim['fails_on'])}")
    if claim["missing"]:
        parts.append(f"cannot be judged for want of {'; '.join(claim['missing'])}")
    return _capital(". ".join(_capital(part) for part in parts)) + "."


def holds_on_words(claim: Document) -> str:
    """`holds partly (arithmetic, training)`: the verdict with the measures on which it holds."""
    verdict = str(claim["verdict"])
    if verdict != "holds partly":
        return verdict
    if claim["holds_on"]:
        return f"{verdict} ({', '.join(claim['holds_on'])})"
    return f"{verdict} (open on {', '.join(claim['partly_on'])})"


def _brief(measure: Document) -> str:
    share = share_words(measure)
    said = value_words(measure)
    return f"{said}, {share}" if share not in ("", "yes", "no") else said


def _agreement(measure: Document) -> str:
    share = measure["probability"]
    if measure["basis"] in _OF:
        return f"{percent(share)} of {_OF[measure['basis']]} agree"
    return "it agrees" if share else "it does not agree"


def _is_skewed(measure: Document) -> bool:
    value, mean = abs(measure["value"]), abs(measure["mean"])
    return bool(measure["basis"] == "futures" and (value < 0.5 * mean or mean < 0.5 * value))


def _amount(value: Any, unit: str, *, bare: bool = False) -> str:
    if value is None:
        return UNDEFINED
    if unit in PERCENT_UNITS and value < 0:
        return f"−{percent(-value)}"
    # A hundredth of a month is as fine as a step of one month can tell.
    return quantity(round(value, 2) if unit == "months" else value, unit, with_unit=not bare)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
