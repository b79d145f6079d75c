"""The service: turns, limits, one answer for many, long tasks that can be cancelled."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import service_work as work
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.errors import ScenarioFault
from dualtrack.web.service.faults import Busy, NotFound, ServiceFault, TooLong, WorkerLost
from dualtrack.web.service.limits import Limits
from dualtrack.web.service.pool import FairPool
from dualtrack.web.service.queue import FairQueue
from dualtrack.web.service.service import Service
from dualtrack.web.service.tasks import Task

ONE = Limits(workers=1)


def with_service(test: Callable[[Service], Awaitable[None]], limits: Limits = ONE) -> None:
    """Run a test beside a service, which is closed whatever comes."""

    async def whole() -> None:
        service = Service(limits)
        try:
            await asyncio.wait_for(test(service), 60)
        finally:
            await service.close()

    asyncio.run(whole())


async def over(task: Task) -> None:
    while not task.is_over:
        await asyncio.sleep(0.02)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers())))
def test_nobody_is_served_twice_while_another_waits_and_each_keeps_his_own_order(
    jobs: list[tuple[str, int]],
) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue()
    for job in jobs:
        queue.put(job[0], job)
    assert len(queue) == len(jobs) == len(list(queue))
    taken = []
    while len(queue):
        waiting = {job[0] for job in queue}
        taken.append((queue.take(), waiting))
    for client in "abc":
        assert [job for job, _ in taken if job[0] == client] == [job for job in jobs if job[0] == client]
    for (first, waiting), (second, _) in pairwise(taken):
        assert first[0] != second[0] or waiting == {first[0]}


def test_an_answer_is_made_once_for_all_who_ask_and_kept() -> None:
    async def test(service: Service) -> None:
        asked = [service.answers.get("key", f"client {n}", work.process, "") for n in range(3)]
        assert len(set(await asyncio.gather(*asked))) == 1
        assert service.answers.kept("key") is not None
        assert await service.answers.get("key", "other", work.refuse, "never called") == service.answers.kept(
            "key"
        )

    with_service(test)


def test_the_answers_asked_for_least_recently_give_way() -> None:
    async def test(service: Service) -> None:
        for name in ("a", "b"):
            await service.answers.get(name, "client", work.said, name * 40)
        assert service.answers.kept("a")
        await service.answers.get("c", "client", work.said, "c" * 40)
        assert service.answers.kept("b") is None
        assert service.answers.kept("a") and service.answers.kept("c")

    with_service(test, Limits(workers=1, cache_bytes=100))


def test_clients_take_turns_and_who_only_refines_waits(tmp_path: Path) -> None:
    file = str(tmp_path / "order")

    async def test(service: Service) -> None:
        get = service.answers.get
        first = asyncio.create_task(get("0", "a", work.noted, file, "a0", 0.3))
        await asyncio.sleep(0.1)
        others = [
            get("r", "b", work.noted, file, "refining", 0.0, patient=True),
            *(get(f"a{n}", "a", work.noted, file, f"a{n}", 0.0) for n in (1, 2, 3)),
            get("b1", "b", work.noted, file, "b1", 0.0),
        ]
        await asyncio.gather(first, *others)

    with_service(test)
    assert Path(file).read_text().split() == ["a0", "a1", "b1", "a2", "a3", "refining"]


def test_who_has_gone_is_not_worked_for(tmp_path: Path) -> None:
    file = str(tmp_path / "order")

    async def test(service: Service) -> None:
        get = service.answers.get
        first = asyncio.create_task(get("0", "a", work.noted, file, "first", 0.3))
        gone = asyncio.create_task(get("1", "a", work.noted, file, "gone", 0.0))
        shared = [asyncio.create_task(get("2", "a", work.noted, file, "shared", 0.0)) for _ in range(2)]
        await asyncio.sleep(0.1)
        gone.cancel()
        shared[0].cancel()
        assert await shared[1] == b"shared"
        await first

    with_service(test)
    assert Path(file).read_text().split() == ["first", "shared"]


def test_too_much_at_once_is_refused_in_words() -> None:
    async def test(service: Service) -> None:
        get = service.answers.get
        asked = [asyncio.create_task(get(str(n), "a", work.slowly, "", 0.1)) for n in range(6)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        # One runs and two wait.
        assert [type(one) for one in found] == [bytes] * 3 + [Busy] * 3
        assert "2 of your requests wait already" in str(found[-1])

    with_service(test, Limits(workers=1, waiting_each=2))


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ((work.slowly, "", 30.0), TooLong, "more than 1 seconds"),
        ((work.die,), WorkerLost, "was lost"),
        ((work.refuse, "This"), ScenarioFault, "This cannot be used."),
        ((work.fail,), KeyError, "a fault of ours"),
    ],
)
def test_what_goes_wrong_in_a_worker_is_told_and_the_next_answer_comes(
    asked: tuple[Any, ...], error: type[Exception], words: str
) -> None:
    async def test(service: Service) -> None:
        with pytest.raises(error, match=words):
            await service.answers.get("wrong", "a", *asked)
        assert await service.answers.get("right", "a", work.said, "right") == b"right"

    with_service(test, Limits(workers=1, answer_seconds=1.0))


def test_a_long_task_tells_how_far_it_is_and_leaves_its_files() -> None:
    async def test(service: Service) -> None:
        task = service.tasks.start("a", "Work", "key", "", work.long_work, 4, 0.25)
        assert task.state == "waiting"
        seen = set()
        while not task.is_over:
            assert task.state == ("running" if task.progress() else "waiting")
            seen.add(task.progress())
            await asyncio.sleep(0.02)
        assert {(1, 4), (2, 4)} <= seen
        assert task.state == "done" and task.progress() == (4, 4)
        assert task.result() == b'{"made": 1}'
        assert {name: path.read_text() for name, path in task.files().items()} == {"made.txt": "made"}
        # The same is not done twice.
        assert service.tasks.start("b", "Work", "key", "", work.long_work, 4, 0.25) is task

    with_service(test)


def test_a_cancelled_task_ends_at_once_and_leaves_nothing() -> None:
    async def test(service: Service) -> None:
        task = service.tasks.start("a", "Work", "key", "", work.long_work, 100, 1.0)
        while not task.progress():
            await asyncio.sleep(0.02)
        service.tasks.cancel(task)
        assert task.state == "cancelled" and not task.files()
        other = service.tasks.start("a", "Other", "other", "", work.long_work, 1, 0.0)
        await asyncio.wait_for(over(other), 20)
        assert other.state == "done"
        assert task.state == "cancelled"

    with_service(test)


def test_a_task_that_cannot_be_done_says_why_and_a_fault_of_ours_does_not_show_its_inside() -> None:
    async def test(service: Service) -> None:
        refused = service.tasks.start("a", "Work", "1", "", work.long_refusal)
        failed = service.tasks.start("a", "Work", "2", "", work.long_fault)
        await asyncio.gather(over(refused), over(failed))
        assert (refused.state, refused.error) == ("failed", "It cannot be used.")
        assert failed.state == "failed" and failed.error is not None and "fault of ours" in failed.error
        assert "KeyError" not in failed.error

    with_service(test)


def test_a_client_has_a_few_long_tasks_at_once_and_old_ones_make_room() -> None:
    async def test(service: Service) -> None:
        first = service.tasks.start("a", "Work", "1", "", work.long_work, 1, 0.0)
        second = service.tasks.start("a", "Work", "2", "", work.long_work, 1, 0.0)
        with pytest.raises(Busy, match="2 long tasks of yours"):
            service.tasks.start("a", "Work", "3", "", work.long_work, 1, 0.0)
        other = service.tasks.start("b", "Work", "4", "", work.long_work, 1, 0.0)
        await asyncio.gather(*map(over, (first, second, other)))
        last = service.tasks.start("a", "Work", "5", "", work.long_work, 1, 0.0)
        await over(last)
        with pytest.raises(NotFound):
            service.tasks.find(first.id)
        assert not first.folder.exists()
        assert service.tasks.find(last.id) is last

    with_service(test, Limits(workers=1, tasks_each=2, tasks_kept=2))


def test_long_tasks_stand_back_for_answers() -> None:
    async def test() -> tuple[int, int]:
        made = []
        for niceness in (0, 10):
            pool = FairPool(1, seconds=20, niceness=niceness, kills=False, waiting=(9, 9))
            made.append(int(await pool.run("a", work.niceness, "")))
            await pool.close()
        return made[0], made[1]

    answers, tasks = asyncio.run(test())
    assert tasks - answers == 10


def test_a_service_that_stops_leaves_no_process_and_no_file() -> None:
    seen: dict[str, Any] = {}

    async def test(service: Service) -> None:
        seen["process"] = int(await service.answers.get("1", "a", work.process, ""))
        seen["task"] = service.tasks.start("a", "Work", "key", "", work.long_work, 100, 1.0)
        while not seen["task"].progress():
            await asyncio.sleep(0.02)
        seen["waiting"] = [
            asyncio.create_task(service.answers.get(str(n), "a", work.slowly, "", 30.0)) for n in (2, 3)
        ]
        await asyncio.sleep(0.1)
        await service.close()
        found = await asyncio.gather(*seen["waiting"], return_exceptions=True)
        assert all(isinstance(one, ServiceFault) for one in found)
        with pytest.raises(ServiceFault, match="being stopped"):
            await service.answers.get("4", "a", work.said, "")

    with_service(test)
    assert seen["task"].state == "cancelled" and not seen["task"].folder.parent.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(seen["process"], 0)
