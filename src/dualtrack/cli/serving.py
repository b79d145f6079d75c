"""The explorer."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from dualtrack.cli.options import app
from dualtrack.errors import ScenarioFault

NEEDED = ("fastapi", "uvicorn", "multipart", "pebble")
MOST_WORKERS = 64
LAST_PORT = 65_535


@app.command(epilog="Example: dualtrack serve --port 8080")
def serve(
    host: Annotated[
        str,
        typer.Option(help="Address to listen on; this machine alone unless another is given, without login."),
    ] = "127.0.0.1",
    port: Annotated[str, typer.Option(help="Port to listen on; 0 takes a free one.")] = "8000",
    workers: Annotated[
        str | None, typer.Option(help="Worker processes for answers; one for each core if not given.")
    ] = None,
) -> None:
    """Serve the explorer, the model in the browser (extra: web)."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ScenarioFault(
            f"The explorer needs {', '.join(missing)}, not installed here.\n"
            "  Install what it needs with: pip install 'dualtrack[web]', or in a clone start it with: make serve"
        )
    from dualtrack.commands.typed import whole
    from dualtrack.web.server import serve as serve_explorer

    listened = _within("--port", whole("--port", port), 0, LAST_PORT)
    count = None if workers is None else _within("--workers", whole("--workers", workers), 1, MOST_WORKERS)
    serve_explorer(host, listened, count)


def _within(option: str, number: int, low: int, high: int) -> int:
    if not low <= number <= high:
        raise ScenarioFault(f"{option} {number} is outside {low} to {high:,}.")
    return number
