"""The application for the tests of pages and interface, made once in each test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from dualtrack.web.app import create_app
from dualtrack.web.service.limits import Limits


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """A client of the whole explorer, its service and one worker of each kind included."""
    app = create_app(Limits(workers=1))
    with TestClient(app, base_url="http://localhost", follow_redirects=True) as made:
        yield made
