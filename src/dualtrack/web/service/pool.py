"""Worker processes whose work is shared out fairly among clients."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from dualtrack.web.service.faults import Busy, ServiceFault, TooLong, WorkerLost
from dualtrack.web.service.queue import FairQueue

STOP_SECONDS = 3.0


@dataclass(eq=False)
class _Job:
    client: str
    work: Callable[..., Any]
    arguments: tuple[Any, ...]
    patient: bool
    answer: asyncio.Future[Any]
    running: ProcessFuture[Any] | None = field(default=None)


class FairPool:
    """A pool of processes behind a queue in which clients take turns.

    Args:
        workers: Processes.
        seconds: Longest time of one job, once it runs; its process is then ended.
        niceness: How far the processes stand back for others of this machine.
        kills: Whether a job that is withdrawn is ended while it runs; else it runs to its end, unheard.
        waiting: Most jobs that wait, of all clients and of one.
    """

    def __init__(
        self, workers: int, *, seconds: float, niceness: int, kills: bool, waiting: tuple[int, int]
    ) -> None:
        self._workers = workers
        self._seconds = seconds
        self._kills = kills
        self._most, self._most_each = waiting
        self._urgent: FairQueue[_Job] = FairQueue()
        self._patient: FairQueue[_Job] = FairQueue()
        self._running: set[_Job] = set()
        self._closed = False
        self._pool = ProcessPool(
            max_workers=workers,
            context=get_context("spawn"),
            initializer=_start_worker,
            initargs=(niceness,),
        )

    async def run(self, client: str, work: Callable[..., Any], *arguments: Any, patient: bool = False) -> Any:
        """What `work(*arguments)` returns in a worker; cancelling the wait withdraws the job.

        Args:
            patient: Wait until nobody waits for an answer, and never take the last free worker of several.

        Raises:
            Busy: Too much waits already.
            TooLong: It took more than the pool's time.
            WorkerLost: The process died.
            DualtrackError: What the work itself says of its input.
        """
        queue = self._patient if patient else self._urgent
        if self._closed:
            raise ServiceFault("The explorer is being stopped. Start it again with: dualtrack serve")
        if len(self._urgent) + len(self._patient) >= self._most:
            raise Busy(f"{self._most} requests wait already. Try again in a moment.")
        if queue.waiting(client) >= self._most_each:
            raise Busy(f"{self._most_each} of your requests wait already. Wait for one, then try again.")
        job = _Job(client, work, arguments, patient, asyncio.get_running_loop().create_future())
        queue.put(client, job)
        self._start_more()
        try:
            return await job.answer
        except asyncio.CancelledError:
            self._withdraw(job)
            raise

    def position(self, client: str) -> int:
        """How many jobs wait or run, of all clients but this."""
        others = [job for job in (*self._urgent, *self._patient, *self._running) if job.client != client]
        return len(others)

    async def close(self) -> None:
        """Drop what waits, end what runs, and wait for the processes to be gone."""
        self._closed = True
        for job in [*self._urgent, *self._patient, *self._running]:
            if not job.answer.done():
                job.answer.set_exception(ServiceFault("The explorer is being stopped."))
                # Nobody may be left to hear of it.
                job.answer.exception()
        self._pool.stop()
        await asyncio.to_thread(self._pool.join, STOP_SECONDS)

    def _start_more(self) -> None:
        while len(self._running) < self._workers and not self._closed:
            job = self._next()
            if job is None:
                return
            self._running.add(job)
            job.running = self._pool.schedule(job.work, args=job.arguments, timeout=self._seconds)
            job.running.add_done_callback(self._told(job))

    def _told(self, job: _Job) -> Callable[[Future[Any]], None]:
        """What the pool's own thread calls at a job's end."""
        loop = asyncio.get_running_loop()

        def ended(done: Future[Any]) -> None:
            # The loop is closed where the server has stopped meanwhile.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._finished, job, done)

        return ended

    def _next(self) -> _Job | None:
        if len(self._urgent):
            return self._urgent.take()
        refining = sum(job.patient for job in self._running)
        if len(self._patient) and refining < max(1, self._workers - 1):
            return self._patient.take()
        return None

    def _finished(self, job: _Job, done: Future[Any]) -> None:
        self._running.discard(job)
        if not job.answer.done():
            _hand_over(done, job.answer, self._seconds)
        self._start_more()

    def _withdraw(self, job: _Job) -> None:
        queue = self._patient if job.patient else self._urgent
        if not queue.remove(job.client, job) and self._kills and job.running is not None:
            job.running.cancel()


def _hand_over(done: Future[Any], answer: asyncio.Future[Any], seconds: float) -> None:
    if done.cancelled():
        answer.cancel()
        return
    error = done.exception()
    if error is None:
        answer.set_result(done.result())
    elif isinstance(error, FutureTimeout):
        answer.set_exception(
            TooLong(
                f"This took more than {seconds:,.0f} seconds and was stopped. Ask for less: fewer paths, months or "
                "orders; or run it at the terminal, where there is no limit."
            )
        )
    elif isinstance(error, ProcessExpired):
        answer.set_exception(
            WorkerLost("The process that worked on this was lost; most likely memory ran out. Ask for less.")
        )
    else:
        answer.set_exception(error)


def _start_worker(niceness: int) -> None:
    # Ctrl-C reaches the whole group; the parent alone answers it, and ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(niceness)
