"""A real browser for the tests, and a server of their own: what a user has."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

SECONDS = 1000  # Playwright counts in milliseconds
START_SECONDS = 60
# The machine of the tests may be doing much else.
PATIENCE = 60 * SECONDS
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Logged by browser or htmx though it is as it should be: a refusal (4xx) that a test provokes, a request that a newer one
# replaces.
EXPECTED = re.compile(r"status of 4\d\d|Status Error Code 4\d\d|htmx:sendAbort|htmx:afterRequest")
# The browser looks for nothing outside by itself; every other request is the page's.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where the machine's Chromium is, if it has one."""
    named = os.environ.get("CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(
        chromium() is None,
        reason="no Chromium: install Debian's package chromium, or name one in CHROMIUM",
    ),
]


@contextmanager
def served(*options: str) -> Iterator[str]:
    """`dualtrack serve` on a free port, as a process of its own; stopped as a user stops it."""
    command = [sys.executable, "-m", "dualtrack", "serve", "--port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        address, said = "", []
        for line in process.stderr:
            said.append(line)
            found = re.search(r"The explorer is at (http://\S+)\. ", line)
            if found:
                address = found[1]
                break
        assert address, "".join(said)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(START_SECONDS)
        process.stderr.close()


@dataclass
class Watch:
    """What a page did that nobody sees: errors it logged, addresses it asked for."""

    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            self.errors.append(message.text)

    def request(self, request: Request) -> None:
        if urlsplit(request.url).scheme not in ("data", "blob"):
            self.hosts.add(urlsplit(request.url).netloc)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Headless Chromium."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        browser.close()


def watched(context: BrowserContext) -> tuple[Page, Watch]:
    """A new page, and a record of what it does."""
    page, watch = context.new_page(), Watch()
    page.set_viewport_size(WIDE)
    page.set_default_timeout(PATIENCE)
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    context.on("request", watch.request)
    return page, watch


def drawn(page: Page) -> None:
    """Wait for the last chart of the results that are shown."""
    expect(page.locator(".chart:not(:has(svg))")).to_have_count(0)
