"""How much one request, one user and the whole service may take."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

MEGABYTE = 1_000_000


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Limits:
    """The service's limits; each is told to a user who meets it.

    Attributes:
        workers: Processes for answers, and as many again, at low priority, for long tasks.
        first_paths: Paths of the first answer.
        fine_paths: Paths of the refined answer.
        answer_paths: Most paths of an answer at once.
        most_paths: Most paths of a run that files are made from.
        most_orders: Most rows of an order book, and of a stock.
        unpacked_bytes: Largest workbook once it is unpacked.
        answer_seconds: Longest time for an answer, once it has been started.
        task_seconds: Longest time for a long task, once it has been started.
        body_bytes: Largest request body; uploads are part of it.
        claims_bytes: Largest file of a user's own claims.
        claims_runs: Most runs that a user's own claims may need.
        cache_bytes: Answers kept.
        waiting: Most answers that wait at once, of all users.
        waiting_each: Most answers of one user that wait at once.
        tasks_each: Most long tasks of one user that wait or run at once.
        tasks_kept: Most finished tasks kept; the oldest go first.
        tasks_bytes: Files of finished tasks kept.
    """

    workers: int = field(default_factory=cores)
    first_paths: int = 512
    fine_paths: int = 2_048
    answer_paths: int = 10_000
    most_paths: int = 20_000
    most_orders: int = 200_000
    unpacked_bytes: int = 150 * MEGABYTE
    answer_seconds: float = 30.0
    task_seconds: float = 600.0
    body_bytes: int = 10 * MEGABYTE
    claims_bytes: int = 100_000
    claims_runs: int = 20
    cache_bytes: int = 200 * MEGABYTE
    waiting: int = 500
    waiting_each: int = 12
    tasks_each: int = 3
    tasks_kept: int = 100
    tasks_bytes: int = 2_000 * MEGABYTE
