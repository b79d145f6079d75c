"""Long tasks by the interface: how far, what came of it, its files, and away with it."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from dualtrack.web.api.told import refusals
from dualtrack.web.requests import service_of
from dualtrack.web.service.faults import NotFound
from dualtrack.web.service.tasks import Task

router = APIRouter(tags=["tasks"])


class TaskState(BaseModel):
    """A long task as it stands."""

    id: str
    title: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int | None = Field(description="Parts of the work done; null before it has begun.")
    whole: int | None = Field(description="Parts of the work in all.")
    error: str | None = Field(description="Why it failed.")
    files: list[str] = Field(description="Files to be had at /api/v1/tasks/{id}/files/{name}.")


def task_state(task: Task) -> TaskState:
    """The task in plain data."""
    done, whole = task.progress() or (None, None)
    return TaskState(
        id=task.id,
        title=task.title,
        state=task.state,
        done=done,
        whole=whole,
        error=task.error,
        files=list(task.files()),
    )


@router.get("/tasks/{id}", responses=refusals(404))
async def state_of_task(request: Request, id: str) -> TaskState:
    """How far a task is."""
    return task_state(service_of(request).tasks.find(id))


@router.delete("/tasks/{id}", responses=refusals(404))
async def cancel_task(request: Request, id: str) -> TaskState:
    """Cancel a task; one that is over stays as it is."""
    tasks = service_of(request).tasks
    task = tasks.find(id)
    tasks.cancel(task)
    return task_state(task)


@router.get("/tasks/{id}/result", responses=refusals(404), response_class=Response)
async def result_of_task(request: Request, id: str) -> Response:
    """The document that a finished task made."""
    task = service_of(request).tasks.find(id)
    if task.state != "done":
        raise NotFound(f"The task has no result: it is {task.state}.")
    return Response(task.result(), media_type="application/json")


@router.get("/tasks/{id}/files/{name}", responses=refusals(404), response_class=FileResponse)
async def file_of_task(request: Request, id: str, name: str) -> FileResponse:
    """A file that a finished task made."""
    return task_file(service_of(request).tasks.find(id), name)


def task_file(task: Task, name: str) -> FileResponse:
    """A task's file, to be saved under its name.

    Raises:
        NotFound: It has no such file.
    """
    files = task.files()
    if name not in files:
        have = f" It has: {', '.join(files)}." if files else ""
        raise NotFound(f"The task has no file {name!r}.{have}")
    return FileResponse(files[name], filename=name)
