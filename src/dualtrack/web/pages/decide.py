"""Decide: an order by form, with the answer of both gates; the address holds all that was asked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from dualtrack.decide.declarations import declarable, find_declaration, short_name
from dualtrack.entities import load_buyers, load_chips
from dualtrack.errors import DualtrackError
from dualtrack.report.decision import (
    GATES,
    PLACES,
    FindingRow,
    citations,
    consequences,
    finding_rows,
    is_barred,
    verdict,
)
from dualtrack.report.sections import words
from dualtrack.rules.fields import DESTINATIONS, END_USES
from dualtrack.rules.labels import label_of
from dualtrack.web.fault_pages import fault_items
from dualtrack.web.jobs.decide import decide_order
from dualtrack.web.linking import addresses, linked, linked_sections
from dualtrack.web.orders import Question, question_of
from dualtrack.web.requests import answered, is_fragment
from dualtrack.web.service.faults import WRONG_INPUT, ServiceFault
from dualtrack.web.templating import either, fragment, page

router = APIRouter()

# Shown where the address asks nothing: the order of the guide.
EXAMPLE: Final = Question({"chip": "H200", "buyer": "bytedance", "units": "60000"}, {})
OUTCOMES: Final = {"may_ship": "yes", "needs": "missing", "may_not_ship": "no"}
LABELS: Final = {
    "chip": "Chip",
    "buyer": "Buyer",
    "units": "Units",
    "destination": "Destination",
    "end_use": "End use",
    "price": "Price",
    "on": "Law of the day",
    "us_units": "Units shipped in the United States",
    "ratio": "Domestic chips per imported chip",
}


@router.get("/decide")
async def decide(request: Request) -> HTMLResponse:
    """The form and, below or beside it, the decision on what it holds."""
    question = question_of(request.query_params.multi_items()) if request.query_params else EXAMPLE
    try:
        answer = await answered(request, question.key, decide_order, question.options, question.declarations)
    except ServiceFault:
        raise
    except DualtrackError as error:
        return _faulty(request, question, error)
    told = _answered(request, question, json.loads(answer))
    return either(request, "decide.html.j2", "decide_part.html.j2", **_form(question), **told)


def _faulty(request: Request, question: Question, error: DualtrackError) -> HTMLResponse:
    """Every fault of the order, each at its field where it has one."""
    title, items = fault_items(error, LABELS)
    if is_fragment(request):
        return fragment("fault_part.html.j2", status=WRONG_INPUT, text=title, items=items)
    told = {"text": title, "items": items, "errors": dict(items)}
    return page(request, "decide.html.j2", status=WRONG_INPUT, **{**_form(question), **told})


def _form(question: Question) -> dict[str, Any]:
    """What the form shows: the choices, and what was given."""
    chips = load_chips()
    given = {**question.given}
    chip = _known(
        given.get("chip", ""), {name: chip.id for chip in chips.values() for name in (chip.id, *chip.aliases)}
    )
    given["chip"] = chip
    buyers = [(buyer.id, buyer.name) for buyer in load_buyers()]
    given["buyer"] = _known(given.get("buyer", ""), {name: name for name, _ in buyers})
    for name in ("destination", "end_use"):
        given[name] = given.get(name, "").lower().replace("-", "_")
    return {
        "page": "decide",
        "given": given,
        "declared": question.declared,
        "chips": _with(given["chip"], [(chip.id, f"{chip.name}, {chip.vendor}") for chip in chips.values()]),
        "buyers": _with(given["buyer"], buyers),
        "destinations": _with(given["destination"], [(name, PLACES[name]) for name in DESTINATIONS]),
        "end_uses": _with(given["end_use"], [(name, name) for name in END_USES]),
        "declarations": [_declaration(field) for field in declarable()],
        "errors": {},
        "text": "",
        "items": (),
    }


def _known(name: str, ids: dict[str, str]) -> str:
    """The id of a name in whatever case; a name that is none stays, to be seen in the form."""
    return {known.lower(): found for known, found in ids.items()}.get(name.lower(), name)


def _with(chosen: str, choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The choices, and what was chosen where it is none of them."""
    is_new = chosen and chosen not in dict(choices)
    return [*choices, (chosen, f"{chosen}: not known")] if is_new else choices


def _declaration(field: str) -> dict[str, str]:
    label = label_of(field)
    about = field.partition(".")[0]
    return {
        "name": short_name(field),
        "about": about,
        "label": label.ask[:1].upper() + label.ask[1:],
        "yes": label.yes,
    }


def _answered(request: Request, question: Question, document: dict[str, Any]) -> dict[str, Any]:
    """What the page says of the decision, from its document."""
    links = _links(document)
    said = verdict(document)
    sections = linked_sections(consequences(document), links)
    # Every fact is a link here.
    sources = replace(sections.pop(), text=())
    missing = _wanted(name for key in GATES for name in document[key]["missing"])
    return {
        "document": document,
        "outcome": OUTCOMES[document["together"]["outcome"]],
        "verdict": said.title,
        "asked": said.text,
        "changes": [linked(text, links) for text in document["what_would_change"]],
        "gates": [_gate(document[key], name, links, question) for key, name in GATES.items()],
        "sections": sections,
        "sources": sources,
        "all_declared": question.declaring(missing) if missing else "",
        "command": question.command(),
        "interface": question.interface(),
        "is_example": question is EXAMPLE,
        "is_part": is_fragment(request),
    }


def _links(document: dict[str, Any]) -> dict[str, str]:
    findings = [found for key in GATES for found in document[key]["findings"]]
    rules = {name for key in GATES for name in document[key]["rules"]} | {found["rule"] for found in findings}
    facts = {row["fact"] for row in document["sources"]}
    facts |= {fact for found in findings for fact in found["facts"]}
    return addresses(rules | set(document["headroom"]), facts)


def _wanted(names: Iterable[str]) -> dict[str, str]:
    """Those of the names that an order may declare, with the answers that help it."""
    fields = {name: find_declaration(name) for name in names}
    return {name: "yes" if label_of(field).wanted else "no" for name, field in fields.items() if field}


def _gate(gate: dict[str, Any], name: str, links: dict[str, str], question: Question) -> dict[str, Any]:
    barred = is_barred(gate)
    return {
        "name": name,
        "kind": "no" if barred else "missing" if gate["missing"] else "yes",
        "outcome": words(gate["outcome"]),
        "rules": linked(", ".join(gate["rules"]), links),
        "citations": citations(gate),
        "rows": [
            {
                "badge": _badge(row, barred),
                "text": linked(row.text, links),
                "facts": linked(", ".join(row.facts), links),
                "seen": "" if row.waits_for else row.seen,
                "declaring": question.declaring(_wanted([row.waits_for])) if row.waits_for else "",
                "margin": row.margin,
            }
            for row in finding_rows(gate)
        ],
    }


def _badge(row: FindingRow, barred: bool) -> tuple[str, str]:
    """Colour and word of a finding; in a gate that lets nothing through one that holds speaks against the order."""
    if row.holds is None:
        return "missing", "not declared" if row.waits_for else "not known"
    if barred:
        return ("no", "against it") if row.holds else ("note", "does not hold")
    return ("yes", "holds") if row.holds else ("no", "does not hold")
