"""Every address of the explorer."""

from __future__ import annotations

from fastapi import FastAPI

from dualtrack.web.api import allocate as api_allocate
from dualtrack.web.api import chips as api_chips
from dualtrack.web.api import decide as api_decide
from dualtrack.web.api import facts as api_facts
from dualtrack.web.api import rules as api_rules
from dualtrack.web.api import runs as api_runs
from dualtrack.web.api import studies as api_studies
from dualtrack.web.api import tasks as api_tasks
from dualtrack.web.pages import (
    allocate,
    api,
    chips,
    claims,
    compare,
    decide,
    downloads,
    explore,
    facts,
    rules,
    study_files,
    tasks,
)

PAGES = (
    explore,
    compare,
    claims,
    decide,
    allocate,
    chips,
    rules,
    facts,
    downloads,
    api,
    study_files,
    tasks,
)
INTERFACE = (
    api_runs,
    api_studies,
    api_decide,
    api_allocate,
    api_chips,
    api_rules,
    api_facts,
    api_tasks,
)


def add_routes(app: FastAPI) -> None:
    """Put every router into the application; pages stay out of the interface's description."""
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)
    for module in INTERFACE:
        app.include_router(module.router, prefix="/api/v1")
