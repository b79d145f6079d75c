"""An allocation by the interface: files in, a long task out, whose result is the document of `dualtrack allocate --json`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile

from dualtrack.web.allocations import read_asked, start_allocation
from dualtrack.web.api.tasks import TaskState, task_state
from dualtrack.web.api.told import refusals
from dualtrack.web.requests import client_of, service_of

router = APIRouter(tags=["allocate"])


@router.post("/allocate", status_code=202, responses=refusals(400, 403, 413, 422, 429, 503))
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
