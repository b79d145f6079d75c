"""Allocate: an order book and a stock, sent or edited in place, shared out by a policy."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dualtrack.allocate import POLICIES
from dualtrack.allocate.asking import LEVELS
from dualtrack.errors import DualtrackError
from dualtrack.web.allocations import (
    EXAMPLE_FILES,
    OPTIONS,
    PAGE,
    example_texts,
    limits_in_words,
    read_asked,
    start_allocation,
)
from dualtrack.web.fault_pages import fault_items
from dualtrack.web.jobs.allocate import ASKED, VIEW, read_sections, sent_name
from dualtrack.web.linking import addresses, linked_sections
from dualtrack.web.pages.tasks import strip_context, task_strip
from dualtrack.web.requests import client_of, is_fragment, service_of
from dualtrack.web.service.faults import WRONG_INPUT, NotFound
from dualtrack.web.service.tasks import Task
from dualtrack.web.templating import fragment, page

router = APIRouter()

MOST_FILES: Final = 3
MOST_FIELDS: Final = 20
# A larger text is for an editor, not for a field of a page.
LONGEST_TEXT: Final = 300_000
POLICY_WORDS: Final = {
    "value": "value: most USD",
    "compute": "compute: most H100 equivalents",
    "max-min": "max-min: the least served buyer first",
    "pro-rata": "pro rata: every order the same part",
    "priority": "priority: 1 before 2",
}
LABELS: Final = {
    "orders": "The order book",
    "stock": "The stock",
    "policy": "Policy",
    "level": "Level",
    "lot": "Lot",
    "on": "Law of the day",
}


@router.get("/allocate")
async def allocate(request: Request) -> HTMLResponse:
    """The form, with the shipped example in it."""
    return page(request, "allocate.html.j2", **_form(request, example_texts(), {}))


@router.post("/allocate")
async def start(request: Request) -> Response:
    """Take the book, and go on to the page of its allocation."""
    service = service_of(request)
    most = {"max_files": MOST_FILES, "max_fields": MOST_FIELDS, "max_part_size": service.limits.body_bytes}
    async with request.form(**most) as form:
        given = dict(form)
        try:
            asked = await read_asked(given)
        except DualtrackError as error:
            return _faulty(request, given, error)
    task = start_allocation(service, client_of(request), asked)
    address = PAGE.replace("{id}", task.id)
    if not is_fragment(request):
        return RedirectResponse(address, 303)
    response = task_strip(request, task)
    response.headers["HX-Push-Url"] = address
    return response


@router.get("/allocate/{id}")
async def allocation(request: Request, id: str) -> HTMLResponse:
    """An allocation, or how far it is; the form holds what was sent."""
    task = service_of(request).tasks.find(id)
    if task.page != PAGE.replace("{id}", id):
        raise NotFound("That task is no allocation.")
    if task.state != "done" and is_fragment(request):
        return task_strip(request, task)
    told = _told(request, task) if task.state == "done" else strip_context(request, task)
    if is_fragment(request):
        return fragment("allocate_part.html.j2", **told)
    texts, options = _sent(task)
    return page(
        request,
        "allocate.html.j2",
        **{**_form(request, texts, options), "task": task, **told, "page": "allocate"},
    )


def _faulty(request: Request, given: dict[str, Any], error: DualtrackError) -> HTMLResponse:
    title, items = fault_items(error, LABELS)
    if is_fragment(request):
        return fragment("fault_part.html.j2", status=WRONG_INPUT, text=title, items=items)
    texts = {name: given.get(f"{name}_text", "") for name in EXAMPLE_FILES}
    options = {name: given.get(name, "") for name in OPTIONS}
    told = {"text": title, "items": items, "errors": dict(items)}
    return page(request, "allocate.html.j2", status=WRONG_INPUT, **{**_form(request, texts, options), **told})


def _form(request: Request, texts: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    return {
        "page": "allocate",
        "texts": texts,
        "given": options,
        "policies": [(name, POLICY_WORDS[name]) for name in POLICIES],
        "levels": [(name, name) for name in LEVELS],
        "limits_in_words": limits_in_words(service_of(request).limits),
        "task": None,
        "errors": {},
        "text": "",
        "items": (),
    }


def _sent(task: Task) -> tuple[dict[str, str], dict[str, str]]:
    """The texts that were sent, where a page has room for them, and the settings; none before the work has begun."""
    texts = dict.fromkeys(EXAMPLE_FILES, "")
    with suppress(OSError):
        options = json.loads((task.folder / ASKED).read_text(encoding="utf-8"))
        for name in EXAMPLE_FILES:
            place = task.folder / sent_name(name)
            # A workbook is no text.
            with suppress(OSError, UnicodeDecodeError):
                if place.stat().st_size <= LONGEST_TEXT:
                    texts[name] = place.read_text(encoding="utf-8-sig")
        return texts, options
    return texts, {}


def _told(request: Request, task: Task) -> dict[str, Any]:
    view = json.loads((task.folder / VIEW).read_text(encoding="utf-8"))
    head, *sections = linked_sections(read_sections(view), addresses(view["rules"], view["facts"]))
    return {
        "task": task,
        "is_conflict": view["is_conflict"],
        "head": head,
        "sections": sections,
        "figure": view["figure"],
        "command": view["command"],
        "files": list(task.files()),
        "is_part": is_fragment(request),
    }
