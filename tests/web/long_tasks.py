"""Long tasks of the tests: waited for, and read."""

from __future__ import annotations

import re
import time
from typing import Any

from fastapi.testclient import TestClient

API = "/api/v1/tasks"
SECONDS = 120
FRAGMENT = {"HX-Request": "true"}


def ended(client: TestClient, id: str) -> Any:
    """The task's state once it is over."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        state = client.get(f"{API}/{id}").json()
        if state["state"] not in ("waiting", "running"):
            return state
        time.sleep(0.05)
    raise AssertionError(f"the task {id} is not over after {SECONDS} seconds: {state}")


def result(client: TestClient, id: str) -> Any:
    """The document of a task that ends well."""
    state = ended(client, id)
    assert state["state"] == "done", state
    return client.get(f"{API}/{id}/result").json()


def task_in(text: str) -> str:
    """The id of the task that a page shows the progress of."""
    found = re.search(r'hx-get="/tasks/([\w-]+)"', text)
    assert found, text
    return found[1]
