"""The strip that shows how far a long task is, with the button that cancels it, and its files."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse

from dualtrack.web.api.tasks import task_file
from dualtrack.web.requests import service_of
from dualtrack.web.service.tasks import Task
from dualtrack.web.templating import either

router = APIRouter()


@router.get("/tasks/{id}")
async def progress(request: Request, id: str) -> HTMLResponse:
    """Told again every second by the page until the task is over."""
    return task_strip(request, service_of(request).tasks.find(id))


@router.post("/tasks/{id}/cancel")
async def cancel(request: Request, id: str) -> HTMLResponse:
    """Cancel, and say so."""
    tasks = service_of(request).tasks
    task = tasks.find(id)
    tasks.cancel(task)
    return task_strip(request, task)


@router.get("/tasks/{id}/files/{name}")
async def file(request: Request, id: str, name: str) -> FileResponse:
    """A file to save."""
    return task_file(service_of(request).tasks.find(id), name)


def task_strip(request: Request, task: Task) -> HTMLResponse:
    """How a task stands; once it is done the browser goes on to its page, or is shown its files."""
    return either(request, "task.html.j2", "task_part.html.j2", page="", **strip_context(request, task))


def strip_context(request: Request, task: Task) -> dict[str, Any]:
    """What the strip is made from."""
    done, whole = task.progress() or (0, 0)
    return {"task": task, "done": done, "whole": whole, "ahead": service_of(request).tasks.ahead(task)}
