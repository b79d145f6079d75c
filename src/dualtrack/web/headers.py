"""What every response says to the browser, and what no request may do."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dualtrack.web.service.faults import Refused, ServiceFault, TooLarge
from dualtrack.web.service.limits import MEGABYTE

# Scripts, styles and pictures come from this server alone; Vega's interpreter needs no eval.
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Headed:
    """Put the headers on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, headed)


class Guarded:
    """Refuse requests that name another host, change something on behalf of another site, or are too large.

    Args:
        hosts: Names by which the service may be called; any where there are none.
        most_bytes: Largest body.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], most_bytes: int) -> None:
        self._app = app
        self._hosts = hosts
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fault = self._fault(scope["method"], Headers(scope=scope))
        if fault is not None:
            await PlainTextResponse(f"{fault}\n", fault.status)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most_bytes:
                raise self._too_large()
            return message

        await self._app(scope, counted, send)

    def _fault(self, method: str, headers: Headers) -> ServiceFault | None:
        host = _host(headers.get("host", ""))
        if self._hosts and host not in self._hosts:
            # Otherwise a page elsewhere could let its own name point here and read answers.
            return Refused(
                f"This service is not called {host!r}. Its names: {', '.join(sorted(self._hosts))}."
            )
        if method not in SAFE_METHODS and _is_of_another_site(headers):
            return Refused("This request came from a page of another site, so it was refused.")
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._most_bytes:
            return self._too_large()
        return None

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"What you sent is larger than {self._most_bytes / MEGABYTE:,.0f} MB, the most this service takes. Send less, or "
            "use the command at the terminal, which has no such limit."
        )


def _host(text: str) -> str:
    """The name without its port; an IPv6 address without its brackets."""
    if text.startswith("["):
        return text[1:].partition("]")[0].lower()
    return text.partition(":")[0].lower()


def _is_of_another_site(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2].lower() != headers.get("host", "").lower()
