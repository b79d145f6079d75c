"""The task that makes a run's files, for the page and the interface."""

from __future__ import annotations

from fastapi import Request

from dualtrack.settings.state import State
from dualtrack.web.jobs.files import files
from dualtrack.web.reading import with_paths
from dualtrack.web.requests import client_of, service_of
from dualtrack.web.service.tasks import Task


def start_files(request: Request, state: State) -> Task:
    """The task of a state's files: begun now, or the one that has made them."""
    state = with_paths(state, service_of(request).limits)
    title = f"Files of {state.scenario}, {state.paths:,} futures"
    key = f"files {state.digest()}"
    return service_of(request).tasks.start(client_of(request), title, key, "", files, state)
