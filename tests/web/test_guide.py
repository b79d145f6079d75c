"""What docs/explorer.md says is so."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from dualtrack.settings.controls import control_keys
from dualtrack.web.service.limits import MEGABYTE, Limits
from dualtrack.web.templating import PAGES

GUIDE = (Path(__file__).parents[2] / "docs" / "explorer.md").read_text(encoding="utf-8")
CALLS = re.findall(r"^curl (-X \w+ )?'(http[^']+)'$", GUIDE, flags=re.M)


@pytest.mark.parametrize(("method", "address"), CALLS, ids=[address for _, address in CALLS])
def test_every_call_of_the_guide_is_answered(client: TestClient, method: str, address: str) -> None:
    parts = urlsplit(address)
    answer = client.request(method.removeprefix("-X ").strip() or "GET", f"{parts.path}?{parts.query}")
    assert answer.status_code in (200, 202), answer.text
    assert answer.json()


def test_the_guide_names_every_page_and_the_limits_that_hold() -> None:
    for _, _, label in PAGES:
        assert re.search(rf"^\| .*\b{label}\b", GUIDE, flags=re.M), label
    limits = Limits(workers=1)
    assert f"{len(control_keys())} controls" in GUIDE
    assert f"| {limits.answer_paths:,}; {limits.most_paths:,} |" in GUIDE
    assert f"| {limits.answer_seconds:.0f} s; {limits.task_seconds / 60:.0f} minutes |" in GUIDE
    assert f"| {limits.waiting_each}; {limits.tasks_each} |" in GUIDE
    assert f"{limits.body_bytes // MEGABYTE} MB" in GUIDE and f"{limits.cache_bytes // MEGABYTE} MB" in GUIDE
    assert f"{limits.first_paths} paths answer first and {limits.fine_paths:,} follow" in GUIDE
