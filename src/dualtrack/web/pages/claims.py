"""Claims: what the press said, or a user says, held against a setting; each with a verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from dualtrack.commands.claiming import PATHS
from dualtrack.errors import DualtrackError, ScenarioFault, nearest
from dualtrack.report.claims_words import (
    counts_words,
    interval_words,
    measure_sentence,
    share_words,
    value_words,
)
from dualtrack.scenarios.files import shipped_scenarios
from dualtrack.settings.controls import control_keys, load_controls
from dualtrack.settings.defaults import defaults
from dualtrack.settings.state import Reading, base_scenario, read_query
from dualtrack.study.claims.verdicts import VERDICTS
from dualtrack.web.jobs.claims import OwnClaims
from dualtrack.web.jobs.studies import shown_study
from dualtrack.web.pages.tasks import strip_context, task_strip
from dualtrack.web.reading import query_of, state_limits, told
from dualtrack.web.requests import is_fragment, service_of
from dualtrack.web.service.faults import WRONG_INPUT, Busy, NotFound, TooLarge, status_of
from dualtrack.web.service.limits import Limits
from dualtrack.web.service.tasks import Task
from dualtrack.web.studies import claims_query, start_claims
from dualtrack.web.templating import fragment, page

router = APIRouter()

VERDICT = "verdict"
FILE = "file"
MOST_FIELDS = 200
FILE_NAME = re.compile(r"[\w.-]{1,80}\.ya?ml")
MINE = "mine.yaml"
# How each verdict is marked beside its word.
KINDS = dict(zip(VERDICTS, ("yes", "note", "no", "missing"), strict=True))
EXAMPLE = """\
title: Mine
claims:
  - id: arrives
    statement: Something arrives within a year.
    because: A thousand units are no more than a test order.
    about:
      - name: delivered by January 2027
        outcome: h200_delivered_cum@2027-01
        test: '> 1000'
"""


@router.get("/claims")
async def claims(request: Request) -> Response:
    """The page of the press's claims, or for htmx its results."""
    reading = _reading(request, query_of(request))
    verdict = _verdict(request)
    if not is_fragment(request):
        return _whole(request, reading, verdict)
    state = reading.checked()
    task = start_claims(request, state)
    address = f"/claims?{claims_query(state)}"
    response = _strip_or_results(request, task, verdict, address)
    response.headers["HX-Replace-Url"] = _cut_down(address, verdict)
    return response


@router.post("/claims/own")
async def send(request: Request) -> Response:
    """Take a file of claims, and go on to the page of its results."""
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        fields = {name: [text for text in form.getlist(name) if isinstance(text, str)] for name in form}
        sent = form.get(FILE)
        limits = service_of(request).limits
        reading = _reading(request, fields)
        try:
            own = await _own(sent, limits)
            await run_in_threadpool(own.read)
            task = start_claims(request, reading.checked(), own)
        except DualtrackError as error:
            return _whole(request, reading, "", fault=str(error), status=status_of(error))
    return RedirectResponse(task.page, status_code=303)


@router.get("/claims/own/{id}")
async def own_claims(request: Request, id: str) -> Response:
    """The verdicts on a file that was sent, as long as they are kept."""
    task = service_of(request).tasks.find(id)
    if task.page != f"/claims/own/{id}":
        raise NotFound("That task judges no claims of your own.")
    verdict = _verdict(request)
    if is_fragment(request):
        return _strip_or_results(request, task, verdict, task.page)
    context = strip_context(request, task)
    context |= _results(task, verdict, task.page) if task.state == "done" else {}
    return page(request, "own_claims.html.j2", page="claims", is_part=False, **context)


def _reading(request: Request, query: Mapping[str, list[str]]) -> Reading:
    """The setting to judge on, with as many paths as the command takes where none are named."""
    paths = [text for text in query.get("paths", ()) if text.strip()] or [str(PATHS)]
    return read_query({**query, "paths": paths}, state_limits(request))


def _verdict(request: Request) -> str:
    """The verdict that the list is to be cut down to; empty for all.

    Raises:
        ScenarioFault: There is no such verdict.
    """
    verdict = request.query_params.get(VERDICT, "")
    if verdict and verdict not in VERDICTS:
        raise ScenarioFault(
            f"There is no verdict {verdict[:60]!r}.{nearest(verdict[:60], VERDICTS)} Wanted: {', '.join(VERDICTS)}."
        )
    return verdict


async def _own(sent: object, limits: Limits) -> OwnClaims:
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise ScenarioFault("There is no file. Choose a YAML file of claims, then press the button again.")
    text = await sent.read(limits.claims_bytes + 1)
    if len(text) > limits.claims_bytes:
        raise TooLarge(
            f"The file is larger than {limits.claims_bytes // 1000:,} kB, the most that is judged here. Take some claims out, "
            "or judge it with the command at the terminal: dualtrack claims SCENARIO --claims FILE"
        )
    # The name stands in messages and in the command.
    name = sent.filename.replace("\\", "/").rpartition("/")[2]
    return OwnClaims(name if FILE_NAME.fullmatch(name) else MINE, text)


def _whole(
    request: Request, reading: Reading, verdict: str, *, fault: str = "", status: int = 200
) -> Response:
    """The page; with a fault of a sent file in place of results."""
    state = reading.state
    context: dict[str, Any] = {
        "scenarios": {name: base_scenario(name).title for name in shipped_scenarios()},
        "scenario": state.base,
        "state": state,
        "groups": load_controls(),
        "control_keys": control_keys(),
        "defaults": defaults(state.base),
        "values": dict(state.changes),
        "errors": reading.by_key(),
        "faults": told(reading),
        "fault": fault,
        "most_kilobytes": service_of(request).limits.claims_bytes // 1000,
        "most_runs": service_of(request).limits.claims_runs,
        "example": EXAMPLE,
        "task": None,
    }
    if reading.faults:
        status = WRONG_INPUT
    elif not fault:
        try:
            task = start_claims(request, state)
        except Busy as error:
            context["fault"], status = str(error), error.status
        else:
            context |= strip_context(request, task)
            address = f"/claims?{claims_query(state)}"
            context |= _results(task, verdict, address) if task.state == "done" else {}
    return page(request, "claims.html.j2", status=status, page="claims", is_part=False, **context)


def _strip_or_results(request: Request, task: Task, verdict: str, address: str) -> Response:
    if task.state == "done":
        return fragment("claims_part.html.j2", is_part=True, **_results(task, verdict, address))
    return task_strip(request, task)


def _results(task: Task, verdict: str, address: str) -> Mapping[str, Any]:
    """What the list of verdicts is made of.

    Args:
        address: Of the page, to which a verdict can be added.
    """
    document = json.loads(task.result())
    shown = shown_study(task.folder)
    figure = next(item["figure"] for item in shown["items"] if "figure" in item)
    return {
        "task": task,
        "document": document,
        "summary": counts_words(document["counts"]),
        "claims": [_card(claim) for claim in document["claims"] if verdict in ("", claim["verdict"])],
        "tabs": [
            ("All", len(document["claims"]), address, not verdict),
            *(
                (one.capitalize(), count, _cut_down(address, one), one == verdict)
                for one, count in document["counts"].items()
                if count or one == verdict
            ),
        ],
        "figure": figure,
        "how": shown["items"][-1]["section"],
        "command": shown["command"],
    }


def _cut_down(address: str, verdict: str) -> str:
    """The address of the list with one verdict alone; of all without one."""
    if not verdict:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode({VERDICT: verdict})}"


def _card(claim: Mapping[str, Any]) -> Mapping[str, Any]:
    lead = next(one for one in claim["measures"] if one["name"] == claim["lead"])
    return {
        "claim": claim,
        "kind": KINDS[claim["verdict"]],
        "lead": _measure(lead),
        "measures": [_measure(one) for one in claim["measures"]],
    }


def _measure(measure: Mapping[str, Any]) -> Mapping[str, Any]:
    """A measure in words."""
    missing = bool(measure["missing"])
    return {
        "name": measure["name"],
        "number": "missing" if missing else value_words(measure),
        "interval": "" if missing else interval_words(measure),
        "test": measure["test_words"] or "shown only",
        "agree": share_words(measure),
        "verdict": measure["verdict"] or "",
        "kind": KINDS.get(measure["verdict"], ""),
        "sentence": measure_sentence(measure),
        "because": measure["because"] or "",
    }
