"""Every address of the explorer."""

from __future__ import annotations

from fastapi import FastAPI

from dualtrack.web.api import runs as api_runs
from dualtrack.web.api import tasks as api_tasks
from dualtrack.web.pages import downloads, explore, tasks

PAGES = (explore, downloads, tasks)
INTERFACE = (api_runs, api_tasks)


def add_routes(app: FastAPI) -> None:
    """Put every router into the application; pages stay out of the interface's description."""
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)
    for module in INTERFACE:
        app.include_router(module.router, prefix="/api/v1")
