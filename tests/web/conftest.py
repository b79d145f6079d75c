"""The application for the tests of pages and interface, made once in each test process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dualtrack.web.app import create_app
from dualtrack.web.service.limits import Limits

PATIENCE = 120.0  # seconds; the machine of the tests may be doing much else


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """A client of the whole explorer, its service and one worker of each kind included."""
    app = create_app(Limits(workers=1))
    with TestClient(app, base_url="http://localhost", follow_redirects=True) as made:
        yield made


@pytest.fixture(scope="session")
def finished(client: TestClient) -> Callable[[str], dict[str, Any]]:
    """A function: the id of a task -> its state by the interface, once it is over."""

    def wait(id: str) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            state: dict[str, Any] = client.get(f"/api/v1/tasks/{id}").json()
            if state["state"] in ("done", "failed", "cancelled"):
                return state
            time.sleep(0.1)
        raise AssertionError(f"task {id} was not over in {PATIENCE:g} seconds")

    return wait
