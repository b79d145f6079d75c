"""Long work: it shows how far it is, can be cancelled, and leaves files for a while."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dualtrack.errors import DualtrackError
from dualtrack.web.service.faults import Busy, NotFound
from dualtrack.web.service.limits import Limits
from dualtrack.web.service.pool import FairPool

PROGRESS = ".progress"
RESULT = ".result"
REPORT_SECONDS = 0.2

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Report = Callable[[int, int], None]


@dataclass(eq=False)
class Task:
    """A piece of long work.

    Attributes:
        id: Names it in addresses; cannot be guessed.
        title: What it makes, for a heading.
        key: Says everything that the result depends on; the same work is not done twice.
        page: Address that shows the result; empty where its files are all there is.
        folder: Where the work puts its files.
        ending: How it ended: done, failed or cancelled; None before that.
        error: What the work said of its input, where it failed.
    """

    id: str
    client: str
    title: str
    key: str
    page: str
    folder: Path
    ending: State | None = None
    error: str | None = None
    ended: float | None = None
    job: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def is_over(self) -> bool:
        return self.ending is not None

    @property
    def state(self) -> State:
        """How it ended; before that, whether a worker has begun it."""
        return self.ending or ("running" if (self.folder / PROGRESS).exists() else "waiting")

    def progress(self) -> tuple[int, int] | None:
        """Done and in all, as the worker last told; None before it did."""
        with suppress(OSError, ValueError):
            done, whole = json.loads((self.folder / PROGRESS).read_text())
            return int(done), int(whole)
        return None

    def result(self) -> bytes:
        """What the work returned."""
        return (self.folder / RESULT).read_bytes()

    def files(self) -> dict[str, Path]:
        """Files by name; none before it is done."""
        if self.state != "done":
            return {}
        return {path.name: path for path in sorted(self.folder.iterdir()) if not path.name.startswith(".")}


class Tasks:
    """All long work of the service, under one folder that goes with it."""

    def __init__(self, pool: FairPool, limits: Limits) -> None:
        self._pool = pool
        self._limits = limits
        self._tasks: dict[str, Task] = {}
        self._root = Path(tempfile.mkdtemp(prefix="dualtrack-serve-"))

    def start(
        self, client: str, title: str, key: str, page: str, work: Callable[..., bytes], *arguments: Any
    ) -> Task:
        """Put work in the queue, or hand back the task that does, or did, the very same.

        Args:
            page: `{id}` in it stands for the task's id.
            work: A function that a worker can import: `work(report, folder, *arguments)` returns its result,
                tells `report` how far it is, and writes its files, if any, into `folder`.

        Raises:
            Busy: The client has as many under way as one may.
        """
        for task in self._tasks.values():
            if task.key == key and task.state in ("waiting", "running", "done"):
                return task
        under_way = [t for t in self._tasks.values() if t.client == client and not t.is_over]
        if len(under_way) >= self._limits.tasks_each:
            raise Busy(
                f"{len(under_way)} long tasks of yours are under way, as many as one may have. Wait for one, or cancel it."
            )
        self._make_room()
        name = secrets.token_urlsafe(12)
        folder = self._root / name
        folder.mkdir()
        task = Task(name, client, title, key, page.replace("{id}", name), folder)
        self._tasks[name] = task
        task.job = asyncio.create_task(self._run(task, work, arguments))
        return task

    def find(self, name: str) -> Task:
        """The task of that id.

        Raises:
            NotFound: There is none, or none any more.
        """
        if name not in self._tasks:
            raise NotFound("There is no such task, or none any more: the oldest are dropped. Start it again.")
        return self._tasks[name]

    def cancel(self, task: Task) -> None:
        """End the work; what it has made is lost."""
        if not task.is_over and task.job is not None:
            self._end(task, "cancelled")
            task.job.cancel()

    def ahead(self, task: Task) -> int:
        """How many jobs of others are before a task that waits, at most."""
        return self._pool.position(task.client)

    async def close(self) -> None:
        """Cancel everything and take the files away."""
        jobs = [task.job for task in self._tasks.values() if task.job is not None and not task.is_over]
        for task in self._tasks.values():
            self.cancel(task)
        await asyncio.gather(*jobs, return_exceptions=True)
        shutil.rmtree(self._root, ignore_errors=True)

    async def _run(self, task: Task, work: Callable[..., bytes], arguments: tuple[Any, ...]) -> None:
        try:
            await self._pool.run(task.client, _work, work, task.folder, arguments)
        except asyncio.CancelledError:
            if not task.is_over:
                self._end(task, "cancelled")
        except DualtrackError as error:
            task.error = str(error)
            self._end(task, "failed")
        except Exception:
            logging.getLogger("dualtrack.web").exception("task %s (%s) failed", task.id, task.title)
            task.error = "This failed through a fault of ours. The server's log says where."
            self._end(task, "failed")
        else:
            self._end(task, "done")

    def _end(self, task: Task, state: State) -> None:
        task.ending = state
        task.ended = time.monotonic()

    def _make_room(self) -> None:
        """Drop the oldest finished tasks where there are too many, or their files are too large."""
        over = sorted((t for t in self._tasks.values() if t.is_over), key=lambda task: task.ended or 0.0)
        sizes = {task.id: _size(task.folder) for task in over}
        while over and (
            len(over) >= self._limits.tasks_kept or sum(sizes.values()) > self._limits.tasks_bytes
        ):
            oldest = over.pop(0)
            sizes.pop(oldest.id)
            del self._tasks[oldest.id]
            shutil.rmtree(oldest.folder, ignore_errors=True)


def _size(folder: Path) -> int:
    with suppress(OSError):
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return 0


def _work(work: Callable[..., bytes], folder: Path, arguments: tuple[Any, ...]) -> None:
    """In the worker: do it, telling how far it is in a file, which no killed process can leave locked."""
    last = 0.0

    def report(done: int, whole: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < REPORT_SECONDS and done < whole:
            return
        last = now
        place = folder / f"{PROGRESS}.new"
        place.write_text(json.dumps([done, whole]))
        place.replace(folder / PROGRESS)

    report(0, 1)
    result = work(report, folder, *arguments)
    (folder / RESULT).write_bytes(result)
