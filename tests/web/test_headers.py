"""What every response says to a browser, and what no request may do."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from dualtrack.web.app import create_app
from dualtrack.web.headers import LOOPBACK
from dualtrack.web.service.limits import Limits

ADDRESSES = (
    "/explore",
    "/downloads",
    "/static/explorer.css",
    "/api/v1/scenarios",
    "/openapi.json",
    "/nowhere",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_response_has_the_headers(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


def test_pages_hold_no_script_and_no_style_of_their_own(client: TestClient) -> None:
    for address in ("/explore?china.ratio=1", "/downloads"):
        text = client.get(address).text
        scripts = re.findall(r"<script([^>]*)>([^<]*)", text)
        assert scripts
        assert all(
            'type="application/json"' in attributes or not inside.strip() for attributes, inside in scripts
        )
        assert not re.search(r'\sstyle="|\son\w+="|<style', text)
        # Everything comes from here.
        assert not re.search(r'(src|href)="(https?:)?//', re.sub(r"<a [^>]*>", "", text))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_start_work(client: TestClient, site: str) -> None:
    assert client.post("/downloads", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert client.post("/downloads?paths=20", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_browsers_without_that_header_are_known_by_the_origin(client: TestClient) -> None:
    assert client.post("/downloads", headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert client.post("/downloads?paths=20", headers={"Origin": "http://localhost"}).status_code == 200


def test_a_body_too_large_is_refused_by_its_length_and_by_its_bytes() -> None:
    app = create_app(Limits(workers=1, body_bytes=1000))
    with TestClient(app, base_url="http://localhost") as client:
        told = client.post("/downloads", content=b"x" * 2000)
        assert told.status_code == 413 and "larger than" in told.text


def test_only_its_own_names_are_answered() -> None:
    app = create_app(Limits(workers=1), hosts=LOOPBACK)
    with TestClient(app, base_url="http://localhost") as client:
        for name in ("localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
            assert client.get("/api/v1/scenarios", headers={"Host": name}).status_code == 200
        for name in ("evil.example", "localhost.evil.example", ""):
            assert client.get("/api/v1/scenarios", headers={"Host": name}).status_code == 403


def test_an_unknown_page_is_told_in_words_and_in_a_document(client: TestClient) -> None:
    page = client.get("/nowhere")
    assert page.status_code == 404 and "There is no such page." in page.text and "<h1>" in page.text
    assert client.get("/api/v1/nowhere").json() == {"error": "There is no such page.", "faults": []}
