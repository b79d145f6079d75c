"""Rules: the law as sentences, with numbers, history and sources, as it is or was known on a day."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from dualtrack.report.rule_page import (
    amendments_section,
    dates,
    example_sections,
    group_title,
    parameter_rows,
    rule_head,
)
from dualtrack.report.sections import words
from dualtrack.web.asked import Asked, read_asked
from dualtrack.web.jobs import rules as work
from dualtrack.web.pages.reference import Parts, shown

router = APIRouter()


@router.get("/rules")
async def rules(request: Request) -> Response:
    """The rules and limits by subject, with a search."""
    parts = Parts("rules", "/rules", "rules.html.j2", "rules_part.html.j2", "The rules were not searched.")
    return await shown(request, read_asked(request, "q", "known_by"), parts, _all, work.rules_page)


@router.get("/rules/{id}")
async def rule(request: Request, id: str) -> Response:
    """One rule or limit in full."""
    parts = Parts("rules", f"/rules/{id}", "rule.html.j2", "rule_part.html.j2", "The rule is not shown.", id)
    return await shown(request, read_asked(request, "known_by"), parts, _one, work.rule_page, id)


def _all(answer: Any, asked: Asked) -> dict[str, Any]:
    groups = groupby(answer["rules"], key=lambda row: (row["kind"], row["subject"]))
    return {
        "dates": answer["dates"],
        "found": len(answer["rules"]),
        "known": answer["known"],
        "groups": [(group_title(*group), [_row(row) for row in rows]) for group, rows in groups],
    }


def _row(row: dict[str, Any]) -> dict[str, str]:
    return {
        "id": row["id"],
        "outcome": words(row["outcome"] or "ceiling on units"),
        "sentence": _sentences(row["sentence"])[0],
        "in_force": dates(row["in_force"]),
    }


def _one(answer: Any, asked: Asked) -> dict[str, Any]:
    document = answer["rule"]
    return {
        "dates": answer["dates"],
        "rule": document,
        "head": rule_head(document),
        # The rule, and each of the conditions that it names, in a paragraph of its own.
        "sentences": _sentences(document["sentence"]),
        "parameters": parameter_rows(document),
        "sections": [amendments_section(document), *example_sections(document)],
    }


def _sentences(text: str) -> list[str]:
    """The sentences of a rule: what it says, then what each of its named conditions means."""
    return [f"{sentence}." for sentence in text.removesuffix(".").split(". ")]
