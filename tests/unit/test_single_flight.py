from __future__ import annotations

import asyncio
import logging

import pytest

from openapi_shim.single_flight import LEASE, Outage, SingleFlight

from .stores_made import FickleStore, Waiting, until
from .wechat.fakes import FakeClock


class Desk:
    """Some processes in one: each has a flight of its own over the one store."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FickleStore(self.clock)
        self.waiting = Waiting(self.clock)
        self.done = 0
        self.gate = asyncio.Event()
        self.gate.set()

    def flight(self) -> SingleFlight:
        outage = Outage("each does it for itself")
        return SingleFlight(self.store, outage, clock=self.clock, sleep=self.waiting)

    async def look(self) -> str | None:
        return await self.store.get("made")  # type: ignore[no-any-return]

    async def leased(self) -> bool:
        return await self.store.get("k/lease") is not None

    async def make(self) -> str:
        await self.gate.wait()
        self.done += 1
        made = f"made {self.done}"
        await self.store.put("made", made, expires=self.clock.now + 1000)
        return made


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_one_works_and_the_others_take_it(desk: Desk) -> None:
    results = await asyncio.gather(
        *(desk.flight().run("k", desk.look, desk.make) for _ in range(20))
    )
    assert set(results) == {"made 1"}
    assert not await desk.leased()


async def test_whoever_waits_goes_on_with_what_there_is_meanwhile(desk: Desk) -> None:
    desk.gate.clear()
    first = asyncio.create_task(desk.flight().run("k", desk.look, desk.make))
    await until(desk.leased)
    second = await desk.flight().run("k", desk.look, desk.make, meanwhile="the old one")
    assert (second, desk.waiting.times) == ("the old one", 0)
    desk.gate.set()
    assert await first == "made 1"


async def test_a_process_that_died_at_work_is_taken_over_from(desk: Desk) -> None:
    begin = desk.clock.now
    await desk.store.add("k/lease", "one that was killed", expires=begin + LEASE)
    assert await desk.flight().run("k", desk.look, desk.make) == "made 1"
    assert LEASE <= desk.clock.now - begin < LEASE + 1


async def test_a_long_work_keeps_its_lease(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi_shim.single_flight._BEAT", 0.0)
    desk.gate.clear()
    first = asyncio.create_task(desk.flight().run("k", desk.look, desk.make))
    await until(lambda: "swap" in desk.store.asked)
    for _ in range(5):
        desk.clock.now += LEASE - 1
        desk.store.asked.clear()
        await until(lambda: desk.store.asked.count("swap") >= 2)
        assert await desk.leased()
    desk.gate.set()
    assert await first == "made 1"


async def test_what_one_meets_is_its_own(desk: Desk) -> None:
    async def fail() -> str:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await desk.flight().run("k", desk.look, fail)
    assert await desk.flight().run("k", desk.look, desk.make) == "made 1"
    assert desk.waiting.times == 0


async def test_one_that_gives_up_leaves_the_lease(desk: Desk) -> None:
    desk.gate.clear()
    first = asyncio.create_task(desk.flight().run("k", desk.look, desk.make))
    await until(desk.leased)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert not await desk.leased()


async def test_without_the_store_each_works_for_itself_and_it_is_told_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    flight = desk.flight()

    async def make() -> str:
        return "alone"

    desk.store.away = True
    for _ in range(3):
        assert await flight.run("k", desk.look, make) == "alone"
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage() for record in told] == [
        "The store is away; each does it for itself"
    ]
    desk.store.away = False
    assert await flight.run("k", desk.look, make) == "alone"
    desk.store.away = True
    assert await flight.run("k", desk.look, make) == "alone"
    assert len(caplog.records) == 2, "it was back, so it is told anew"


async def test_work_is_not_done_twice_when_the_store_goes_away_under_it(desk: Desk) -> None:
    times = 0

    async def work() -> str:
        nonlocal times
        times += 1
        desk.store.away = True
        return "done"

    assert await desk.flight().run("k", desk.look, work) == "done"
    assert times == 1
