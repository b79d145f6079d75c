"""Every address of the explorer."""

from __future__ import annotations

from fastapi import FastAPI

from dualtrack.web.api import runs as api_runs
from dualtrack.web.api import studies as api_studies
from dualtrack.web.api import tasks as api_tasks
from dualtrack.web.pages import claims, compare, downloads, explore, study_files, tasks

PAGES = (explore, compare, claims, downloads, study_files, tasks)
INTERFACE = (api_runs, api_studies, api_tasks)


def add_routes(app: FastAPI) -> None:
    """Put every router into the application; pages stay out of the interface's description."""
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)
    for module in INTERFACE:
        app.include_router(module.router, prefix="/api/v1")
