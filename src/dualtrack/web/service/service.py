"""The service behind the pages: two pools, the cache of answers, the long tasks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from dualtrack.web.service.answers import Answers
from dualtrack.web.service.faults import ServiceFault
from dualtrack.web.service.limits import Limits
from dualtrack.web.service.pool import FairPool
from dualtrack.web.service.tasks import Tasks

# The system gives a process so far back about a tenth of a core for which an answer competes.
TASK_NICENESS = 10
MOST_TASKS_WAITING = 100


class Service:
    """Everything that outlives a request; made when the server starts, closed when it stops."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._answering = FairPool(
            self.limits.workers,
            seconds=self.limits.answer_seconds,
            niceness=0,
            kills=False,
            waiting=(self.limits.waiting, self.limits.waiting_each),
        )
        self._working = FairPool(
            self.limits.workers,
            seconds=self.limits.task_seconds,
            niceness=TASK_NICENESS,
            kills=True,
            waiting=(MOST_TASKS_WAITING, self.limits.tasks_each),
        )
        self.answers = Answers(self._answering, self.limits.cache_bytes)
        self.tasks = Tasks(self._working, self.limits)
        self._warming: list[asyncio.Task[None]] = []

    def warm(self, work: Callable[..., object], *arguments: Any) -> None:
        """Let every worker that answers do some work at once, so that the first user does not wait for imports."""
        self._warming = [
            asyncio.create_task(self._warm(n, work, *arguments)) for n in range(self.limits.workers)
        ]

    async def _warm(self, number: int, work: Callable[..., object], *arguments: Any) -> None:
        try:
            await self._answering.run(f"warm {number}", work, *arguments)
        except ServiceFault:
            return  # stopped before it was warm
        except Exception:
            logging.getLogger("dualtrack.web").exception("a worker could not be made ready")

    async def close(self) -> None:
        """Stop gracefully: nothing new, tasks cancelled, processes gone, files taken away."""
        await self.tasks.close()
        await asyncio.gather(self._answering.close(), self._working.close())
