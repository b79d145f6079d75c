"""What handlers ask of a request: whose it is, the service, and whether anybody still waits."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import Response

from dualtrack.web.service.service import Service

Result = TypeVar("Result")

COOKIE = "dualtrack_client"


class Gone(Exception):
    """Whoever asked has hung up."""


def service_of(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


def client_of(request: Request) -> str:
    """Whose turn a request takes: the browser's cookie, or the address of a caller without one."""
    cookie = request.cookies.get(COOKIE, "")
    if cookie.isalnum() and len(cookie) == 32:
        return cookie
    return request.client.host if request.client else "unknown"


def remember_client(request: Request, response: Response) -> None:
    """Give a browser that has none a name to take turns by; it says nothing of its user."""
    if COOKIE not in request.cookies:
        response.set_cookie(COOKIE, secrets.token_hex(16), httponly=True, samesite="strict")


def content_key(*parts: Any) -> str:
    """sha256 of all that an answer follows from, plain data; the same content has the same key."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def is_fragment(request: Request) -> bool:
    """Whether a part of a page is asked for, by htmx."""
    return request.headers.get("hx-request") == "true"


async def answered(
    request: Request, key: str, work: Callable[..., bytes], *arguments: Any, patient: bool = False
) -> bytes:
    """What the work says: kept where it was asked before, else made by a worker while the asker waits.

    Args:
        key: Says everything that the answer depends on.
        patient: Let those go first who wait for a first answer.

    Raises:
        DualtrackError: What the work, or the queue, refuses.
        Gone: Nobody waits any more.
    """
    answers = service_of(request).answers
    return await while_there(request, answers.get(key, client_of(request), work, *arguments, patient=patient))


async def while_there(request: Request, answer: Awaitable[Result]) -> Result:
    """The answer, or nothing more to do once the asker has gone, as when a slider has moved on.

    Raises:
        Gone: The connection was closed first; the wait for the answer was cancelled.
    """
    waiting = asyncio.ensure_future(answer)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            raise Gone
        return waiting.result()
    finally:
        for one in (waiting, gone):
            one.cancel()


async def _gone(request: Request) -> None:
    # The body has been read by now, so the next message is the end of the connection.
    while (await request.receive())["type"] != "http.disconnect":
        pass
