"""The tasks that make studies, for the pages and the interface."""

from __future__ import annotations

import hashlib

from fastapi import Request

from dualtrack.settings.state import State
from dualtrack.web.comparison import Comparison
from dualtrack.web.jobs.claims import OwnClaims, claims
from dualtrack.web.jobs.compare import compare
from dualtrack.web.jobs.studies import make_files
from dualtrack.web.requests import client_of, service_of
from dualtrack.web.service.faults import NotFound
from dualtrack.web.service.tasks import Task


def start_compare(request: Request, comparison: Comparison) -> Task:
    """The task of a comparison: begun now, or the one that has made it."""
    title = f"Comparison over {comparison.paths:,} futures"
    page = f"/compare?{comparison.query_string()}"
    key = f"compare {comparison.digest()}"
    return service_of(request).tasks.start(client_of(request), title, key, page, compare, comparison)


def start_claims(request: Request, state: State, own: OwnClaims | None = None) -> Task:
    """The task that judges the press's claims, or a user's own, on a setting."""
    service = service_of(request)
    of = "" if own is None else f" {own.name} {hashlib.sha256(own.text).hexdigest()}"
    title = f"Claims of {own.name if own else 'the press'} judged over {state.run_paths:,} futures"
    page = f"/claims?{claims_query(state)}"
    task = service.tasks.start(
        client_of(request),
        title,
        f"claims {state.digest()}{of}",
        page,
        claims,
        state,
        own,
        service.limits.claims_runs,
    )
    if own is not None:
        # A link cannot hold the file, so it names the task that does.
        task.page = f"/claims/own/{task.id}"
    return task


def start_study_files(request: Request, task: Task) -> Task:
    """The task that writes every file of a study that is done.

    Raises:
        NotFound: It is not done.
    """
    if task.state != "done":
        raise NotFound(f"There is nothing to make files of: the task is {task.state}.")
    title = f"Files: {task.title}"
    return service_of(request).tasks.start(
        client_of(request), title, f"files of {task.key}", "", make_files, task.result()
    )


def claims_query(state: State) -> str:
    """The parameters of the page of claims: the setting, with its paths."""
    return State(state.scenario, state.changes, state.run_paths, state.seed, state.months).query_string()
