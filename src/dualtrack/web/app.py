"""The application: pages, interface and assets around one service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from dualtrack.version import __version__
from dualtrack.web.assets import mount_assets
from dualtrack.web.fault_pages import tell_faults
from dualtrack.web.headers import Guarded, Headed
from dualtrack.web.jobs.explore import warm
from dualtrack.web.routes import add_routes
from dualtrack.web.service.limits import Limits
from dualtrack.web.service.service import Service

COMPRESS_FROM = 2_000  # bytes
# A page of charts: 1 ms and 51 kB of 288; the highest level takes 10 ms for 40 kB.
COMPRESSION = 1
DESCRIPTION = (
    "The controlled trade in AI accelerators: the same engine, rules and facts as the command `dualtrack`. A run is a "
    "scenario, changes and a seed: the same numbers as `dualtrack run`."
)


def create_app(limits: Limits | None = None, hosts: Collection[str] = ()) -> FastAPI:
    """The explorer.

    Args:
        hosts: Names by which it may be called; any where there are none.
    """
    limits = limits or Limits()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = Service(limits)
        app.state.service.warm(warm, limits)
        try:
            yield
        finally:
            await app.state.service.close()

    app = FastAPI(
        title="dualtrack",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        # Their pages load scripts from elsewhere; /api shows the same.
        docs_url=None,
        redoc_url=None,
    )
    add_routes(app)
    mount_assets(app)
    tell_faults(app)
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESS_FROM, compresslevel=COMPRESSION)
    app.add_middleware(Guarded, hosts=frozenset(hosts), most_bytes=limits.body_bytes)
    app.add_middleware(Headed)
    return app
