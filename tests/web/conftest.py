"""The application for the tests of pages and interface; a server and a browser for those of what a user sees."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from dualtrack.web.app import create_app
from dualtrack.web.service.limits import Limits

if TYPE_CHECKING:
    from browser import Watch
    from playwright.sync_api import Browser, Page

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


# Playwright is imported where it is used: the other tests here run without it. Its loop runs as long as its browser, in
# the way of tests with a loop of their own; so no browser outlives the file that needs it.


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where a server of the file's own listens."""
    from browser import served

    with served("--workers", "2") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from browser import browsing

    with browsing() as opened:
        yield opened


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[tuple[Page, Watch]]:
    """A page in a browser of a new user, and its record: at the end it has logged no error and asked nobody else."""
    from browser import watched

    context = browser.new_context(base_url=address)
    page, watch = watched(context)
    yield page, watch
    context.close()
    assert watch.errors == []
    assert watch.hosts <= {address.removeprefix("http://")}


@pytest.fixture
def page(opened: tuple[Page, Watch]) -> Page:
    return opened[0]
