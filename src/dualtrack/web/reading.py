"""The state that an address holds, read for every page that has one."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request

from dualtrack.settings.state import Limits as StateLimits
from dualtrack.settings.state import Reading, State, read_query
from dualtrack.web.requests import service_of
from dualtrack.web.service.limits import Limits


def reading_of(request: Request) -> Reading:
    """The state of the address, with whatever is wrong with it."""
    return read_query(query_of(request), state_limits(request))


def query_of(request: Request) -> dict[str, list[str]]:
    """The parameters of the address by name."""
    query = request.query_params
    return {name: query.getlist(name) for name in query}


def state_limits(request: Request) -> StateLimits:
    """The most that a state may ask of this service."""
    return StateLimits(paths=service_of(request).limits.most_paths)


def told(reading: Reading) -> list[tuple[str, str]]:
    """Everything wrong with an address, each with the name of the field that it is about."""
    return [(name, text) for name, texts in reading.by_key().items() for text in texts]


def with_paths(state: State, limits: Limits) -> State:
    """The state with a number of paths of its own: the address's, or the service's usual."""
    return replace(state, paths=state.paths or limits.fine_paths)
