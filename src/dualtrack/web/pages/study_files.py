"""Every file of a study, made when somebody wants them: pictures take longer than the study."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from dualtrack.web.pages.tasks import task_strip
from dualtrack.web.requests import service_of
from dualtrack.web.studies import start_study_files

router = APIRouter()


@router.post("/studies/{id}/files")
async def make(request: Request, id: str) -> HTMLResponse:
    """Start on the files of a finished study, and show how far it is."""
    study = service_of(request).tasks.find(id)
    return task_strip(request, start_study_files(request, study))
