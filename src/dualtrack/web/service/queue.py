"""Whose turn it is: clients take turns, answers that a user waits for go before those that refine."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Job = TypeVar("Job")


class FairQueue(Generic[Job]):
    """Jobs by client; each client's in its own order, the clients in turn.

    >>> queue = FairQueue()
    >>> for client, job in [("a", 1), ("a", 2), ("a", 3), ("b", 4)]:
    ...     queue.put(client, job)
    >>> [queue.take() for _ in range(4)]
    [1, 4, 2, 3]
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[Job]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def __iter__(self) -> Iterator[Job]:
        for jobs in self._waiting.values():
            yield from jobs

    def waiting(self, client: str) -> int:
        """How many jobs of a client wait."""
        return len(self._waiting.get(client, ()))

    def put(self, client: str, job: Job) -> None:
        self._waiting.setdefault(client, deque()).append(job)

    def take(self) -> Job:
        """The next job; its client goes to the end of the line.

        Raises:
            IndexError: Nothing waits.
        """
        if not self._waiting:
            raise IndexError("nothing waits")
        client, jobs = self._waiting.popitem(last=False)
        job = jobs.popleft()
        if jobs:
            self._waiting[client] = jobs
        return job

    def remove(self, client: str, job: Job) -> bool:
        """Take a job out of the line; say whether it was still in it."""
        jobs = self._waiting.get(client)
        if jobs is None or job not in jobs:
            return False
        jobs.remove(job)
        if not jobs:
            del self._waiting[client]
        return True
