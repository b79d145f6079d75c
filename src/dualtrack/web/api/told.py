"""How the interface's description tells of refusals."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class OneFault(BaseModel):
    """One of the things that are wrong."""

    about: str | None = Field(description="The parameter or key that it concerns.")
    text: str


class Told(BaseModel):
    """A refusal in words: what was seen, what was wanted, how to go on."""

    error: str
    faults: list[OneFault] = []


_WORDS = {
    400: "The body is no form, or no text in UTF-8, that can be read.",
    403: "The request came from another site, or by a name that is not the service's.",
    404: "There is no such thing, or none any more.",
    413: "What was sent is too large.",
    422: "The input cannot be used; every fault is listed.",
    429: "As much as one user may have is under way already.",
    503: "The service is being stopped, or a worker was lost.",
    504: "The work took longer than its limit.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The responses of an operation other than its answer."""
    return {status: {"model": Told, "description": _WORDS[status]} for status in statuses}
