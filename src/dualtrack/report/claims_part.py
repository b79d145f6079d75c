"""The page of claims: one table of verdicts, a picture of them, and a section for each statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dualtrack.report.claims_chart import verdict_chart
from dualtrack.report.claims_words import (
    counts_words,
    holds_on_words,
    interval_words,
    measure_sentence,
    share_words,
    value_words,
)
from dualtrack.report.numbers import percent, setting
from dualtrack.report.sections import Section
from dualtrack.report.study_page import Figure, StudyPart

Document = Mapping[str, Any]


def claims_part(document: Document) -> StudyPart:
    """What `dualtrack claims` shows."""
    items: list[Section | Figure] = [_answer(document), _picture(document)]
    for claim in document["claims"]:
        items += _claim(claim)
    items.append(_how_judged(document))
    return StudyPart("claims", document["title"], tuple(items), {"claims": _rows(document)})


def terminal_sections(document: Document) -> list[Section]:
    """What a terminal shows: the verdicts in one table, and each statement with its reasons; sources are on the page."""
    rows = tuple((row[0], claim["verdict"], *row[3:]) for claim, row in _summaries(document))
    return [
        Section(
            document["title"],
            (_judged_on(document),),
            ("claim", "verdict", "number", "80 % interval", "agree"),
            rows,
            whole=(0, 1),
        ),
        *(
            Section(f"{claim['id']}: {claim['verdict']}", (claim["statement"], claim["why"]))
            for claim in document["claims"]
        ),
    ]


def _judged_on(document: Document) -> str:
    number = len(document["claims"])
    return (
        f"{number} statement{'s' if number > 1 else ''} on the scenario {document['scenario']}, "
        f"{document['months'][0]} to {document['months'][1]}, facts known by {document['known_by']}, "
        f"{document['paths']:,} futures: {counts_words(document['counts'])}."
    )


def _summaries(document: Document) -> list[tuple[Document, tuple[str, ...]]]:
    return [(claim, _summary(claim)) for claim in document["claims"]]


def _answer(document: Document) -> Section:
    return Section(
        "Verdicts",
        (*([document["about"]] if document["about"] else []), _judged_on(document)),
        ("claim", "statement", "verdict", "number", "80 % interval", "agree"),
        tuple(row for _, row in _summaries(document)),
        whole=(0,),
    )


def _summary(claim: Document) -> tuple[str, ...]:
    lead = next(one for one in claim["measures"] if one["name"] == claim["lead"])
    number = "" if lead["missing"] else f"{value_words(lead)} ({lead['name']})"
    within = "" if lead["missing"] else interval_words(lead)
    return claim["id"], claim["statement"], holds_on_words(claim), number, within, share_words(lead)


def _picture(document: Document) -> Figure:
    return Figure(
        "verdicts",
        "Every statement and its measures",
        f"Of {len(document['claims'])} statements: {counts_words(document['counts'])}.",
        "Bar: share of futures (or reports) that agree with the measure's test, full or empty where a figure or a rule "
        "decides; lines: the shares from which it holds and up to which it does not; cross: cannot be judged.",
        verdict_chart(document),
    )


def _claim(claim: Document) -> list[Section]:
    sections = [
        Section(
            f"{claim['id']}: {claim['verdict']}",
            tuple(
                text
                for text in (
                    claim["statement"],
                    claim["why"],
                    f"Why these thresholds: {claim['because']}" if claim["because"] else "",
                    claim["note"] or "",
                )
                if text
            ),
            ("measure", "number", "80 % interval", "test", "agree", "verdict"),
            tuple(
                (
                    one["name"],
                    "missing" if one["missing"] else value_words(one),
                    interval_words(one),
                    one["test_words"] or "shown only",
                    share_words(one),
                    (one["verdict"] or "") + (" (near the threshold)" if one["close"] else ""),
                )
                for one in claim["measures"]
            ),
        ),
        Section(f"{claim['id']}: measures", tuple(_measure_lines(claim))),
    ]
    if claim["sources"] or claim["assumptions"]:
        sections.append(_stands_on(claim))
    return sections


def _measure_lines(claim: Document) -> list[str]:
    return [
        f"{one['name']}: {measure_sentence(one)}" + (f" Why: {one['because']}" if one["because"] else "")
        for one in claim["measures"]
    ]


def _stands_on(claim: Document) -> Section:
    rows = [
        (
            str(row.get("fact") or row.get("chip") or ""),
            str(row["what"]),
            str(row["publisher"]),
            str(row.get("published") or ""),
            str(row.get("address") or ""),
        )
        for row in claim["sources"]
    ]
    rows += [
        (
            one["key"],
            f"{one['what']}: {setting(one['value'], one['unit'])}",
            "assumption" if one["assumption"] else "from facts",
            "",
            one["assumption"] or ", ".join(one["facts"]),
        )
        for one in claim["assumptions"]
    ]
    return Section(
        f"{claim['id']}: sources and assumptions",
        (),
        ("fact, chip or key", "what", "publisher", "published", "address, or why assumed"),
        tuple(rows),
    )


def _how_judged(document: Document) -> Section:
    holds, fails = document["thresholds"]["holds_at"], document["thresholds"]["fails_at"]
    runs = "; ".join(one["name"] for one in document["runs"])
    text = [
        f"A measure holds where at least {percent(holds)} of futures, or of reports, agree with its test, and does not hold "
        f"where at most {percent(fails)} do, unless the claim says otherwise. A figure of a chip or an answer of the rules "
        "agrees or does not.",
        "A statement holds where it holds on all of its measures, does not hold where it holds on none that can be judged, "
        "cannot be judged where none can, and holds partly otherwise.",
    ]
    if runs:
        text.append(f"Runs over the same draws, each the judged scenario under the settings named: {runs}.")
    if document["sources"]:
        text.append(
            f"Numbers of futures stand on all {len(document['sources'])} facts and all assumptions of the scenario "
            "(dualtrack run lists them); named above are those that the claim's author points to."
        )
    return Section("How it was judged", tuple(text))


def _rows(document: Document) -> list[dict[str, Any]]:
    """One row for each measure."""
    return [
        {
            "claim": claim["id"],
            "statement": claim["statement"],
            "claim_verdict": claim["verdict"],
            "measure": one["name"],
            "verdict": one["verdict"],
            "value": one["value"],
            "p10": None if one["interval"] is None else one["interval"][0],
            "p90": None if one["interval"] is None else one["interval"][1],
            "unit": one["unit"],
            "test": one["test"],
            "probability": one["probability"],
            "basis": one["basis"],
            "count": one["count"],
            "missing": one["missing"],
            "why": one["why"],
        }
        for claim in document["claims"]
        for one in claim["measures"]
    ]
