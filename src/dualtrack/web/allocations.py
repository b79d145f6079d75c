"""An order book in a request: its files and settings, for the page and the interface."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import UploadFile

from dualtrack.allocate.asking import EXAMPLES, read_settings
from dualtrack.allocate.book import AllocationFault
from dualtrack.errors import DualtrackError, Fault, raise_gathered
from dualtrack.web.jobs.allocate import Asked, share_out
from dualtrack.web.jobs.uploads import LONGEST_NAME, Upload, shown_name
from dualtrack.web.requests import content_key
from dualtrack.web.service.limits import Limits
from dualtrack.web.service.service import Service
from dualtrack.web.service.tasks import Task

OPTIONS: Final = ("policy", "level", "lot", "on")
EXAMPLE_FILES: Final = {"orders": "orders.csv", "stock": "stock.csv", "limits": "limits.yaml"}
PAGE: Final = "/allocate/{id}"


def example_texts() -> dict[str, str]:
    """The shipped order book, its stock and its limits."""
    return {name: (EXAMPLES / file).read_text(encoding="utf-8") for name, file in EXAMPLE_FILES.items()}


async def read_asked(form: Mapping[str, Any]) -> Asked:
    """What a form asks: a file where one was chosen, else the text beside it.

    Raises:
        AllocationFault: Orders or stock are missing, or a setting cannot be read; every fault is listed.
    """
    faults: list[Fault] = []
    uploads: dict[str, Upload | None] = {}
    for name in EXAMPLE_FILES:
        uploads[name] = await _upload(name, form)
        if uploads[name] is None and name != "limits":
            faults.append(Fault("is missing. Choose a file, or write the rows.", key=name, about=name))
    texts = {name: form.get(name) for name in OPTIONS}
    options = {
        name: text.strip()[:LONGEST_NAME]
        for name, text in texts.items()
        if isinstance(text, str) and text.strip()
    }
    try:
        read_settings(options)
    except DualtrackError as error:
        faults += error.faults
    raise_gathered(faults, AllocationFault, "The book cannot be shared out so.")
    orders, stock = uploads["orders"], uploads["stock"]
    assert orders is not None and stock is not None
    return Asked(orders, stock, uploads["limits"], options)


async def _upload(name: str, form: Mapping[str, Any]) -> Upload | None:
    file, text = form.get(name), form.get(f"{name}_text")
    if isinstance(file, UploadFile) and file.filename:
        called = shown_name(file.filename, EXAMPLE_FILES[name])
        return Upload(called, called, await file.read())
    if isinstance(text, str) and text.strip():
        # A browser sends the lines of a text with two signs at their end.
        return Upload(f"the {name}", EXAMPLE_FILES[name], text.replace("\r\n", "\n").encode())
    return None


def start_allocation(service: Service, client: str, asked: Asked) -> Task:
    """The task that shares it out; the very same book and settings have the same task."""
    sent = [
        (name, one.name, hashlib.sha256(one.content).hexdigest()) for name, one in asked.uploads().items()
    ]
    key = content_key("allocate", sent, dict(asked.options))
    return service.tasks.start(client, "Allocation", key, PAGE, share_out, asked, service.limits)


def limits_in_words(limits: Limits) -> str:
    """How much the page takes."""
    return (
        f"Up to {limits.most_orders:,} orders and {limits.body_bytes / 1e6:,.0f} MB; it is stopped after "
        f"{limits.task_seconds / 60:,.0f} minutes."
    )
