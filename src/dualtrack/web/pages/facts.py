"""Facts: every sourced number, with its versions, its neighbours, and what uses it."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from dualtrack.report.fact_words import amount, amount_with_unit, known_by_text
from dualtrack.web.asked import Asked, read_asked
from dualtrack.web.jobs import facts as work
from dualtrack.web.pages.reference import Parts, shown

router = APIRouter()


@router.get("/facts")
async def facts(request: Request) -> Response:
    """The fact book, a page at a time, with a search."""
    parts = Parts("facts", "/facts", "facts.html.j2", "facts_part.html.j2", "The facts were not searched.")
    return await shown(request, read_asked(request, "q", "known_by", "page"), parts, _all, work.facts_page)


@router.get("/facts/{id}")
async def fact(request: Request, id: str) -> Response:
    """Everything about one fact."""
    parts = Parts("facts", f"/facts/{id}", "fact.html.j2", "fact_part.html.j2", "The fact is not shown.", id)
    return await shown(request, read_asked(request, "known_by"), parts, _one, work.fact_page, id)


def _all(answer: Any, asked: Asked) -> dict[str, Any]:
    address = asked.address("/facts", without="page")
    return {
        **{name: answer[name] for name in ("dates", "found", "known", "last")},
        "current": answer["page"],
        "rows": [{**each, "amount": amount_with_unit(each)} for each in answer["facts"]],
        "pages_address": f"{address}{'&' if '?' in address else '?'}page=",
    }


def _one(answer: Any, asked: Asked) -> dict[str, Any]:
    shown_fact = answer["fact"]
    others = {
        name: [_short(each) for each in shown_fact[name]] for name in ("versions", "series", "conflicts")
    }
    return {
        **{name: answer[name] for name in ("dates", "rules", "keys", "elsewhere")},
        "fact": shown_fact,
        "amount": amount_with_unit(shown_fact),
        "known_by": known_by_text(shown_fact),
        **others,
        "details": {name: amount(None, value, None) for name, value in shown_fact["details"].items()},
        "later": _later(shown_fact, asked.values["known_by"]),
    }


def _short(other: dict[str, Any]) -> dict[str, Any]:
    return {**other, "amount": amount_with_unit(other)}


def _later(fact: dict[str, Any], day: date | None) -> str:
    """What is to be said of a version that is shown although it was known only later."""
    if day is None or fact["known_by"] <= day.isoformat():
        return ""
    return (
        f"It was known only from {fact['known_by']}: an estimate that looks back on a state of {fact['on']}."
    )
