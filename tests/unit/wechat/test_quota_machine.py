"""The quota against a model of it: calls of two processes, cleared and bought, at all times."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from openapi_shim.catalog.days import day_of
from openapi_shim.errors import WeChatError
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.daily import DailyCalls
from openapi_shim.wechat.quota import Quota, Reservation

from .fakes import FakeClock

OCR = "ocr.driverLicense"
APPIDS = st.sampled_from(["wx1", "wx2"])
PROCESSES = st.integers(0, 1)


@dataclass(frozen=True)
class UnderWay:
    """A call that began: in which process, for whom, and where it counts."""

    process: int
    appid: str
    counter: tuple[str, str, int]
    reservation: Reservation


class Quotas(RuleBasedStateMachine):
    """A dictionary of counts is the model; what was answered is in it once, and nothing else."""

    calls = Bundle("calls")

    @initialize(limit=st.integers(0, 3), bought=st.integers(0, 3))
    def begin(self, limit: int, bought: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.limit, self.bought = limit, bought
        self.store = SqliteStore(MEMORY, clock=self.clock)
        self.quotas = [self.new_quota(), self.new_quota()]
        self.daily = DailyCalls(self.store, self.clock)
        self.free: dict[tuple[str, str, int], int] = {}
        self.spent: dict[str, int] = {}
        self.cleared: dict[tuple[str, str], int] = {}
        self.open: list[UnderWay] = []

    def new_quota(self) -> Quota:
        return Quota(self.store, self.limit, self.clock, bought=self.bought)

    def run(self, work: Awaitable[Any]) -> tuple[Any, int]:
        """What it gives, and the errcode it is refused with or 0."""

        async def do() -> tuple[Any, int]:
            try:
                return await work, 0
            except WeChatError as error:
                return None, error.errcode

        return self.loop.run_until_complete(do())

    def counter(self, appid: str) -> tuple[str, str, int]:
        day = day_of(self.clock.now)
        return appid, day.name, self.cleared.get((appid, day.month), 0)

    @rule(target=calls, appid=APPIDS, process=PROCESSES)
    def start(self, appid: str, process: int) -> Any:
        counter = self.counter(appid)
        left = max(0, self.limit - self.free.get(counter, 0))
        left += self.bought - self.spent.get(appid, 0)
        waiting = sum(one.process == process and one.counter == counter for one in self.open)
        reservation, errcode = self.run(self.quotas[process].reserve(appid, OCR))
        if errcode:
            assert errcode == 101003
            assert waiting >= left
            return multiple()
        assert waiting < left
        call = UnderWay(process, appid, counter, reservation)
        self.open.append(call)
        return call

    @rule(call=consumes(calls))
    def answer(self, call: UnderWay) -> None:
        """It is counted, or refused because others were faster: among the free, else the bought."""
        if call in self.open:
            self.open.remove(call)
        elif call.reservation._held is False:
            return  # its process was killed
        free, spent = self.free.get(call.counter, 0), self.spent.get(call.appid, 0)
        _, errcode = self.run(call.reservation.commit())
        if errcode:
            assert (errcode, free, spent) == (101003, self.limit, self.bought)
            return
        if free < self.limit:
            self.free[call.counter] = free + 1
        else:
            assert spent < self.bought
            self.spent[call.appid] = spent + 1

    @rule(call=consumes(calls))
    def fail(self, call: UnderWay) -> None:
        """It fails before it is answered, and costs nothing."""
        call.reservation.release()
        if call in self.open:
            self.open.remove(call)

    @rule(process=PROCESSES)
    def kill(self, process: int) -> None:
        """The process is gone with all its calls, and a new one is there."""
        for call in [one for one in self.open if one.process == process]:
            call.reservation.release()
            self.open.remove(call)
        self.quotas[process] = self.new_quota()

    @rule(appid=APPIDS)
    def clear(self, appid: str) -> None:
        key = appid, day_of(self.clock.now).month
        times = self.cleared.get(key, 0)
        done, errcode = self.run(self.daily.clear(appid))
        assert (done, errcode) == ((None, 48006) if times == 10 else (times + 1, 0))
        self.cleared[key] = min(10, times + 1)

    @rule(span=st.sampled_from([1, 3600, 40_000, 86_400, 31 * 86_400]))
    def wait(self, span: int) -> None:
        self.clock.now += span

    @invariant()
    def the_store_has_what_the_model_has(self) -> None:
        found, _ = self.run(self.counted())
        assert found == [
            (self.free.get(self.counter(appid), 0), self.spent.get(appid, 0))
            for appid in ("wx1", "wx2")
        ]

    async def counted(self) -> list[tuple[int, int]]:
        """Free calls of today and bought ones, as the second process tells them."""
        quota = self.quotas[1]
        return [
            ((await quota.standing(appid, OCR)).used, await quota.spent(appid, OCR))
            for appid in ("wx1", "wx2")
        ]

    def teardown(self) -> None:
        self.loop.run_until_complete(self.store.close())
        self.loop.close()


Quotas.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestQuotas = Quotas.TestCase
