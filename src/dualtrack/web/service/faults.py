"""Why the service did not answer; each says how to go on, and has its HTTP status."""

from __future__ import annotations

from dualtrack.errors import DualtrackError

WRONG_INPUT = 422


class ServiceFault(DualtrackError):
    """The service cannot answer now."""

    status = 503


class Busy(ServiceFault):
    """Too much is waiting already."""

    status = 429


class TooLong(ServiceFault):
    """The work took longer than its limit."""

    status = 504


class TooLarge(ServiceFault):
    """What was sent, or asked for, is larger than its limit."""

    status = 413


class WorkerLost(ServiceFault):
    """The worker process died over the work."""


class NotFound(ServiceFault):
    """There is no such page, file or task."""

    status = 404


class Refused(ServiceFault):
    """The request came from another site, or by another name than the service's."""

    status = 403


def status_of(error: DualtrackError) -> int:
    """The HTTP status that goes with the words of an error."""
    return error.status if isinstance(error, ServiceFault) else WRONG_INPUT
