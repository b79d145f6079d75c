"""Answers by what they are made of: kept while there is room, made once however many ask."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dualtrack.web.service.pool import FairPool


@dataclass
class _Making:
    task: asyncio.Task[bytes]
    listeners: int = 0


class Answers:
    """A cache in front of a pool.

    Args:
        most_bytes: Room for answers; those not asked for longest go first.
    """

    def __init__(self, pool: FairPool, most_bytes: int) -> None:
        self._pool = pool
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._making: dict[str, _Making] = {}

    def kept(self, key: str) -> bytes | None:
        """The answer, where it is there already."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    async def get(
        self,
        key: str,
        client: str,
        work: Callable[..., bytes],
        *arguments: Any,
        patient: bool = False,
    ) -> bytes:
        """The answer: kept, or being made for another, or made now.

        Args:
            key: Says everything that the answer depends on.
            patient: See `FairPool.run`.

        Raises:
            DualtrackError: See `FairPool.run`.
        """
        found = self.kept(key)
        if found is not None:
            return found
        making = self._making.get(key)
        if making is None or making.task.done():
            making = _Making(asyncio.create_task(self._make(key, client, work, arguments, patient)))
            self._making[key] = making
        making.listeners += 1
        try:
            return await asyncio.shield(making.task)
        finally:
            making.listeners -= 1
            if not making.listeners and not making.task.done():
                # Whoever asked has gone.
                making.task.cancel()

    async def _make(
        self, key: str, client: str, work: Callable[..., bytes], arguments: tuple[Any, ...], patient: bool
    ) -> bytes:
        this = asyncio.current_task()
        try:
            made: bytes = await self._pool.run(client, work, *arguments, patient=patient)
        finally:
            making = self._making.get(key)
            if making is not None and making.task is this:
                del self._making[key]
        self._keep(key, made)
        return made

    def _keep(self, key: str, made: bytes) -> None:
        self._bytes += len(made) - len(self._kept.pop(key, b""))
        self._kept[key] = made
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped)
