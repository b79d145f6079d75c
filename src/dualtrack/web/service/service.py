"""The service behind the pages: two pools, the cache of answers, the long tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dualtrack.web.service.answers import Answers
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

    async def warm(self, work: Callable[..., object], *arguments: Any) -> None:
        """Let every worker that answers do some work, so that the first user does not wait for imports."""
        runs = [self._answering.run(f"warm {n}", work, *arguments) for n in range(self.limits.workers)]
        await asyncio.gather(*runs)

    async def close(self) -> None:
        """Stop gracefully: nothing new, tasks cancelled, processes gone, files taken away."""
        await self.tasks.close()
        await asyncio.gather(self._answering.close(), self._working.close())
