"""Serve the explorer until it is stopped."""

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from dualtrack.errors import ScenarioFault
from dualtrack.web.app import create_app
from dualtrack.web.headers import LOOPBACK
from dualtrack.web.service.limits import Limits

GRACE_SECONDS = 3
WAITING_CONNECTIONS = 200


def serve(host: str, port: int, workers: int | None) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        host: Address to listen on.
        port: 0 takes a free one.

    Raises:
        ScenarioFault: The address cannot be listened on.
    """
    listening = _listen(host, port)
    loopback = _is_loopback(host)
    limits = Limits() if workers is None else Limits(workers=workers)
    app = create_app(limits, hosts=LOOPBACK if loopback else ())
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
    if not loopback:
        _tell(
            f"Listening on {host}, not on this machine alone: whoever can reach {address} can use it. There is no login and no "
            "encryption; what is uploaded is kept here until it stops. Put a proxy with both before it, or leave out --host."
        )
    config = uvicorn.Config(
        app,
        log_level=logging.WARNING,
        backlog=WAITING_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
    )
    server = _Announced(
        config, f"The explorer is at {address}. It has {limits.workers} workers. Stop it with Ctrl-C."
    )
    server.run(sockets=[listening])
    _tell("Stopped.")


class _Announced(uvicorn.Server):
    """A server that says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, words: str) -> None:
        super().__init__(config)
        self._words = words

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop gracefully on Ctrl-C and SIGTERM; a stop that was asked for is no failure, so neither is sent on."""
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _tell(self._words)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _listen(host: str, port: int) -> socket.socket:
    listening: socket.socket | None = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except (OSError, UnicodeError) as error:
        if listening is not None:
            listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ScenarioFault(
            f"The explorer cannot listen on {host}, port {port}: {reason}.\n"
            "  Another may be running there. Choose another --port, or --port 0 for any that is free."
        ) from None
    return listening


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
