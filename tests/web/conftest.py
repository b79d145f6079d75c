"""The real explorer behind a client, with its worker processes."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dualtrack.web.app import create_app
from dualtrack.web.service.limits import Limits

with warnings.catch_warnings():
    # starlette names another client library, which does the same.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PATIENCE = 120.0  # seconds; a machine may be busy


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """A browser without scripts, on this machine."""
    with TestClient(create_app(Limits(workers=1)), base_url="http://localhost") as made:
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
