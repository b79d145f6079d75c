"""The state that an address holds, read for every page that has one."""

from __future__ import annotations

from fastapi import Request

from dualtrack.web.requests import service_of
from dualtrack.web.state import Limits, Reading, read_query


def reading_of(request: Request) -> Reading:
    """The state of the address, with whatever is wrong with it."""
    query = request.query_params
    limits = Limits(paths=service_of(request).limits.most_paths)
    return read_query({name: query.getlist(name) for name in query}, limits)
