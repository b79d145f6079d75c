"""Run independent jobs here, in worker processes or on a Dask cluster; a lost worker costs time, not results."""

from __future__ import annotations

import pickle
import signal
import threading
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeVar

from dualtrack.errors import DualtrackError, ScenarioFault

Context = TypeVar("Context")
Job = TypeVar("Job")
Result = TypeVar("Result")

MOST_WORKERS = 256
JOBS_AHEAD = 3  # per worker: enough to keep it busy, few enough that results do not pile up
LOSSES_WITHOUT_PROGRESS = 3
CONNECT_SECONDS = 10


class WorkersLost(DualtrackError):
    """Worker processes die faster than jobs are finished."""


@dataclass(frozen=True)
class Where:
    """Where jobs run.

    Attributes:
        workers: Processes on this machine; 1 is this process alone.
        cluster: Address of a Dask scheduler; its workers are used instead.
    """

    workers: int = 1
    cluster: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.workers <= MOST_WORKERS:
            raise ScenarioFault(f"--workers {self.workers} is outside 1 to {MOST_WORKERS}.")
        if self.cluster is not None and self.workers != 1:
            raise ScenarioFault(
                "--workers and --cluster exclude each other: a cluster's workers are started with it. Leave one out."
            )


def run_jobs(
    work: Callable[[Context, Job], Result], context: Context, jobs: Sequence[Job], where: Where
) -> Iterator[tuple[int, Result]]:
    """Each job's position and result, as they are done and in no particular order.

    Args:
        work: A function that a worker can import.
        context: What all jobs share; it is sent to a worker once.
        where: Here, in processes, or on a cluster. The results are the same.

    Raises:
        WorkersLost: Workers died again and again without finishing anything.
        ScenarioFault: The cluster cannot be reached, or runs other versions.
    """
    if where.cluster is not None:
        yield from _on_cluster(work, context, jobs, where.cluster)
    elif where.workers == 1 or len(jobs) <= 1:
        for position, job in enumerate(jobs):
            yield position, work(context, job)
    else:
        yield from _in_processes(work, context, jobs, where.workers)


def _in_processes(
    work: Callable[[Context, Job], Result], context: Context, jobs: Sequence[Job], workers: int
) -> Iterator[tuple[int, Result]]:
    waiting = list(range(len(jobs)))[::-1]
    losses = 0
    while waiting:
        pool = ProcessPoolExecutor(
            min(workers, len(waiting)),
            mp_context=get_context("spawn"),
            initializer=_start_worker,
            initargs=(work, context),
        )
        running: dict[Future[Result], int] = {}
        try:
            while waiting or running:
                with _interrupts_held():
                    while waiting and len(running) < JOBS_AHEAD * workers:
                        running[pool.submit(_work, jobs[waiting[-1]])] = waiting[-1]
                        waiting.pop()
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    result = done.result()
                    losses = 0
                    yield running.pop(done), result
        except BrokenProcessPool:
            losses += 1
            if losses == LOSSES_WITHOUT_PROGRESS:
                raise WorkersLost(
                    f"Worker processes ended {losses} times without finishing a job; most likely they ran out of memory.\n"
                    "  Use fewer --workers, fewer paths at once (--chunk), or one process."
                ) from None
            # What was under way with the lost worker is done again; jobs depend on nothing but themselves.
            waiting += sorted(running.values(), reverse=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits meanwhile, and workers that are started here never see it: the parent alone answers."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    came: list[int] = []
    # Workers inherit the mask. It alone holds nothing back: another thread takes the signal, and Python would
    # still raise here, with a worker half started.
    handler = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
    if came and callable(handler):
        handler(signal.SIGINT, None)


_of_worker: list[Any] = []


def _start_worker(work: Callable[[Any, Any], Any], context: Any) -> None:
    # Ctrl-C reaches the whole group; the parent alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _of_worker[:] = [work, context]


def _work(job: Any) -> Any:
    work, context = _of_worker
    return work(context, job)


def _on_cluster(
    work: Callable[[Context, Job], Result], context: Context, jobs: Sequence[Job], address: str
) -> Iterator[tuple[int, Result]]:
    try:
        from distributed import KilledWorker, as_completed
    except ImportError:
        raise ScenarioFault(
            "Dask is not installed. Install it with: pip install 'dualtrack[cluster]', or leave out --cluster."
        ) from None
    with _client(address) as client:
        # Unpickled by a task, so that a worker that joins later, or takes a lost one's place, gets it too.
        shared = client.submit(pickle.loads, pickle.dumps((work, context)))
        waiting = list(range(len(jobs)))[::-1]
        running: dict[Any, int] = {}
        done = as_completed()
        try:
            while waiting or running:
                while waiting and len(running) < JOBS_AHEAD * max(1, len(client.nthreads())):
                    position = waiting.pop()
                    future = client.submit(_apply, shared, jobs[position], pure=False)
                    running[future] = position
                    done.add(future)
                future = next(done)
                yield running.pop(future), future.result()
        except KilledWorker:
            raise WorkersLost(
                f"The workers of {address} died again and again over the same job; most likely they ran out of memory.\n"
                "  Start them with more memory, or use fewer paths at once (--chunk)."
            ) from None
        except (OSError, CancelledError) as error:
            raise WorkersLost(
                f"The scheduler at {address} went away ({type(error).__name__}).\n"
                "  Start it again, and the command: a study with --out goes on where it stopped."
            ) from None


def _apply(shared: tuple[Callable[[Any, Any], Any], Any], job: Any) -> Any:
    work, context = shared
    return work(context, job)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ScenarioFault(
            f"--cluster {address}: no Dask scheduler answers there ({type(error).__name__}).\n"
            "  Start one with `dask scheduler` and workers with `dask worker ADDRESS`, in an environment with dualtrack."
        ) from None
    with client, client.as_current():
        if not client.nthreads():
            raise ScenarioFault(
                f"--cluster {address}: the scheduler has no workers.\n  Start some with: dask worker {address}"
            )
        _check_versions(client, address)
        yield client


def _check_versions(client: Any, address: str) -> None:
    """Refuse workers whose code is not this code: their numbers could differ in silence."""
    here = _installed()
    for worker, there in client.run(_installed, on_error="return").items():
        if there != here:
            seen = there if isinstance(there, str) else f"none that can be used ({there})"
            raise ScenarioFault(
                f"--cluster {address}: worker {worker} has dualtrack {seen}; here it is {here}.\n"
                "  Install the same version there."
            )


def _installed() -> str:
    import numpy as np

    from dualtrack.version import __version__

    # The bits of a result depend on numpy as well.
    return f"{__version__} with numpy {np.__version__}"
