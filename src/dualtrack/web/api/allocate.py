"""An allocation by the interface: files in, a long task out, whose result is the document of `dualtrack allocate --json`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile

from dualtrack.web.allocations import read_asked, start_allocation
from dualtrack.web.api.tasks import TaskState, Told, task_state
from dualtrack.web.requests import client_of, service_of

router = APIRouter(tags=["allocate"])

ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"model": Told, "description": "The body is no form."},
    413: {"model": Told, "description": "The body is too large."},
    422: {"model": Told, "description": "A file is missing, or a setting cannot be read."},
    429: {"model": Told, "description": "You have as many tasks under way as one may."},
    503: {"model": Told, "description": "The service cannot answer now."},
}


@router.post("/allocate", status_code=202, responses=ANSWERS)
async def allocate(
    request: Request,
    orders: Annotated[
        UploadFile, File(description="CSV or XLSX: order, buyer, chip, units, price, and more.")
    ],
    stock: Annotated[UploadFile, File(description="CSV or XLSX of what comes in: chip, month, units.")],
    limits: Annotated[
        UploadFile | None,
        File(description="YAML: limits changed, what is used up already, buyers of your own."),
    ] = None,
    policy: Annotated[
        str | None, Form(description="value, compute, max-min, pro-rata or priority; value if not given.")
    ] = None,
    level: Annotated[
        str | None, Form(description="What max-min raises: share or units; share if not given.")
    ] = None,
    lot: Annotated[str | None, Form(description="Deliver whole lots of so many units.")] = None,
    on: Annotated[str | None, Form(description="Under the law of this day.")] = None,
) -> TaskState:
    """Share out a stock among orders. What comes of it, or what is wrong with a file, is told by the task."""
    files = {"orders": orders, "stock": stock, "limits": limits}
    asked = await read_asked({**files, "policy": policy, "level": level, "lot": lot, "on": on})
    return task_state(start_allocation(service_of(request), client_of(request), asked))
